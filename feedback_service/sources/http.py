"""The one HTTP client. Everything that is read from the outside comes through `Fetcher.fetch`.

    address check -> robots (pages) -> host's turn -> request -> redirect? (again, 5 at most) -> status -> capped body

It is polite (R52-R55: conditional requests, one request per host at a time, a name and a contact) and
careful (R44: checked addresses, caps on size, time and decompressed size).
"""

import contextlib
import ssl
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from urllib.parse import urlencode

import httpx

from feedback_service import __version__
from feedback_service.settings import Settings
from feedback_service.sources import addresses, answers, challenges, decoding, plain
from feedback_service.sources.errors import FetchError, FetchFailure
from feedback_service.sources.named_errors import left_of, named_errors, parsed, timeout
from feedback_service.sources.pages import NO_VALIDATORS, Answer, Page, Validators
from feedback_service.sources.transport import PinnedTransport
from feedback_service.sources.trips import seconds_left, time_limit

MAX_REDIRECTS = 5
AGENT_NAME = "feedback-service"
FEED_TYPES = "application/atom+xml, application/rss+xml, application/xml;q=0.9, text/xml;q=0.8, */*;q=0.5"
PAGE_TYPES = "text/html, application/xhtml+xml;q=0.9, */*;q=0.5"
_MAX_URL = 4000
_LONGEST_REPLY = 2000
_LONGEST_REASON = 200

HopCheck = Callable[[str], None]


def user_agent(settings: Settings) -> str:
    """Return who we say we are: `Name/version (+contact)` (R54)."""
    contact = settings.fetch_contact or settings.public_url
    shown = "".join(character for character in contact if " " <= character <= "~")
    return f"{AGENT_NAME}/{__version__} (+{shown})"


def check_address(url: str) -> str:
    """Return `url` as it will be fetched; raise `FetchError` (bad address) unless it is plain http(s).

    This looks at the text only: whether the host may be reached is decided when it is resolved.
    """
    try:
        parts = parsed(url.strip())
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise _bad_address(url, "cannot be read as an address") from error
    if parts.scheme not in {"http", "https"} or not parts.host:
        raise _bad_address(url, "is not an address that begins with http:// or https://")
    if parts.userinfo:
        raise _bad_address(url, "carries a user name; nothing behind a login is read (R18)")
    if len(url) > _MAX_URL or any(character in parts.host for character in " %\\@") or parts.host.startswith("."):
        raise _bad_address(url, "has no usable host name")
    return str(parts.copy_with(fragment=None))


