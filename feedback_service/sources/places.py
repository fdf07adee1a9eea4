"""Where a source is, as it is stored: a web address, an account of an API, or a name that things are pushed under.

https://blog.example.com/feed    a feed or a page
trustpilot:main                  the account [trustpilot.main] of accounts.toml
pushed:Old reviews               what is imported or sent to us under that name
"""

import re

from feedback_service.sources.errors import FetchError, FetchFailure
from feedback_service.sources.http.fetcher import check_address
from feedback_service.sources.models import API_KINDS, SourceKind
from feedback_service.sources.texts.plain import one_line

ACCOUNT_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}", re.ASCII)
_LONGEST_NAME = 100


def kind_of(place: str) -> SourceKind | None:
    """Return the kind that the beginning of a place names (`trustpilot:`, `pushed:`); None for a web address."""
    name = place.strip().partition(":")[0]
    return next((kind for kind in (*API_KINDS, SourceKind.PUSHED) if kind.value == name), None)


def check_place(place: str, kind: SourceKind | None = None) -> str:
    """Return a place as it is stored; raise `FetchError` (bad address) where it can be none of `kind`.

    Without a `kind` the place itself says which one it is.
    """
    named = kind_of(place)
    if named is None or kind not in {None, named}:
        if kind in {*API_KINDS, SourceKind.PUSHED}:
            sentence = f"A source of the kind {kind} is written {kind}:NAME, not {place[:200]!r}."
            raise FetchError(FetchFailure.BAD_ADDRESS, sentence, url=place[:200])
        return check_address(place)
    name = place.strip().partition(":")[2]
    return pushed_place(name) if named is SourceKind.PUSHED else account_place(named, name)


def account_place(kind: SourceKind, account: str) -> str:
    """Return the place of an account of `accounts.toml`."""
    if not ACCOUNT_NAME.fullmatch(account):
        raise _bad(kind, account, "names no account: small letters, digits, - and _, 40 at most")
    return f"{kind}:{account}"


def pushed_place(name: str) -> str:
    """Return the place of what comes in under `name`."""
    clean = one_line(name)
    if not clean or len(clean) > _LONGEST_NAME:
        raise _bad(SourceKind.PUSHED, name, f"needs a name of 1 to {_LONGEST_NAME} characters")
    return f"{SourceKind.PUSHED}:{clean}"


def account_of(place: str) -> str:
    """Return the account that a place names."""
    return place.partition(":")[2]


def _bad(kind: str, name: str, what: str) -> FetchError:
    shown = f"{kind}:{name}"[:200]
    return FetchError(FetchFailure.BAD_ADDRESS, f"{shown!r} {what}.", url=shown)
