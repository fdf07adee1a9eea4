"""Settings: one frozen object from the environment (`FEEDBACK_*`), a TOML file and the defaults below.

The environment wins over the file. A secret may stand in a file named by `FEEDBACK_<NAME>_FILE`.
Unknown keys are errors, in the file as in the environment: a typing error must not pass in silence.
"""

import os
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, ValidationInfo, field_validator

from feedback_service.errors import Problem, SettingsError
from feedback_service.setting_values import (
    DatabaseUrl,
    DnsName,
    IpAddresses,
    Networks,
    OptionalDay,
    Ports,
    Resolver,
    SecretKey,
    SigningKeyFile,
    Strings,
    WebAddress,
)

PREFIX = "FEEDBACK_"
CONFIG_NAME = "feedback.toml"
_OUTSIDE_MODEL = frozenset({"config"})


class SmtpSecurity(StrEnum):
    """How the connection to the mail server is protected."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


class ImapSecurity(StrEnum):
    """How the connection to the mailbox is protected."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


class MailProvider(StrEnum):
    """The provider behind the mail server, where it reports bounces by web hooks and needs a header for that."""

    NONE = ""
    POSTMARK = "postmark"
    MAILJET = "mailjet"
    BREVO = "brevo"
    SENDGRID = "sendgrid"


