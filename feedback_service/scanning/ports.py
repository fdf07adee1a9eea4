"""What a scan needs from the rest; `bootstrap.Services` has it, and so has a test."""

import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from feedback_service.clock import Clock
from feedback_service.db import Database
from feedback_service.mentions.models import Mention
from feedback_service.sentiment.judgement import Judgement
from feedback_service.settings import Settings
from feedback_service.shops.models import Shop
from feedback_service.sources.models import Source, SourceState
from feedback_service.sources.reading import SourceReader


class TextScorer(Protocol):
    """Judges a text; the offsets of its evidence point into the text as given."""

    def score(self, text: str, language: str | None = None) -> Judgement:
        """Return the judgement on `text`."""
        ...


class ShopScorers(Protocol):
    """Knows the scorer of each shop."""

    def scorer_for(self, shop: Shop) -> TextScorer:
        """Return the scorer of `shop` as it stands now."""
        ...


class MentionDesk(Protocol):
    """Is told of mentions, in the transaction that stores them."""

    def mention_came_in(self, session: Session, mention: Mention, now: datetime) -> object:
        """Take note of a new mention, or of one that has more copies."""
        ...

    def mention_changed(self, session: Session, mention: Mention, now: datetime) -> object:
        """Take note that the author has edited the text of a mention, which says it as it is now."""
        ...

    def mention_went(self, session: Session, mention: Mention, now: datetime) -> object:
        """Take note that the page of a mention does not show it any more."""
        ...


class LossDesk(Protocol):
    """Is told how a source stood before and after a poll, in the transaction that settles it."""

    def source_changed_state(
        self, session: Session, source: Source, before: SourceState, after: SourceState, now: datetime
    ) -> object:
        """Take note; tell somebody where the source is lost, or heard again."""
        ...


class RatingDesk(Protocol):
    """Is told when the average rating that a page shows has fallen, in the transaction that settles the poll."""

    def rating_fell(
        self, session: Session, source: Source, sentence: str, now_shown: Mapping[str, float], now: datetime
    ) -> object:
        """Take note; tell the staff of the shop once."""
        ...


class ScanServices(Protocol):
    """What a scan works with."""

    @property
    def settings(self) -> Settings:
        """Intervals and caps."""
        ...

    @property
    def clock(self) -> Clock:
        """The time."""
        ...

    @property
    def stopping(self) -> threading.Event:
        """Set when the process is asked to end."""
        ...

    @property
    def database(self) -> Database:
        """Where it is kept."""
        ...

    @property
    def source_reader(self) -> SourceReader:
        """Fetches and reads sources."""
        ...

    @property
    def scorers(self) -> ShopScorers:
        """Hands out the scorer of each shop."""
        ...

    @property
    def story_desk(self) -> MentionDesk:
        """Opens stories."""
        ...

    @property
    def lost_sources(self) -> LossDesk:
        """Tells the operator of sources that are not heard any more."""
        ...

    @property
    def falling_ratings(self) -> RatingDesk:
        """Tells the staff of a shop of averages that have fallen."""
        ...
