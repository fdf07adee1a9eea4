"""The shop's accounts at review services: `accounts.toml` in the instance folder, one table for each.

    [trustpilot.main]
    key = "..."
    secret = "..."
    business_unit = "507f191e810c19729de860ea"

The file holds secrets, so nobody but its owner may read it, unknown keys are errors, and no value of it is ever
part of a message, a log line or a `repr`.
"""

import ipaddress
import re
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

from feedback_service.errors import InvalidInputError
from feedback_service.sources.models import SourceKind
from feedback_service.sources.places import ACCOUNT_NAME

FILE_NAME = "accounts.toml"
_WHERE = re.compile(r"at line (\d+)")
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def _one_word(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    if not text.isascii() or not text.isprintable() or " " in text:
        msg = "holds spaces, line ends or accents, which no key does"
        raise ValueError(msg)
    return value


def _one_id(value: str) -> str:
    # It becomes part of a path: nothing that could lead to another one.
    if not value.isascii() or not value.replace("_", "").replace("-", "").replace(".", "").isalnum() or ".." in value:
        msg = "is not an id: letters, digits, '.', '-' and '_'"
        raise ValueError(msg)
    return value


def safe_url(url: str) -> str:
    """Return the address of an API without a slash at its end; raise `ValueError` where it is none, or not safe.

    Only with this machine (a proxy, a test) may one speak without TLS. What is part of an address is shown.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        is_safe = bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and _is_this_machine(host)))
    except ValueError:
        is_safe = False
    if not is_safe or any(mark in url for mark in "@?#"):
        msg = "is not an address that begins with https:// and carries nothing else"
        raise ValueError(msg)
    return url.rstrip("/")


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


Secret = Annotated[SecretStr, Field(min_length=1, max_length=10_000), AfterValidator(_one_word)]
Id = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_one_id)]
Url = Annotated[str, AfterValidator(safe_url)]


class Account(BaseModel):
    """What every account has: `base_url` is where the API is, other than usual only for a proxy or a test."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    base_url: Url


class TrustpilotAccount(Account):
    """Trustpilot Business: without a `secret` only the public reviews are read, and nothing can be answered."""

    base_url: Url = "https://api.trustpilot.com"
    key: Secret
    secret: Secret | None = None
    business_unit: Id
    business_user: Id | None = None


class GoogleReviewsAccount(Account):
    """Google Business Profile: an OAuth client and the refresh token of somebody who manages the location."""

    base_url: Url = "https://mybusiness.googleapis.com"
    token_url: Url = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
    client_id: Secret
    client_secret: Secret
    refresh_token: Secret
    account: Id
    location: Id


class AvisVerifiesAccount(Account):
    """Avis Vérifiés (Skeepers): the Published API with a client, or the hosted files of a website without one."""

    base_url: Url = "https://api.skeepers.io"
    token_url: Url = "https://auth.skeepers.io/realms/skeepers/protocol/openid-connect/token"  # noqa: S105 - an address
    files_url: Url = "https://cl.avis-verifies.com"
    client_id: Secret | None = None
    client_secret: Secret | None = None
    reviews: Annotated[str, Field(pattern="^(brands|products)$")] = "brands"
    website_id: Id | None = None
    product_id: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    platform: Annotated[str, Field(pattern="^[a-z]{2}$")] = "fr"

    @model_validator(mode="after")
    def _is_one_or_the_other(self) -> "AvisVerifiesAccount":
        is_api = self.client_id is not None and self.client_secret is not None
        if is_api == (self.website_id is not None) or (self.client_id is None) != (self.client_secret is None):
            msg = "needs client_id and client_secret (the API), or website_id (the hosted files), and not both"
            raise ValueError(msg)
        return self


class AppStoreAccount(Account):
    """App Store Connect: an API key of the role Customer Support or above; `private_key_file` is the .p8 file."""

    base_url: Url = "https://api.appstoreconnect.apple.com"
    issuer: Id
    key_id: Id
    private_key_file: Path
    app: Id


class GooglePlayAccount(Account):
    """Google Play: a service account that may answer reviews; `service_account_file` is its JSON key."""

    base_url: Url = "https://androidpublisher.googleapis.com"
    service_account_file: Path
    package: Id


MODELS: Mapping[SourceKind, type[Account]] = {
    SourceKind.TRUSTPILOT: TrustpilotAccount,
    SourceKind.GOOGLE_REVIEWS: GoogleReviewsAccount,
    SourceKind.AVIS_VERIFIES: AvisVerifiesAccount,
    SourceKind.APP_STORE: AppStoreAccount,
    SourceKind.GOOGLE_PLAY: GooglePlayAccount,
}

AnyAccount = TypeVar("AnyAccount", bound=Account)


class AccountBook:
    """Reads the accounts of an installation; each time anew, so that a corrected file counts at the next poll."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def account(self, model: type[AnyAccount], kind: SourceKind, name: str) -> AnyAccount:
        """Return one account; raise `InvalidInputError` where the file or the account cannot be used."""
        tables = self._tables(kind)
        if name not in tables:
            sentence = f"There is no account [{kind}.{name}] in {FILE_NAME}."
            raise InvalidInputError(sentence, field=name)
        try:
            return model.model_validate(tables[name])
        except ValidationError as error:
            problems = "; ".join(_problem(dict(detail)) for detail in error.errors(include_input=False))
            sentence = f"The account [{kind}.{name}] of {FILE_NAME} cannot be used: {problems}."
            raise InvalidInputError(sentence, field=name) from None

    def secret_file(self, path: Path) -> bytes:
        """Return what is in a key file (relative ones lie in the instance folder); the same checks as for ours."""
        return _read_secret(self._folder / path)

    def _tables(self, kind: SourceKind) -> Mapping[str, Any]:
        try:
            content = tomllib.loads(_read_secret(self._folder / FILE_NAME).decode())
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            # The error itself may quote what the file holds; only where it is may be said.
            found = _WHERE.search(str(error))
            where = f" (line {found[1]})" if found else ""
            sentence = f"{FILE_NAME} is not TOML{where}: check its quotation marks and brackets."
            raise InvalidInputError(sentence, field=FILE_NAME) from None
        unknown = sorted(set(content) - {known.value for known in MODELS})
        if unknown:
            sentence = f"{FILE_NAME} names {', '.join(map(repr, unknown))}; there are: {', '.join(MODELS)}."
            raise InvalidInputError(sentence, field=FILE_NAME)
        tables = content.get(kind.value, {})
        if not isinstance(tables, dict) or not all(map(ACCOUNT_NAME.fullmatch, tables)):
            sentence = f"{FILE_NAME}: accounts are written [{kind}.name], in small letters, digits, - and _."
            raise InvalidInputError(sentence, field=FILE_NAME)
        return tables


def _read_secret(path: Path) -> bytes:
    """Return the content of a file that only its owner may read."""
    try:
        if path.stat().st_mode & _OTHERS:
            sentence = f"{path.name} holds secrets and may be read by others than its owner: chmod 600."
            raise InvalidInputError(sentence, field=path.name)
        return path.read_bytes()
    except FileNotFoundError as error:
        sentence = f"There is no file {path.name} in the instance folder."
        raise InvalidInputError(sentence, field=path.name) from error
    except OSError as error:
        sentence = f"{path.name} cannot be read: {error.strerror}."
        raise InvalidInputError(sentence, field=path.name) from error


def _problem(detail: Mapping[str, Any]) -> str:
    key = ".".join(str(part) for part in detail["loc"])
    if detail["type"] == "extra_forbidden":
        return f"{key}: there is no such key"
    if detail["type"] == "missing":
        return f"{key} is missing"
    reason = str(detail["msg"]).removeprefix("Value error, ")
    return f"{key}: {reason}" if key else reason
