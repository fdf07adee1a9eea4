"""Signs that a machine answered (R31): flags that staff see beside an answer, never a filter.

A form carries a stamp: the instant it was rendered, signed, so that the time spent on the page is
known without a write at GET and without a cookie.
"""

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from feedback_service.surveys.traffic import NOTHING, Seen

# R31: nobody opens a mail, follows a link and answers in less.
_LEAST_SINCE_MAIL = timedelta(seconds=5)
# The rating is preselected, so that one press is an honest answer; even that takes this long.
_LEAST_ON_PAGE = timedelta(seconds=2)


class Flag(StrEnum):
    """One sign; stored by value in `Answer.flags`."""

    SOON_AFTER_MAIL = "soon_after_mail"
    TOO_FAST = "too_fast"
    HIDDEN_FIELD = "hidden_field"
    NO_PAGE = "no_page"
    BURST = "burst"
    REPEATED = "repeated"
    ALL_LINKS = "all_links"


LABELS: dict[Flag, str] = {
    Flag.SOON_AFTER_MAIL: "Answered within 5 seconds of the mail",
    Flag.TOO_FAST: "Sent within 2 seconds of opening the page",
    Flag.HIDDEN_FIELD: "A field that people cannot see was filled in",
    Flag.NO_PAGE: "Sent without opening the page",
    Flag.BURST: "One of several surveys answered from one place within seconds",
    Flag.REPEATED: "Sent several times within seconds",
    Flag.ALL_LINKS: "Every link of the mail had been opened minutes before",
}


@dataclass(frozen=True, slots=True)
class Signs:
    """What the web saw of how an answer was given.

    `rendered_at` is the instant of a valid stamp, None when the stamp was missing or forged; `seen` is what the
    submission was part of.
    """

    rendered_at: datetime | None
    hidden_field: bool
    seen: Seen = NOTHING


def flags(signs: Signs, mail_sent_at: datetime | None, now: datetime) -> list[Flag]:
    """Return the flags of an answer given at `now`."""
    found = (
        (mail_sent_at is not None and now - mail_sent_at < _LEAST_SINCE_MAIL, Flag.SOON_AFTER_MAIL),
        (signs.rendered_at is not None and now - signs.rendered_at < _LEAST_ON_PAGE, Flag.TOO_FAST),
        (signs.hidden_field, Flag.HIDDEN_FIELD),
        (signs.rendered_at is None, Flag.NO_PAGE),
        (signs.seen.is_burst, Flag.BURST),
        (signs.seen.is_repeated, Flag.REPEATED),
        (signs.seen.opened_all_links, Flag.ALL_LINKS),
    )
    return [flag for applies, flag in found if applies]


def stamp(secret: str, token: str, now: datetime) -> str:
    """Return the signed instant `now` (milliseconds) for the form of the survey `token`."""
    milliseconds = str(int(now.timestamp() * 1000))
    return f"{milliseconds}.{_signature(secret, token, milliseconds)}"


def read_stamp(secret: str, token: str, value: str) -> datetime | None:
    """Return the instant of a stamp; None when it is missing, forged or of another survey."""
    milliseconds, _, signature = value.partition(".")
    expected = _signature(secret, token, milliseconds)
    if not hmac.compare_digest(signature.encode(), expected.encode()):
        return None
    return datetime.fromtimestamp(int(milliseconds) / 1000, tz=UTC)


def _signature(secret: str, token: str, milliseconds: str) -> str:
    message = f"survey-form\x1f{token}\x1f{milliseconds}".encode()
    return hmac.digest(secret.encode(), message, "sha256").hex()[:32]
