"""How a review API is polled: its first page, and the next ones only when that has changed."""

import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Generic

import structlog

from feedback_service.clock import Clock
from feedback_service.errors import InvalidInputError
from feedback_service.hashing import content_digest
from feedback_service.settings import Settings
from feedback_service.sources.adapters import Asked, Polled
from feedback_service.sources.apis.accounts import AccountBook, AnyAccount
from feedback_service.sources.apis.caller import Caller
from feedback_service.sources.apis.payloads import parsed
from feedback_service.sources.apis.services import EMPTY_PAGE, AnswerPlace, ReviewService
from feedback_service.sources.apis.walk import Bounds, Fetched, Walk, walk
from feedback_service.sources.http.fetcher import Fetcher
from feedback_service.sources.http.pages import NO_VALIDATORS, Page, Validators
from feedback_service.sources.items import Item, Reading
from feedback_service.sources.places import account_of

_FETCHES_IN_TIME = 3
_NOT_MODIFIED = 304

log = structlog.get_logger()


class ApiAdapter(Generic[AnyAccount]):
    """Reads the accounts of one review service, and answers reviews there. Threads may share it."""

    def __init__(
        self, service: ReviewService[AnyAccount], book: AccountBook, fetcher: Fetcher, clock: Clock, settings: Settings
    ) -> None:
        self._service = service
        self._caller = Caller(service, book, fetcher, clock)
        self._max_pages = settings.api_max_pages
        self._seconds = _FETCHES_IN_TIME * settings.fetch_timeout
        self._read_up_to = _ReadUpTo()

    @property
    def answers(self) -> AnswerPlace | None:
        """What the service says of answers; None where it takes none."""
        service = self._service
        return AnswerPlace(service.name, service.longest_reply) if service.longest_reply else None

    def poll(self, asked: Asked) -> Polled:
        """Ask for the reviews of an account; raise `FetchError` or `ReadError`.

        The digest is that of the reviews on the first page: what else the service says there may change at will.
        """
        ends_at = time.monotonic() + self._seconds
        name = account_of(asked.url)
        account = self._caller.account(name)
        first = self._fetch(name, account, self._service.first_url(account), asked.validators)
        page = _page(first, asked.validators)
        if page.unchanged:
            return Polled(page, asked.body_digest, None)
        digest = _digest(first.page.items)
        if digest == asked.body_digest:
            return Polled(page, digest, None)
        bounds = Bounds(self._max_pages, ends_at, self._read_up_to.known(asked))
        walked = walk(first, lambda url: self._fetch(name, account, url), bounds)
        return self._polled(asked, page, digest, walked)

    def post_reply(self, place: str, review_id: str, text: str, *, approved_by: str) -> None:
        """Post the shop's answer to a review; `approved_by` is the person who approved this very text (R49).

        Raises `InvalidInputError` for what cannot be posted, `FetchError` where the service does not take it.
        """
        if not approved_by.strip():
            sentence = "An answer is approved by a person before it is posted."
            raise InvalidInputError(sentence, field="approved_by")
        name = account_of(place)
        account = self._caller.account(name)
        self._caller.send(name, account, self._service.reply(account, review_id, text))
        log.info("review answered", place=place, review=review_id, approved_by=approved_by)

    def _fetch(self, name: str, account: AnyAccount, url: str, validators: Validators = NO_VALIDATORS) -> Fetched:
        answer = self._caller.get(name, account, url, validators)
        if answer.status == _NOT_MODIFIED:
            return Fetched(url, answer, EMPTY_PAGE)
        payload = parsed(answer.body, self._service.name, url)
        return Fetched(url, answer, self._service.read(account, payload, answer, url))

    def _polled(self, asked: Asked, page: Page, digest: str, walked: Walk) -> Polled:
        reading = Reading(f"{self._service.name} ({account_of(asked.url)})", walked.items, ttl=walked.wait)
        if not walked.is_whole:
            # Without a digest and validators the next poll takes nothing for unchanged.
            return Polled(replace(page, validators=NO_VALIDATORS), None, reading)
        self._read_up_to.note(asked.url, digest, walked.newest_at if self._service.newest_first else None)
        return Polled(page, digest, reading)


class _ReadUpTo:
    """Up to when each account was read, as long as this process lives.

    It counts only for who asks with the digest of that very poll: what was read then has been stored since.
    """

    def __init__(self) -> None:
        self._noted: dict[str, tuple[str, datetime]] = {}
        self._lock = threading.Lock()

    def known(self, asked: Asked) -> datetime | None:
        with self._lock:
            digest, newest_at = self._noted.get(asked.url, (None, None))
        return newest_at if digest == asked.body_digest else None

    def note(self, place: str, digest: str, newest_at: datetime | None) -> None:
        with self._lock:
            if newest_at:
                self._noted[place] = (digest, newest_at)
            else:
                self._noted.pop(place, None)


def _page(first: Fetched, sent: Validators) -> Page:
    headers = first.answer.headers
    unchanged = first.answer.status == _NOT_MODIFIED
    given = Validators(headers.get("etag"), headers.get("last-modified"))
    # A 304 often leaves out what has not changed.
    kept = Validators(given.etag or sent.etag, given.last_modified or sent.last_modified) if unchanged else given
    return Page(first.url, first.answer.body, headers, unchanged=unchanged, validators=kept)


def _digest(items: Sequence[Item]) -> str:
    return content_digest(*(repr(item) for item in items))
