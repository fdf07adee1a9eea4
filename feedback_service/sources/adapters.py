"""The port of every kind of source: what a poll is asked, what it gives, and who answers.

To add a kind: a member of `SourceKind`, an `Adapter`, and its row in `sources.reading` (or its wiring in
`bootstrap`, where it needs an account). docs/sources.md has the checklist.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from feedback_service.sources.http.fetcher import Fetcher, HopCheck
from feedback_service.sources.http.pages import NO_VALIDATORS, Page, Validators
from feedback_service.sources.items import Reading

Reader = Callable[[bytes, str, Mapping[str, str]], Reading]


@dataclass(frozen=True, slots=True)
class Asked:
    """One poll: where, and what the last one left behind; `body_digest` is None at the first."""

    url: str
    validators: Validators = NO_VALIDATORS
    body_digest: str | None = None


@dataclass(frozen=True, slots=True)
class Polled:
    """A source that answered. `reading` is None when nothing has changed since the last poll."""

    page: Page
    body_digest: str | None
    reading: Reading | None


class Adapter(Protocol):
    """Reads sources of one kind."""

    def poll(self, asked: Asked) -> Polled:
        """Ask the source; raise `FetchError` or `ReadError`."""
        ...


@dataclass(frozen=True, slots=True)
class DocumentAdapter:
    """Reads one document at one address: fetched politely, and parsed only when its bytes have changed.

    `before_hop` is asked before each address, and may refuse: robots.txt, for pages made for people (R55).
    """

    fetcher: Fetcher
    reader: Reader
    accept: str
    before_hop: HopCheck | None = None

    def poll(self, asked: Asked) -> Polled:
        """Fetch the document and read it; raise `FetchError` or `ReadError`."""
        page = self.fetch(asked.url, asked.validators)
        if page.unchanged:
            return Polled(page, asked.body_digest, None)
        digest = hashlib.sha256(page.body).hexdigest()
        return Polled(page, digest, None if digest == asked.body_digest else self.read(page))

    def fetch(self, url: str, validators: Validators = NO_VALIDATORS) -> Page:
        """Fetch the document; raise `FetchError`."""
        return self.fetcher.fetch(url, validators=validators, accept=self.accept, before_hop=self.before_hop)

    def read(self, page: Page) -> Reading:
        """Read a fetched body; raise `ReadError`."""
        return self.reader(page.body, page.url, page.headers)
