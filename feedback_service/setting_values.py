"""Values of settings: the types that say what a value must look like. Each raises `ValueError` with a sentence.

A value comes as text from the environment, or as what TOML knows from the file.
"""

import ipaddress
import re
from datetime import date
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import sqlalchemy as sa
from pydantic import AfterValidator, BeforeValidator, SecretStr

from feedback_service import signing_keys

_SECRET_LENGTH = 32
_RESOLVER = re.compile(
    r"\[(?P<six>[0-9a-fA-F:.]+)\](?::\d{1,5})?|(?P<four>[0-9.]+)(?::\d{1,5})?|(?P<bare>[0-9a-fA-F:]+)"
)


def _split(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _empty_is_none(value: object) -> object:
    return None if value == "" else value


def _long_enough(value: SecretStr) -> SecretStr:
    if len(value.get_secret_value()) < _SECRET_LENGTH:
        msg = f"must have at least {_SECRET_LENGTH} characters; `feedback-service init` writes a random one"
        raise ValueError(msg)
    return value


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        msg = f"must be an address like https://feedback.example.com, not {value!r}"
        raise ValueError(msg)
    return value.rstrip("/")


def _database(value: str) -> str:
    if not value:
        return value
    try:
        url = sa.make_url(value)
    except sa.exc.ArgumentError as error:
        msg = "must be a URL like postgresql+psycopg://user:password@host/name or sqlite:////folder/file"
        raise ValueError(msg) from error
    if url.get_backend_name() == "postgresql":
        return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    if url.get_backend_name() != "sqlite":
        msg = f"names {url.get_backend_name()!r}; SQLite and PostgreSQL are supported"
        raise ValueError(msg)
    return value


def _signing_key(value: Path | None) -> Path | None:
    if value is not None:
        signing_keys.read_key(value)
    return value


def _dns_name(value: str) -> str:
    return signing_keys.dns_name(value) if value else value


def _addresses(value: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(str(ipaddress.ip_address(address)) for address in value)


def _resolver(value: str) -> str:
    found = _RESOLVER.fullmatch(value)
    if value and not found:
        msg = f"must be an address like 192.0.2.53, 192.0.2.53:5353 or [2001:db8::53]:5353, not {value!r}"
        raise ValueError(msg)
    if found:
        ipaddress.ip_address(found["six"] or found["four"] or found["bare"])
    return value


def _networks(value: tuple[str, ...]) -> tuple[str, ...]:
    for network in value:
        ipaddress.ip_network(network)
    return value


OptionalDay = Annotated[date | None, BeforeValidator(_empty_is_none)]
Strings = Annotated[tuple[str, ...], BeforeValidator(_split)]
Ports = Annotated[tuple[int, ...], BeforeValidator(_split)]
SecretKey = Annotated[SecretStr, AfterValidator(_long_enough)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
DatabaseUrl = Annotated[str, AfterValidator(_database)]
SigningKeyFile = Annotated[Path | None, AfterValidator(_signing_key)]
DnsName = Annotated[str, AfterValidator(_dns_name)]
IpAddresses = Annotated[Strings, AfterValidator(_addresses)]
Resolver = Annotated[str, AfterValidator(_resolver)]
Networks = Annotated[Strings, AfterValidator(_networks)]
