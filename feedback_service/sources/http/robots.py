"""robots.txt (RFC 9309, R55) for review pages, asked once a day per host.

Feeds are made for programs: who serves one invites us to read it, so it is not asked there. A page is
made for people, so its site is asked first, and again on the host where a redirect ends.
"""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from protego import Protego

from feedback_service.clock import Clock
from feedback_service.sources.errors import FetchError, FetchFailure
from feedback_service.sources.http.fetcher import AGENT_NAME, Fetcher
from feedback_service.sources.http.robots_lines import deciding_line

PARSED_BYTES = 512 * 1024
_KEPT_FOR = timedelta(hours=24)
_KEPT_AFTER_FAILURE = timedelta(hours=1)
_READ_AS_NO = frozenset({401, 403, 429})


@dataclass(frozen=True, slots=True)
class _Rules:
    until: datetime
    rules: Protego | None = None
    everything: bool = False
    why: str = ""
    text: str = ""

    def allows(self, url: str) -> bool:
        return bool(self.rules.can_fetch(url, AGENT_NAME)) if self.rules else self.everything


class Robots:
    """Answers whether a page may be read; one request per host and day."""

    def __init__(self, fetcher: Fetcher, clock: Clock) -> None:
        self._fetcher = fetcher
        self._clock = clock
        self._known: dict[str, _Rules] = {}
        self._lock = threading.Lock()

    def check(self, url: str) -> None:
        """Raise `FetchError` (robots) unless the site lets programs read `url`."""
        rules = self._rules(url)
        if not rules.allows(url):
            raise FetchError(FetchFailure.ROBOTS, rules.why, url=url)

    def line_for(self, url: str) -> str:
        """Return the line of the site's robots.txt that decides on `url`; empty where none does, or it has none."""
        rules = self._rules(url)
        line = deciding_line(rules.text, url, AGENT_NAME)
        return "" if rules.allows(url) == line.lower().startswith("disallow") else line

    def _rules(self, url: str) -> _Rules:
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        now = self._clock.now()
        with self._lock:
            known = self._known.get(site)
        if known is None or known.until <= now:
            known = self._ask(site, now)
            with self._lock:
                self._known[site] = known
        return known

    def _ask(self, site: str, now: datetime) -> _Rules:
        why = "The site's robots.txt asks programs not to read this page."
        try:
            page = self._fetcher.fetch(f"{site}/robots.txt", accept="text/plain, */*;q=0.5", cut_at=PARSED_BYTES)
        except FetchError as error:
            return _after_failure(error, now)
        text = page.body.decode("utf-8", "replace")
        return _Rules(rules=Protego.parse(text), why=why, text=text, until=now + _KEPT_FOR)


def _after_failure(error: FetchError, now: datetime) -> _Rules:
    status = error.status or 0
    if 400 <= status < 500 and status not in _READ_AS_NO:  # noqa: PLR2004 - the class of HTTP 4xx
        return _Rules(everything=True, until=now + _KEPT_FOR)
    why = f"The site's robots.txt could not be read, which counts as a no: {error}"
    return _Rules(why=why, until=now + _KEPT_AFTER_FAILURE)
