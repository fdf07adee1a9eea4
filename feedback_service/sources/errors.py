"""What can go wrong with a source, by name: the kind decides state, retry and the words for staff."""

from enum import StrEnum

from feedback_service.errors import OutsideError


class FetchFailure(StrEnum):
    """Why a fetch gave no body."""

    BAD_ADDRESS = "bad_address"
    REFUSED_ADDRESS = "refused_address"
    UNKNOWN_HOST = "unknown_host"
    UNREACHABLE = "unreachable"
    TLS = "tls"
    TIMEOUT = "timeout"
    TOO_LARGE = "too_large"
    BROKEN = "broken"
    REDIRECTS = "redirects"
    ROBOTS = "robots"
    FORBIDDEN = "forbidden"
    CHALLENGE = "challenge"
    ACCOUNT = "account"
    NOT_FOUND = "not_found"
    GONE = "gone"
    BUSY = "busy"
    REFUSED = "refused"
    SERVER = "server"


_PERMANENT = frozenset({FetchFailure.BAD_ADDRESS, FetchFailure.REFUSED_ADDRESS, FetchFailure.GONE})


class FetchError(OutsideError):
    """A fetch that gave no body.

    Args:
        kind: why.
        sentence: what happened, in words for the person who can act.
        url: the address at which it happened (after redirects, not always the one asked for).
        status: the HTTP status, where there was an answer.
        retry_after: seconds the server asks us to wait (R53), where it does.
    """

    def __init__(
        self, kind: FetchFailure, sentence: str, *, url: str, status: int | None = None, retry_after: int | None = None
    ) -> None:
        self.kind = kind
        self.status = status
        self.retry_after = retry_after
        super().__init__(sentence, subject=url, permanent=kind in _PERMANENT)


class ReadFailure(StrEnum):
    """Why a body could not be read as what the source is said to be."""

    NOT_A_FEED = "not_a_feed"
    NO_MARKUP = "no_markup"
    ENTITIES = "entities"
    NOT_THE_API = "not_the_api"
    OUR_FAULT = "our_fault"


class ReadError(OutsideError):
    """A body that is not what the source is said to be. `feed_url` is the feed that a page names, if it does."""

    def __init__(self, kind: ReadFailure, sentence: str, *, url: str, feed_url: str = "") -> None:
        self.kind = kind
        self.feed_url = feed_url
        super().__init__(sentence, subject=url, permanent=False)
