"""What an HTTP answer means, before its body is read: pure rules on status and headers (R52, R53)."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from feedback_service.sources.errors import FetchError, FetchFailure
from feedback_service.sources.http.challenges import asks_for_a_person

A_PERSON = "The site wants a proof that a person is there (a CAPTCHA or the like)"
REDIRECTS_FOR_GOOD = frozenset({301, 308})
REDIRECTS = REDIRECTS_FOR_GOOD | {302, 303, 307}
REPEATING = frozenset({307, 308})
"""The redirects that send a POST on as a POST (RFC 9110, 15.4)."""
_LONGEST_WAIT = 7 * 86_400
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE)
_UNKEPT = re.compile(r"(?:^|[,\s])no-(?:store|cache)\b", re.IGNORECASE)

_FAILURES = {
    401: (FetchFailure.FORBIDDEN, "The site asks for a login, and nothing behind a login is read"),
    403: (FetchFailure.FORBIDDEN, "The site refuses to be read by programs"),
    404: (FetchFailure.NOT_FOUND, "There is no page at this address"),
    410: (FetchFailure.GONE, "The site says that this page is gone for good"),
    429: (FetchFailure.BUSY, "The site asks us to come less often"),
    451: (FetchFailure.FORBIDDEN, "The site may not show this page, for legal reasons"),
    503: (FetchFailure.BUSY, "The site is out of service for now"),
}


def failure_of(status: int, headers: Mapping[str, str], url: str, now: datetime) -> FetchError | None:
    """Return the error that status and headers stand for; None for 200, 203 and 304."""
    if status in {200, 203, 304}:
        return None
    kind, sentence = _FAILURES.get(status, (None, ""))
    if asks_for_a_person(headers):
        kind, sentence = FetchFailure.CHALLENGE, A_PERSON
    if kind is None:
        is_server = status >= HTTPStatus.INTERNAL_SERVER_ERROR
        kind = FetchFailure.SERVER if is_server else FetchFailure.REFUSED
        sentence = "The site has a fault" if is_server else "The site gave no page"
    wait = retry_after(headers.get("retry-after", ""), now)
    return FetchError(kind, f"{sentence} (HTTP {status}).", url=url, status=status, retry_after=wait)


def retry_after(value: str, now: datetime) -> int | None:
    """Return the seconds a Retry-After header asks for, in both of its forms (R53); None if it says nothing."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(int(value[:10]), _LONGEST_WAIT)
    instant = _instant(value)
    if instant is None:
        return None
    return min(max(0, int((instant - now).total_seconds())), _LONGEST_WAIT)


def fresh_for(headers: Mapping[str, str], now: datetime) -> int | None:
    """Return for how many seconds the answer says it stays fresh (RFC 9111, 5.2 and 5.3); None where it says nothing.

    `max-age` goes before `Expires`, which is counted from the site's own `Date`: its clock may be wrong. What a
    cache on the way has kept already (`Age`) is past. Up to a week.
    """
    control = headers.get("cache-control", "")
    if _UNKEPT.search(control):
        return None
    fresh = max_age(control)
    if fresh is None:
        expires = _instant(headers.get("expires", ""))
        if expires is None:
            return None
        fresh = int((expires - (_instant(headers.get("date", "")) or now)).total_seconds())
    age = headers.get("age", "").strip()
    spent = int(age[:10]) if age.isascii() and age.isdigit() else 0
    return min(max(0, fresh - spent), _LONGEST_WAIT)


def _instant(value: str) -> datetime | None:
    try:
        instant = parsedate_to_datetime(value.strip())
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def max_age(value: str) -> int | None:
    """Return the seconds of `max-age` in a Cache-Control header; None where it says nothing."""
    found = _MAX_AGE.search(value)
    return min(int(found[1]), _LONGEST_WAIT) if found else None
