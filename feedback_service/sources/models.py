"""Source: one address that is read regularly, with what staff must know of its state."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from feedback_service.claims import Claimable
from feedback_service.db import Base, enum_column


class SourceKind(StrEnum):
    """How a source is read."""

    FEED = "feed"
    REVIEW_PAGE = "review_page"
    ARTICLE = "article"
    TRUSTPILOT = "trustpilot"
    GOOGLE_REVIEWS = "google_reviews"
    AVIS_VERIFIES = "avis_verifies"
    APP_STORE = "app_store"
    GOOGLE_PLAY = "google_play"
    PUSHED = "pushed"


API_KINDS = frozenset(
    {
        SourceKind.TRUSTPILOT,
        SourceKind.GOOGLE_REVIEWS,
        SourceKind.AVIS_VERIFIES,
        SourceKind.APP_STORE,
        SourceKind.GOOGLE_PLAY,
    }
)
"""The kinds that are read by an official API, with an account of the shop (R19)."""

ABOUT_US = API_KINDS | {SourceKind.REVIEW_PAGE}
"""The kinds of which everything is about the shop, unless somebody says otherwise."""


class SourceState(StrEnum):
    """What staff see of a source; the reason in words stands beside it."""

    NEW = "new"
    OK = "ok"
    EMPTY = "empty"
    BLOCKED = "blocked"
    ROBOTS = "robots"
    DOWN = "down"
    CHANGED = "changed"
    SILENT = "silent"


UNREADABLE = frozenset({SourceState.BLOCKED, SourceState.ROBOTS, SourceState.DOWN, SourceState.CHANGED})
"""The states in which a source cannot be read."""

UNHEARD = UNREADABLE | {SourceState.SILENT}
"""The states in which nothing is heard of a source, whether or not it can be read: never good news."""


class Source(Claimable):
    """One feed or review page of one shop. `due_at` is the next poll; NULL while paused or gone."""

    __tablename__ = "source"
    __table_args__ = (sa.UniqueConstraint("shop_id", "url"), sa.Index(None, "due_at"))

    def __init__(self, **values: Any) -> None:  # noqa: ANN401 - its columns
        super().__init__(**values)
        self.host = host_of(self.url)

    shop_id: Mapped[int] = mapped_column(sa.ForeignKey("shop.id", ondelete="CASCADE"))
    url: Mapped[str]
    host: Mapped[str] = mapped_column(server_default="", doc="Of `url`, with the port: one request at a time (R54).")
    kind: Mapped[SourceKind] = mapped_column(enum_column(SourceKind))
    title: Mapped[str] = mapped_column(default="")
    about_us: Mapped[bool] = mapped_column(default=False, doc="Everything here is about the shop: no term needed.")
    reach: Mapped[int] = mapped_column(default=1, doc="1 small blog, 2 known site, 3 large review site or press.")
    state: Mapped[SourceState] = mapped_column(enum_column(SourceState), default=SourceState.NEW)
    state_reason: Mapped[str] = mapped_column(default="")
    state_since: Mapped[datetime]
    etag: Mapped[str | None] = mapped_column(doc="Verbatim, as the server sent it (R52).")
    last_modified: Mapped[str | None] = mapped_column(doc="Verbatim, as the server sent it (R52).")
    body_digest: Mapped[str | None]
    failures: Mapped[int] = mapped_column(default=0)
    baseline_at: Mapped[datetime | None] = mapped_column(doc="When the first scan ended; what it found is not alerted.")
    last_polled_at: Mapped[datetime | None]
    last_read_at: Mapped[datetime | None] = mapped_column(doc="Last poll that gave a readable body or 304.")
    last_new_at: Mapped[datetime | None]
    ttl: Mapped[int | None] = mapped_column(doc="Seconds that its body asks us to wait (R53).")
    skip_hours: Mapped[list[int]] = mapped_column(sa.JSON(), default=list, server_default="[]", doc="GMT (R53).")
    skip_days: Mapped[list[str]] = mapped_column(sa.JSON(), default=list, server_default="[]", doc="GMT (R53).")
    window_days: Mapped[int] = mapped_column(
        default=0, server_default="0", doc="So many days back the first scan alerts; 0: it only takes stock (R57)."
    )
    recent: Mapped[list[int]] = mapped_column(
        sa.JSON(), default=list, server_default="[]", doc="Its latest publications, in epoch seconds: its rhythm."
    )
    aggregate: Mapped[dict[str, float] | None] = mapped_column(
        sa.JSON(), doc="The average that what its page shows is compared with: value, best, count."
    )
    possible_gap_at: Mapped[datetime | None] = mapped_column(doc="Last poll without overlap with the one before.")
    terms_checked_on: Mapped[date | None] = mapped_column(doc="When somebody checked the site's terms (R19).")
    hub: Mapped[str] = mapped_column(default="", server_default="", doc="WebSub hub that the feed names.")
    topic: Mapped[str] = mapped_column(
        default="", server_default="", doc="The feed's own address of itself (rel=self)."
    )
    created_at: Mapped[datetime]


def host_of(url: str) -> str:
    """Return host and port of an address in lower case; empty where it has none."""
    return urlsplit(url).netloc.rpartition("@")[2].lower()


class SourceOutage(Base):
    """A time in which a source was not heard; `until` is NULL while it lasts."""

    __tablename__ = "source_outage"
    __table_args__ = (sa.Index(None, "source_id", "until"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(sa.ForeignKey("source.id", ondelete="CASCADE"))
    state: Mapped[SourceState] = mapped_column(enum_column(SourceState), doc="The latest of its states meanwhile.")
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    told_at: Mapped[datetime | None] = mapped_column(doc="When the operator was told; NULL after a mere hiccup.")
