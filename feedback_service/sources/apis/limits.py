"""What the answer of an API means before it is read: limits, refusals, faults. Pure rules on status, headers and body.

429 with Retry-After is what all of them say (R53). Google says 403 with a reason as well, and its wait in the body
(google.rpc.RetryInfo); Apple counts the hour in `X-Rate-Limit: user-hour-lim:3500;user-hour-rem:0;`.
"""

import re
from datetime import datetime
from http import HTTPStatus

from feedback_service.sources.apis.payloads import Node, node_at, nodes_at, parsed
from feedback_service.sources.errors import FetchError, FetchFailure, ReadError
from feedback_service.sources.http import answers
from feedback_service.sources.http.pages import Answer

_REFUSED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
_QUOTA = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "dailyLimitExceeded"})
_REMAINING = re.compile(r"user-hour-rem:(\d{1,9})")
_RETRY_DELAY = re.compile(r"(\d{1,9})(?:\.\d{1,9})?s")
_EPOCH_FROM = 1_000_000_000
_REST_OF_AN_HOUR = 900


def failure_of(answer: Answer, service: str, account: str, url: str, now: datetime) -> FetchError | None:
    """Return the error that an answer stands for; None for 2xx and 304."""
    status = answer.status
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES or status == HTTPStatus.NOT_MODIFIED:
        return None
    if status == HTTPStatus.TOO_MANY_REQUESTS or (status == HTTPStatus.FORBIDDEN and _is_quota(answer)):
        sentence = f"{service} asks us to come less often (HTTP {status})."
        return FetchError(FetchFailure.BUSY, sentence, url=url, status=status, retry_after=wait_asked(answer, now))
    if status in _REFUSED:
        sentence = f"{service} refuses the account {account} (HTTP {status}): its key is wrong, expired or withdrawn."
        return FetchError(FetchFailure.ACCOUNT, sentence, url=url, status=status)
    if status == HTTPStatus.NOT_FOUND:
        sentence = f"{service} does not know what the account {account} asks for (HTTP {status})."
        return FetchError(FetchFailure.ACCOUNT, sentence, url=url, status=status)
    if status < HTTPStatus.BAD_REQUEST:
        sentence = f"{service} sends us to another address (HTTP {status}), where no secret is sent."
        return FetchError(FetchFailure.REFUSED, sentence, url=url, status=status)
    return answers.failure_of(status, answer.headers, url, now)


def token_failure_of(answer: Answer, service: str, account: str, url: str, now: datetime) -> FetchError | None:
    """Return the error of an answer to who asked for a token: there a 400 is a refusal too (RFC 6749, 5.2)."""
    if answer.status == HTTPStatus.BAD_REQUEST or answer.status in _REFUSED:
        said = f"{service} gives no token for the account {account} (HTTP {answer.status})"
        sentence = f"{said}: what it holds is wrong or expired."
        return FetchError(FetchFailure.ACCOUNT, sentence, url=url, status=answer.status)
    return failure_of(answer, service, account, url, now)


def is_used_up(answer: Answer) -> bool:
    """Tell whether a good answer says that it was the last one for a while."""
    headers = answer.headers
    apple = _REMAINING.search(headers.get("x-rate-limit", ""))
    left = apple[1] if apple else headers.get("x-ratelimit-remaining", headers.get("ratelimit-remaining", ""))
    return left.strip().isdecimal() and int(left.strip()[:9]) == 0


def wait_asked(answer: Answer, now: datetime) -> int | None:
    """Return the seconds that an answer asks us to wait; None where it says nothing."""
    headers = answer.headers
    told = answers.retry_after(headers.get("retry-after", ""), now)
    if told is None:
        told = _until_reset(headers.get("x-ratelimit-reset", headers.get("ratelimit-reset", "")), now)
    if told is None:
        told = _retry_delay(answer)
    return _REST_OF_AN_HOUR if told is None and "x-rate-limit" in headers else told


def _until_reset(value: str, now: datetime) -> int | None:
    seconds = answers.retry_after(value, now) if value.strip().isdecimal() else None
    if seconds is None:
        return None
    instant = int(value.strip()[:10])
    return max(0, instant - int(now.timestamp())) if instant >= _EPOCH_FROM else seconds


def _is_quota(answer: Answer) -> bool:
    error = _google_error(answer)
    reasons = {error.get("status"), *(each.get("reason") for each in nodes_at(error, "errors"))}
    return bool({reason for reason in reasons if isinstance(reason, str)} & (_QUOTA | {"RESOURCE_EXHAUSTED"}))


def _retry_delay(answer: Answer) -> int | None:
    for detail in nodes_at(_google_error(answer), "details"):
        found = _RETRY_DELAY.fullmatch(str(detail.get("retryDelay", ""))[:30])
        if found:
            return int(found[1])
    return None


def _google_error(answer: Answer) -> Node:
    try:
        return node_at(parsed(answer.body, "", ""), "error")
    except ReadError:
        return {}
