"""The one HTTP client. Everything that is read from the outside comes through `Fetcher.fetch`.

    address check -> robots (pages) -> host's turn -> request -> redirect? (again, 5 at most) -> status -> capped body

It is polite (R52-R55: conditional requests, one request per host at a time, a name and a contact) and
careful (R44: checked addresses, caps on size, time and decompressed size). `urls` checks the text of an address,
`asking` waits for the turn, `transport` goes to the wire, `received` reads what came.
"""

import ssl
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from urllib.parse import urlencode

from feedback_service.settings import Settings
from feedback_service.sources.errors import FetchError, FetchFailure
from feedback_service.sources.http import addresses, answers, challenges, posting
from feedback_service.sources.http.asking import AGENT_NAME, Asker, user_agent
from feedback_service.sources.http.pages import NO_VALIDATORS, Answer, Page, Validators
from feedback_service.sources.http.received import Received
from feedback_service.sources.http.redirecting import MAX_REDIRECTS, endless, target_of
from feedback_service.sources.http.transport import Header, PinnedTransport
from feedback_service.sources.http.trips import time_limit
from feedback_service.sources.http.urls import Address, addressed, check_address

__all__ = [
    "AGENT_NAME",
    "FEED_TYPES",
    "MAX_REDIRECTS",
    "PAGE_TYPES",
    "Fetcher",
    "HopCheck",
    "check_address",
    "user_agent",
]

FEED_TYPES = "application/atom+xml, application/rss+xml, application/xml;q=0.9, text/xml;q=0.8, */*;q=0.5"
PAGE_TYPES = "text/html, application/xhtml+xml;q=0.9, */*;q=0.5"

HopCheck = Callable[[str], None]


class Fetcher:
    """Fetches pages. One per process; threads may share it.

    Args:
        settings: caps, allowed ports and networks, contact.
        resolve: asks for the addresses of a host; the system's resolver unless a test brings its own.
        trust: whose certificates are believed; those of the public internet unless a test brings its own.
    """

    def __init__(
        self,
        settings: Settings,
        resolve: addresses.Resolver = addresses.resolve,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._settings = settings
        policy = addresses.policy(settings.fetch_allow_ports, settings.fetch_allow_private)
        self._transport = PinnedTransport(policy, resolve, trust)
        self._asker = Asker(self._transport, user_agent(settings))

    def fetch(
        self,
        url: str,
        *,
        validators: Validators = NO_VALIDATORS,
        accept: str = FEED_TYPES,
        before_hop: HopCheck | None = None,
        cut_at: int | None = None,
    ) -> Page:
        """Fetch one address; raise `FetchError` for everything that gives no body.

        `before_hop` is called with each address before it is asked, redirects too, and may refuse by a
        `FetchError` (robots.txt). `cut_at` ends the body there instead of calling it too large.
        """
        with time_limit(self._settings.fetch_timeout):
            return self._follow(addressed(url), validators, accept, before_hop, cut_at)

    def post_form(self, url: str, fields: Mapping[str, str]) -> None:
        """Post a form; raise `FetchError`, with the words of the site, unless it is taken (2xx).

        Only 307 and 308 are followed, for they alone repeat the form, and never from https to http: a form may
        hold a secret. Checks, turns and limits are those of `fetch`.
        """
        with time_limit(self._settings.fetch_timeout):
            posting.post(self._asker, addressed(url), urlencode(fields).encode())

    def call(self, method: str, url: str, *, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """Send one request to an API and return its answer, whatever the status; raise `FetchError` for none.

        No redirect is followed: `headers` may hold what must not be sent elsewhere. Checks, turns and limits are
        those of `fetch`.
        """
        pairs = [(name.encode(), value.encode("latin-1", "replace")) for name, value in headers.items()]
        with time_limit(self._settings.fetch_timeout):
            address = addressed(url)
            with self._asker.ask(method, address, pairs, body) as answer:
                content = answer.body(address.url, self._settings.fetch_max_bytes)
                return Answer(answer.status, answer.headers(), content)

    def rest(self) -> None:
        """Close the connections that stand idle, for it will be long until they are needed; fetches go on."""
        self._transport.rest()

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._transport.rest()

    def _follow(
        self, address: Address, validators: Validators, accept: str, before_hop: HopCheck | None, cut_at: int | None
    ) -> Page:
        moved_to, for_good, asked = "", True, address.url
        headers = _headers(accept, validators)
        for _ in range(MAX_REDIRECTS + 1):
            self._asker.admit(address)
            if before_hop:
                before_hop(address.url)
            with self._asker.ask("GET", address, headers) as answer:
                target = target_of(answer, address)
                if target is None:
                    return self._page(answer, address.url, moved_to, validators, cut_at)
            for_good = for_good and answer.status in answers.REDIRECTS_FOR_GOOD
            address = _unguarded(target, asked)
            moved_to = address.url if for_good else moved_to
        raise endless(address)

    def _page(self, answer: Received, url: str, moved_to: str, validators: Validators, cut_at: int | None) -> Page:
        headers, now = answer.headers(), datetime.now(UTC)
        # Hub and self mostly come in two.
        headers |= {"link": answer.listed("link")} if "link" in headers else {}
        failure = answers.failure_of(answer.status, headers, url, now)
        if failure:
            raise failure
        given = Validators(headers.get("etag"), headers.get("last-modified"))
        age = answers.fresh_for(headers, now)
        if answer.is_unchanged:
            if not validators:
                sentence = "The site says that nothing has changed, though it was not asked that (HTTP 304)."
                raise FetchError(FetchFailure.BROKEN, sentence, url=url, status=answer.status)
            if url.startswith("https:"):
                # It has no body: reading to its end keeps the connection, and its handshake, for the next page.
                answer.body(url, self._settings.fetch_max_bytes)
            kept = _merged(given, validators)
            return Page(url, b"", headers, unchanged=True, moved_to=moved_to, validators=kept, max_age=age)
        body, truncated = self._body(answer, url, cut_at)
        if challenges.asks_for_a_person(headers, body):
            raise FetchError(FetchFailure.CHALLENGE, f"{answers.A_PERSON}.", url=url, status=answer.status)
        return Page(url, body, headers, moved_to=moved_to, validators=given, max_age=age, truncated=truncated)

    def _body(self, answer: Received, url: str, cut_at: int | None) -> tuple[bytes, bool]:
        if cut_at:
            return answer.beginning(url, cut_at)
        return answer.body(url, self._settings.fetch_max_bytes), False


def _headers(accept: str, validators: Validators) -> list[Header]:
    pairs = (("Accept", accept), ("If-None-Match", validators.etag), ("If-Modified-Since", validators.last_modified))
    # Latin-1 gives back the bytes that came: an ETag need not be ASCII.
    return [(name.encode(), value.encode("latin-1", "replace")) for name, value in pairs if value]


def _merged(given: Validators, sent: Validators) -> Validators:
    # A 304 often leaves out what has not changed.
    return Validators(given.etag or sent.etag, given.last_modified or sent.last_modified)


def _unguarded(target: Address, asked: str) -> Address:
    if challenges.asks_for_a_login(asked, target.url):
        sentence = "The site sends us to its login or to a consent instead; only a person can go there."
        raise FetchError(FetchFailure.FORBIDDEN, sentence, url=target.url)
    return target