class Settings(BaseModel):
    """Every setting, its default and its meaning (docs/settings.md says the same at length)."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    instance: Path = Field(Path("instance"), description="Folder of run-time data.")
    database_url: DatabaseUrl = Field("", description="Database URL; empty for SQLite in the instance folder.")
    secret_key: SecretKey = Field(description="Key for sessions, CSRF and keyed hashes; 32 characters or more.")
    public_url: WebAddress = Field(
        "http://127.0.0.1:8000", description="Address under which customers and staff reach us."
    )
    web_host: str = Field("127.0.0.1", description="Address the web server listens on.")
    web_port: int = Field(8000, ge=1, le=65535, description="Port the web server listens on.")
    web_threads: int = Field(8, ge=1, le=256, description="Threads of the web server.")
    trusted_proxies: int = Field(0, ge=0, le=5, description="Reverse proxies in front whose headers are believed.")
    smtp_host: str = Field("127.0.0.1", description="Mail server.")
    smtp_port: int = Field(25, ge=1, le=65535, description="Port of the mail server.")
    smtp_security: SmtpSecurity = Field(SmtpSecurity.NONE, description="none, starttls or tls.")
    smtp_user: str = Field("", description="User name at the mail server; empty for none.")
    smtp_password: SecretStr = Field(SecretStr(""), description="Password at the mail server.")
    smtp_timeout: float = Field(30, gt=0, le=300, description="Seconds to wait for the mail server.")
    smtp_connections: int = Field(4, ge=1, le=50, description="Connections to the mail server at the same time.")
    mail_per_minute: int = Field(0, ge=0, description="Most mails in a minute; 0 for no limit.")
    mail_per_hour: int = Field(0, ge=0, description="Most mails in an hour; 0 for no limit.")
    mail_domain_per_minute: int = Field(0, ge=0, description="Most mails in a minute to one domain; 0 for no limit.")
    mail_domain_per_hour: int = Field(0, ge=0, description="Most mails in an hour to one domain; 0 for no limit.")
    mail_warm_up_on: OptionalDay = Field(None, description="First day of a new sender's warm-up; empty for none.")
    mail_warm_up_first: int = Field(50, ge=1, description="Most mails on the first day of the warm-up.")
    mail_warm_up_growth: int = Field(40, ge=1, le=200, description="Percent that each day of the warm-up adds.")
    sending_addresses: IpAddresses = Field((), description="Addresses (IP) that mails leave from, for `doctor`.")
    dns_resolver: Resolver = Field(
        "", description="Resolver that `doctor` asks, address[:port]; empty for the system's."
    )
    bounce_address: str = Field("", description="Address for the return path; VERP tags are added after '+'.")
    dkim_key_file: SigningKeyFile = Field(
        None, description="Private key that signs mails (DKIM); none: not signed here."
    )
    dkim_selector: DnsName = Field(
        "", validate_default=True, description="The key's name in DNS: NAME._domainkey.DOMAIN."
    )
    dkim_domain: DnsName = Field("", description="Domain that signs; empty for that of each shop's sender.")
    mail_provider: MailProvider = Field(MailProvider.NONE, description="postmark, mailjet, brevo or sendgrid.")
    imap_host: str = Field("", description="Server of the mailbox that bounces and replies come to; empty for none.")
    imap_port: int = Field(993, ge=1, le=65535, description="Port of that server.")
    imap_security: ImapSecurity = Field(ImapSecurity.TLS, description="none, starttls or tls.")
    imap_user: str = Field("", description="User name at the mailbox.")
    imap_password: SecretStr = Field(SecretStr(""), description="Password at the mailbox.")
    imap_folder: str = Field("INBOX", description="Folder that is read.")
    imap_processed_folder: str = Field("Processed", description="Where mails go that were taken in; empty: deleted.")
    imap_timeout: float = Field(30, gt=0, le=300, description="Seconds to wait for an answer of the mailbox.")
    hook_postmark_secret: SecretStr = Field(SecretStr(""), description="Password in the address of Postmark's hook.")
    hook_mailjet_secret: SecretStr = Field(SecretStr(""), description="Password in the address of Mailjet's hook.")
    hook_brevo_secret: SecretStr = Field(SecretStr(""), description="Token or password of Brevo's hook.")
    hook_ses_topics: Strings = Field((), description="ARNs of the SNS topics that Amazon SES reports to.")
    hook_sendgrid_key: str = Field("", description="Public key of SendGrid's signed event hook.")
    hook_mailgun_key: SecretStr = Field(SecretStr(""), description="HTTP web hook signing key of Mailgun.")
    fetch_timeout: float = Field(20, gt=0, le=120, description="Seconds for one fetch, all in all.")
    fetch_max_bytes: int = Field(5_000_000, ge=10_000, description="Largest body read from a source, in bytes.")
    fetch_max_pages: int = Field(5, ge=1, le=50, description="Pages of one list of reviews that a poll reads.")
    fetch_allow_private: Networks = Field(
        (), description="Private networks that may be fetched (CIDR); none by default."
    )
    fetch_allow_ports: Ports = Field((80, 443), description="Ports that may be fetched.")
    fetch_contact: str = Field("", description="Contact shown in the User-Agent; empty for the public URL.")
    scan_workers: int = Field(8, ge=1, le=64, description="Hosts that are read at the same time.")
    poll_interval: int = Field(3600, ge=1, description="Least seconds between two polls of a source.")
    poll_interval_max: int = Field(21_600, ge=1, description="Most seconds between two polls of a source that answers.")
    api_max_pages: int = Field(5, ge=1, le=50, description="Most pages read from a review API in one poll.")
    scan_missed_after: int = Field(10_800, ge=60, description="Seconds without a scan until the operator is told.")
    heartbeat_url: str = Field("", description="Address that is asked for while the scans go well; empty for none.")
    survey_valid_days: int = Field(30, ge=1, le=90, description="Days a survey link works.")
    survey_edit_minutes: int = Field(60, ge=0, le=1440, description="Minutes an answer stays editable.")
    survey_cap_days: int = Field(
        90, ge=0, le=3650, description="Days between two surveys to one person, of all shops together; 0 for no cap."
    )
    survey_consent_countries: Strings = Field(
        ("DE",), description="Countries whose customers are asked only with a stored consent (ISO 3166-1)."
    )
    retention_address_days: int = Field(90, ge=1, description="Days after close until addresses are pseudonymised.")
    retention_answer_days: int = Field(365, ge=1, description="Days until identified answers are anonymised.")
    retention_objection_days: int = Field(1095, ge=1, description="Days the proof of an objection is kept.")
    retention_document_days: int = Field(365, ge=1, description="Days documents without a mention are kept.")
    lease_seconds: int = Field(300, ge=5, le=3600, description="Seconds until the work of a dead worker is due again.")
    jobs_pace: int = Field(1, ge=1, le=3600, description="Runs the jobs so many times as often; for demonstrations.")
    clock_offset_seconds: int = Field(0, description="Shifts the service's clock; for demonstrations.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level that is logged.")
    log_format: Literal["text", "json"] = Field("text", description="Form of the log lines.")

    @property
    def database(self) -> str:
        """The database URL in force."""
        return self.database_url or f"sqlite:///{(self.instance / 'feedback.sqlite').absolute()}"

    @property
    def public_host(self) -> str:
        """The host name of the public URL."""
        return urlsplit(self.public_url).hostname or "localhost"

    @field_validator("dkim_selector")
    @classmethod
    def _goes_with_the_key(cls, value: str, info: ValidationInfo) -> str:
        # A key that is amiss is not among the values; it has been complained of already.
        if (info.data.get("dkim_key_file", value) is None) == bool(value):
            msg = "it and dkim_key_file go together: set both, or neither"
            raise ValueError(msg)
        return value


def load_settings(environ: Mapping[str, str] | None = None, **overrides: object) -> Settings:
    """Read the settings; raise `SettingsError` with every problem found, not only the first.

    `overrides` win over the environment; they come from command-line options.
    """
    environ = os.environ if environ is None else environ
    problems: list[Problem] = []
    from_environment = _from_environment(environ, problems)
    instance = Path(str(overrides.get("instance") or from_environment.get("instance", "instance")))
    config = Path(environ.get(f"{PREFIX}CONFIG") or instance / CONFIG_NAME)
    from_file = _from_file(config, problems, required=f"{PREFIX}CONFIG" in environ)
    values = {"instance": instance} | from_file | from_environment | overrides
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        # What is missing may stand in a file that could not be read: then that is the problem, not this.
        unread = any(problem.id.startswith("settings.file.") for problem in problems)
        details = [dict(detail) for detail in error.errors() if not (unread and detail["type"] == "missing")]
        problems += [_problem(detail) for detail in details]
    if problems:
        raise SettingsError(problems)
    return settings


def _from_environment(environ: Mapping[str, str], problems: list[Problem]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for variable, value in environ.items():
        if not variable.startswith(PREFIX):
            continue
        key = variable.removeprefix(PREFIX).lower()
        if key in Settings.model_fields:
            values[key] = value
        elif key.endswith("_file") and key.removesuffix("_file") in Settings.model_fields:
            _read_secret(variable, value, key.removesuffix("_file"), values, problems)
        elif key not in _OUTSIDE_MODEL:
            sentence = f"The environment variable {variable} is not a setting. docs/settings.md lists them all."
            problems.append(Problem("settings.unknown", sentence))
    return values


def _read_secret(variable: str, path: str, key: str, values: dict[str, Any], problems: list[Problem]) -> None:
    try:
        values[key] = Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        sentence = f"{variable} names {path!r}, which cannot be read: {error.strerror}."
        problems.append(Problem(f"settings.{key}.unreadable", sentence))
    except UnicodeDecodeError:
        sentence = f"{variable} names {path!r}, which is not UTF-8 text."
        problems.append(Problem(f"settings.{key}.unreadable", sentence))


def _from_file(config: Path, problems: list[Problem], *, required: bool) -> dict[str, Any]:
    try:
        return tomllib.loads(config.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if required:
            problems.append(Problem("settings.file.missing", f"The settings file {config} does not exist."))
    except OSError as error:
        problems.append(Problem("settings.file.unreadable", f"The settings file {config}: {error.strerror}."))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(Problem("settings.file.invalid", f"The settings file {config} is not TOML: {error}."))
    return {}


def _problem(detail: dict[str, Any]) -> Problem:
    key = ".".join(str(part) for part in detail["loc"])
    match detail["type"]:
        case "extra_forbidden":
            return Problem("settings.unknown", f"{key!r} is not a setting. docs/settings.md lists them all.")
        case "missing":
            sentence = f"{PREFIX}{key.upper()} is missing. `feedback-service init` writes a settings file that has it."
            return Problem(f"settings.{key}.missing", sentence)
        case _:
            reason = str(detail["msg"]).removeprefix("Value error, ")
            return Problem(f"settings.{key}.invalid", f"{key}: {reason}.")
