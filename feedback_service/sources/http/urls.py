"""An address as text: what of it is fetched, and in which parts it goes on the wire. Whether it may be is `addresses`.

httpx reads it, also names that are not ASCII. That costs about as much as a system call, so what it found is kept.
"""

from dataclasses import dataclass
from functools import lru_cache

import httpcore
import httpx

from feedback_service.sources.errors import FetchError, FetchFailure

_MAX_URL = 4000
_KEPT = 2048
_PORTS = {"http": 80, "https": 443}
_UNREADABLE = (httpx.InvalidURL, UnicodeError, ValueError)


@dataclass(frozen=True, slots=True)
class Address:
    """An address as it will be fetched.

    Attributes:
        url: all of it, without a fragment.
        host: its name as people read it.
        ascii_host: its name as the resolver and TLS read it.
        port: also where the address names none.
        netloc: name and port, as they stand in `Host`; the port only where it is not the usual one.
        wire: its parts, for httpcore.
    """

    url: str
    host: str
    ascii_host: str
    port: int
    netloc: bytes
    wire: httpcore.URL


def check_address(url: str) -> str:
    """Return `url` as it will be fetched; raise `FetchError` (bad address) unless it is plain http(s).

    This looks at the text only: whether the host may be reached is decided when it is resolved.
    """
    return addressed(url).url


@lru_cache(maxsize=_KEPT)
def addressed(url: str) -> Address:
    """Return `url` in its parts; raise `FetchError` (bad address) unless it is plain http(s)."""
    try:
        parts = httpx.URL(url.strip())
    except _UNREADABLE as error:
        raise _bad_address(url, "cannot be read as an address") from error
    if parts.scheme not in _PORTS or not parts.host:
        raise _bad_address(url, "is not an address that begins with http:// or https://")
    if parts.userinfo:
        raise _bad_address(url, "carries a user name; nothing behind a login is read (R18)")
    if len(url) > _MAX_URL or any(character in parts.host for character in " %\\@") or parts.host.startswith("."):
        raise _bad_address(url, "has no usable host name")
    return _in_parts(str(parts.copy_with(fragment=None)))


def joined(address: Address, location: str) -> Address:
    """Return where a redirect from `address` to `location` leads; raise `FetchError` (bad address) for nowhere."""
    try:
        target = str(httpx.URL(address.url).join(location))
    except _UNREADABLE as error:
        sentence = "The site redirects to something that is not an address."
        raise FetchError(FetchFailure.BAD_ADDRESS, sentence, url=address.url) from error
    return addressed(target)


def _in_parts(url: str) -> Address:
    parts = httpx.URL(url)
    wire = httpcore.URL(scheme=parts.raw_scheme, host=parts.raw_host, port=parts.port, target=parts.raw_path)
    return Address(
        url, parts.host, parts.raw_host.decode("ascii"), parts.port or _PORTS[parts.scheme], parts.netloc, wire
    )


def _bad_address(url: str, what: str) -> FetchError:
    return FetchError(FetchFailure.BAD_ADDRESS, f"{url[:200]!r} {what}.", url=url[:200])