def _bad_address(url: str, what: str) -> FetchError:
    return FetchError(FetchFailure.BAD_ADDRESS, f"{url[:200]!r} {what}.", url=url[:200])


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
        self._headers = [
            (b"User-Agent", user_agent(settings).encode()),
            (b"Accept-Encoding", b"gzip"),
            (b"Connection", b"keep-alive"),
        ]
        self._turns: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._turns_lock = threading.Lock()

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
            return self._follow(check_address(url), validators, accept, before_hop, cut_at)

    def post_form(self, url: str, fields: Mapping[str, str]) -> None:
        """Post a form; raise `FetchError`, with the words of the site, unless it is taken (2xx).

        Only 307 and 308 are followed, for they alone repeat the form, and never from https to http: a form may
        hold a secret. Checks, turns and limits are those of `fetch`.
        """
        with time_limit(self._settings.fetch_timeout):
            self._post(check_address(url), urlencode(fields).encode())

    def call(self, method: str, url: str, *, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """Send one request to an API and return its answer, whatever the status; raise `FetchError` for none.

        No redirect is followed: `headers` may hold what must not be sent elsewhere. Checks, turns and limits are
        those of `fetch`.
        """
        pairs = [(name.encode(), value.encode("latin-1", "replace")) for name, value in headers.items()]
        with time_limit(self._settings.fetch_timeout):
            url = check_address(url)
            with (
                self._turn(url),
                named_errors(url),
                contextlib.closing(self._sent(method, url, pairs, body or None)) as answer,
            ):
                content, _ = self._body(answer, url, None)
                named = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers.raw}
                return Answer(answer.status_code, named, content)

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._transport.close()

    def _post(self, url: str, form: bytes) -> None:
        headers = [*_headers("*/*", NO_VALIDATORS), (b"Content-Type", b"application/x-www-form-urlencoded")]
        for _ in range(MAX_REDIRECTS + 1):
            with self._answer(url, headers, form) as answer:
                target = _target(answer, url)
                if target is None:
                    self._expect_success(answer, url)
                    return
            if answer.status_code not in answers.REPEATING or (url.startswith("https:") and target[:6] != "https:"):
                sentence = "The site redirects a form to where it may not go."
                raise FetchError(FetchFailure.REDIRECTS, sentence, url=url, status=answer.status_code)
            url = target
        sentence = f"The site sends us from one address to the next without end (more than {MAX_REDIRECTS} redirects)."
        raise FetchError(FetchFailure.REDIRECTS, sentence, url=url)

    def _expect_success(self, answer: httpx.Response, url: str) -> None:
        if answer.is_success:
            return
        headers = {"retry-after": answer.headers.get("retry-after", "")}
        failure = answers.failure_of(answer.status_code, headers, url, datetime.now(UTC))
        kind, wait = (failure.kind, failure.retry_after) if failure else (FetchFailure.REFUSED, None)
        status, said = answer.status_code, self._said(answer, url)
        sentence = f"The site does not take the form (HTTP {status}){f': {said}' if said else '.'}"
        raise FetchError(kind, sentence, url=url, status=status, retry_after=wait)

    def _said(self, answer: httpx.Response, url: str) -> str:
        with contextlib.suppress(FetchError):
            body, _ = self._body(answer, url, _LONGEST_REPLY)
            return plain.one_line(plain.html_to_text(body.decode("utf-8", "replace")))[:_LONGEST_REASON]
        return ""

    def _follow(
        self, url: str, validators: Validators, accept: str, before_hop: HopCheck | None, cut_at: int | None
    ) -> Page:
        moved_to, for_good, asked = "", True, url
        for _ in range(MAX_REDIRECTS + 1):
            with named_errors(url):
                self._transport.admit(parsed(url))
            if before_hop:
                before_hop(url)
            with self._answer(url, _headers(accept, validators)) as answer:
                target = _target(answer, url)
                if target is None:
                    return self._page(answer, url, moved_to, validators, cut_at)
            for_good = for_good and answer.status_code in answers.REDIRECTS_FOR_GOOD
            url = _unguarded(target, asked)
            moved_to = url if for_good else moved_to
        sentence = f"The site sends us from one address to the next without end (more than {MAX_REDIRECTS} redirects)."
        raise FetchError(FetchFailure.REDIRECTS, sentence, url=url)

    @contextlib.contextmanager
    def _answer(
        self, url: str, headers: list[tuple[bytes, bytes]], form: bytes | None = None
    ) -> Iterator[httpx.Response]:
        with self._turn(url), named_errors(url):
            method = "GET" if form is None else "POST"
            answer = self._sent(method, url, headers, form)
            try:
                yield answer
            finally:
                answer.close()

    def _sent(self, method: str, url: str, headers: list[tuple[bytes, bytes]], content: bytes | None) -> httpx.Response:
        # Not by a client of httpx: it would keep the cookies of sites, and takes as long as the request itself.
        request = httpx.Request(method, parsed(url), headers=[*self._headers, *headers], content=content)
        return self._transport.handle_request(request)

    @contextlib.contextmanager
    def _turn(self, url: str) -> Iterator[None]:
        with self._turns_lock:
            lock = self._turns[parsed(url).netloc.decode()]
        if not lock.acquire(timeout=max(0.0, left_of(url))):
            raise timeout(url)
        try:
            yield
        finally:
            lock.release()

    def _page(
        self, answer: httpx.Response, url: str, moved_to: str, validators: Validators, cut_at: int | None
    ) -> Page:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers.raw}
        # Several lines of it are one list (RFC 9110, section 5.3): hub and self mostly come in two.
        headers |= {"link": answer.headers["link"]} if "link" in headers else {}
        failure = answers.failure_of(answer.status_code, headers, url, datetime.now(UTC))
        if failure:
            raise failure
        given = Validators(headers.get("etag"), headers.get("last-modified"))
        age = answers.fresh_for(headers, datetime.now(UTC))
        if answer.status_code == httpx.codes.NOT_MODIFIED:
            if not validators:
                sentence = "The site says that nothing has changed, though it was not asked that (HTTP 304)."
                raise FetchError(FetchFailure.BROKEN, sentence, url=url, status=answer.status_code)
            kept = _merged(given, validators)
            return Page(url, b"", headers, unchanged=True, moved_to=moved_to, validators=kept, max_age=age)
        body, truncated = self._body(answer, url, cut_at)
        if challenges.asks_for_a_person(headers, body):
            raise FetchError(FetchFailure.CHALLENGE, f"{answers.A_PERSON}.", url=url, status=answer.status_code)
        return Page(url, body, headers, moved_to=moved_to, validators=given, max_age=age, truncated=truncated)

    def _body(self, answer: httpx.Response, url: str, cut_at: int | None) -> tuple[bytes, bool]:
        limit = cut_at or self._settings.fetch_max_bytes
        body = decoding.Body(limit, answer.headers.get("content-encoding", ""))
        try:
            for chunk in answer.iter_raw():
                body.add(chunk)
                seconds_left()
            return body.finish(), False
        except decoding.TooLargeError as error:
            if cut_at:
                return body.taken(), True
            sentence = f"The page is longer than {limit:,} bytes (fetch_max_bytes)."
            raise FetchError(FetchFailure.TOO_LARGE, sentence, url=url) from error
        except decoding.UndecodableError as error:
            raise FetchError(FetchFailure.BROKEN, f"The page cannot be unpacked: {error}.", url=url) from error


def _headers(accept: str, validators: Validators) -> list[tuple[bytes, bytes]]:
    pairs = (("Accept", accept), ("If-None-Match", validators.etag), ("If-Modified-Since", validators.last_modified))
    # Latin-1 gives back the bytes that came: an ETag need not be ASCII.
    return [(name.encode(), value.encode("latin-1", "replace")) for name, value in pairs if value]


def _merged(given: Validators, sent: Validators) -> Validators:
    # A 304 often leaves out what has not changed.
    return Validators(given.etag or sent.etag, given.last_modified or sent.last_modified)


def _target(answer: httpx.Response, url: str) -> str | None:
    # Some servers send the header twice.
    location = next(iter(answer.headers.get_list("location")), "").strip()
    if answer.status_code not in answers.REDIRECTS or not location:
        return None
    try:
        return check_address(str(parsed(url).join(location)))
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        sentence = "The site redirects to something that is not an address."
        raise FetchError(FetchFailure.BAD_ADDRESS, sentence, url=url) from error


def _unguarded(target: str, asked: str) -> str:
    if challenges.asks_for_a_login(asked, target):
        sentence = "The site sends us to its login or to a consent instead; only a person can go there."
        raise FetchError(FetchFailure.FORBIDDEN, sentence, url=target)
    return target
