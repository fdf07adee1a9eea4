"""A form on its way: redirects that repeat it are followed, and what the site says against it is kept."""

import contextlib
from datetime import UTC, datetime

from feedback_service.sources.errors import FetchError, FetchFailure
from feedback_service.sources.http import answers
from feedback_service.sources.http.asking import Asker
from feedback_service.sources.http.received import Received
from feedback_service.sources.http.redirecting import MAX_REDIRECTS, endless, target_of
from feedback_service.sources.http.urls import Address
from feedback_service.sources.texts import plain

_LONGEST_REPLY = 2000
_LONGEST_REASON = 200
_HEADERS = ((b"Accept", b"*/*"), (b"Content-Type", b"application/x-www-form-urlencoded"))


def post(asker: Asker, address: Address, form: bytes) -> None:
    """Post a form; raise `FetchError`, with the words of the site, unless it is taken (2xx)."""
    for _ in range(MAX_REDIRECTS + 1):
        with asker.ask("POST", address, _HEADERS, form) as answer:
            target = target_of(answer, address)
            if target is None:
                _expect_success(answer, address.url)
                return
        if answer.status not in answers.REPEATING or (_is_secure(address) and not _is_secure(target)):
            sentence = "The site redirects a form to where it may not go."
            raise FetchError(FetchFailure.REDIRECTS, sentence, url=address.url, status=answer.status)
        address = target
    raise endless(address)


def _is_secure(address: Address) -> bool:
    return address.url.startswith("https:")


def _expect_success(answer: Received, url: str) -> None:
    if answer.is_success:
        return
    headers = {"retry-after": answer.listed("retry-after")}
    failure = answers.failure_of(answer.status, headers, url, datetime.now(UTC))
    kind, wait = (failure.kind, failure.retry_after) if failure else (FetchFailure.REFUSED, None)
    said = _said(answer, url)
    sentence = f"The site does not take the form (HTTP {answer.status}){f': {said}' if said else '.'}"
    raise FetchError(kind, sentence, url=url, status=answer.status, retry_after=wait)


def _said(answer: Received, url: str) -> str:
    with contextlib.suppress(FetchError):
        body, _ = answer.beginning(url, _LONGEST_REPLY)
        return plain.one_line(plain.html_to_text(body.decode("utf-8", "replace")))[:_LONGEST_REASON]
    return ""
