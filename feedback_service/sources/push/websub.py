"""WebSub (W3C Recommendation, 2018) as a subscriber sees it: pure rules (R47, R56).

A hub is told a callback that cannot be guessed and a secret. It asks back at the callback whether we meant it,
and from then on posts there what the feed publishes, signed with the secret, until the lease ends.

Neither callback nor secret is kept: both follow from the installation's key and a random nonce, so that a copy
of the database is not enough to push anything.
"""

import hashlib
import hmac
import ipaddress
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit, urlunsplit

ASKED_LEASE = timedelta(days=10)
SHORTEST_LEASE = timedelta(minutes=10)
LONGEST_LEASE = timedelta(days=30)
CONFIRMED_WITHIN = timedelta(days=1)
"""How long after our request a hub may still ask whether we meant it; some ask from a queue."""
FIRST_PATIENCE = timedelta(hours=1)
LONGEST_PATIENCE = timedelta(days=1)
AFTER_DENIAL = timedelta(days=7)
MOST_GOODBYES = 3
LONGEST_CHALLENGE = 1000
_MARGIN = 0.2
_MAX_DOUBLINGS = 10
_LOCAL_NAMES = frozenset({"localhost"})
_HASHES: Mapping[str, Callable[..., Any]] = {
    "sha1": hashlib.sha1,
    "sha256": hashlib.sha256,
    "sha384": hashlib.sha384,
    "sha512": hashlib.sha512,
}


class Mode(StrEnum):
    """What is asked of a hub, and what it asks back or says (`hub.mode`)."""

    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"
    DENIED = "denied"


def callback_token(key: str, nonce: str) -> str:
    """Return the part of the callback's address that cannot be guessed: 256 bits, in hex."""
    return _derived(key, "callback", nonce)


def signing_secret(key: str, nonce: str) -> str:
    """Return the `hub.secret`: 64 characters, where fewer than 200 bytes are allowed."""
    return _derived(key, "secret", nonce)


def _derived(key: str, purpose: str, nonce: str) -> str:
    return hmac.new(key.encode(), f"websub-{purpose}:{nonce}".encode(), hashlib.sha256).hexdigest()


def is_signed(header: str, secret: str, body: bytes) -> bool:
    """Tell whether `header` (X-Hub-Signature: `method=hex`) signs the raw `body`; in constant time (R47, R56)."""
    method, _, given = header.strip().partition("=")
    algorithm = _HASHES.get(method.strip().lower())
    if algorithm is None or not secret:
        return False
    wanted = hmac.new(secret.encode(), body, algorithm).hexdigest()
    return hmac.compare_digest(wanted.encode(), given.strip().lower().encode("utf-8", "replace"))


def is_known_method(header: str) -> bool:
    """Tell whether `header` names a method that can be checked: a body without one need not be read."""
    return header.partition("=")[0].strip().lower() in _HASHES


def subscription_form(mode: Mode, topic: str, callback: str, secret: str) -> dict[str, str]:
    """Return the fields of a request to a hub; `hub.verify` is for hubs of the time before WebSub."""
    asked = {"hub.mode": mode.value, "hub.topic": topic, "hub.callback": callback, "hub.verify": "async"}
    if mode is Mode.UNSUBSCRIBE:
        return asked
    return asked | {"hub.secret": secret, "hub.lease_seconds": str(int(ASKED_LEASE.total_seconds()))}


def lease_of(raw: str) -> timedelta:
    """Return the lease that a hub grants, within bounds; what is no number counts as the one we asked for."""
    text = raw.strip()
    if not (text.isascii() and text.isdigit()):
        return ASKED_LEASE
    return min(max(timedelta(seconds=int(text[:12])), SHORTEST_LEASE), LONGEST_LEASE)


def renewal_after(lease: timedelta, chance: float) -> timedelta:
    """Return when to ask again, counted from the start of a lease: in the fifth before its last tenth, spread out.

    `chance` is 0-1. An hour of a day's lease, a day of ten days' are left for a hub that does not answer at once.
    """
    return lease * (1 - _MARGIN + _MARGIN / 2 * chance)


def patience(failures: int, retry_after: int | None = None) -> timedelta:
    """Return how long to wait after the `failures`-th request without success: doubling from an hour up to a day."""
    grown = FIRST_PATIENCE * int(2 ** min(max(failures - 1, 0), _MAX_DOUBLINGS))
    return max(min(grown, LONGEST_PATIENCE), timedelta(seconds=retry_after or 0))


def is_trusted(last_push_at: datetime | None, last_new_at: datetime | None) -> bool:
    """Tell whether a hub has brought the latest news: one that keeps silent while polls find some is not relied on."""
    return last_push_at is not None and (last_new_at is None or last_push_at >= last_new_at)


def callback_problem(public_url: str, private: Iterable[str]) -> str:
    """Return why no hub may call `public_url` back, in words; empty when it may.

    A callback on http could be read on the way, and with it what lets anybody end the subscription.
    `private` are the networks of `fetch_allow_private`: inside them http will do.
    """
    if public_url.startswith("https://") or is_inside(public_url, private):
        return ""
    return (
        f"No feed is pushed, all are polled: public_url ({public_url}) does not begin with https://, "
        "and a hub calls only what is encrypted."
    )


def hub_address(hub: str, private: Iterable[str]) -> str:
    """Return the address of a hub to ask: https instead of http, for the secret goes there; http inside `private`."""
    parts = urlsplit(hub.strip())
    if parts.scheme != "http" or is_inside(hub, private):
        return hub.strip()
    host = parts.netloc.removesuffix(":80")
    return urlunsplit(("https", host, parts.path, parts.query, ""))


def is_inside(url: str, private: Iterable[str]) -> bool:
    """Tell whether the host of `url`, a number or 'localhost', is in one of the networks; names are not resolved."""
    try:
        host = urlsplit(url.strip()).hostname or ""
        address = ipaddress.ip_address("127.0.0.1" if host in _LOCAL_NAMES else host)
    except ValueError:
        return False
    networks = map(ipaddress.ip_network, private)
    return any(address.version == network.version and address in network for network in networks)
