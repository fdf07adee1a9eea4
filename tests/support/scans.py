"""What scan tests share: services with a recording scorer and desk, and sources ready to read."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from feedback_service.clock import ManualClock
from feedback_service.db import Database
from feedback_service.mentions.models import Mention
from feedback_service.sentiment.judgement import Evidence, Judgement, Label
from feedback_service.settings import Settings
from feedback_service.shops.models import Shop
from feedback_service.sources.http.fetcher import Fetcher
from feedback_service.sources.http.robots import Robots
from feedback_service.sources.models import Source, SourceKind, SourceState
from feedback_service.sources.reading import SourceReader
from feedback_service.sources.registry import add_source

_BAD_WORD = "horrible"


class WordScorer:
    """Finds a text negative when it holds the word 'horrible'."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def score(self, text: str, language: str | None = None) -> Judgement:
        """Judge by one word."""
        self.texts.append(text)
        at = text.lower().find(_BAD_WORD)
        if at < 0:
            return Judgement(language or "fr", Label.NEUTRAL, 0.1, (), ())
        evidence = Evidence(at, at + len(_BAD_WORD), text[at : at + len(_BAD_WORD)], -3.0)
        return Judgement(language or "fr", Label.NEGATIVE, 0.95, (evidence,), ())


class RecordingDesk:
    """Notes the ids of the mentions it is told of."""

    def __init__(self) -> None:
        self.told: list[int] = []
        self.changed: list[int] = []
        self.went: list[int] = []
        self.explodes = False

    def mention_came_in(self, session: Session, mention: Mention, now: datetime) -> None:
        """Note the mention."""
        del session, now
        if self.explodes:
            message = "the desk fell over"
            raise RuntimeError(message)
        self.told.append(mention.id)

    def mention_changed(self, session: Session, mention: Mention, now: datetime) -> None:
        """Note the mention that was edited."""
        del session, now
        self.changed.append(mention.id)

    def mention_went(self, session: Session, mention: Mention, now: datetime) -> None:
        """Note the mention that is gone."""
        del session, now
        self.went.append(mention.id)


class RecordingLosses:
    """Notes how each source stood before and after its polls."""

    def __init__(self) -> None:
        self.polls: list[tuple[int, SourceState, SourceState]] = []

    def source_changed_state(
        self, session: Session, source: Source, before: SourceState, after: SourceState, now: datetime
    ) -> None:
        """Note the poll."""
        del session, now
        self.polls.append((source.id, before, after))


class RecordingRatings:
    """Notes the sentences on averages that have fallen."""

    def __init__(self) -> None:
        self.falls: list[str] = []

    def rating_fell(
        self, session: Session, source: Source, sentence: str, now_shown: Mapping[str, float], now: datetime
    ) -> None:
        """Note the sentence."""
        del session, source, now_shown, now
        self.falls.append(sentence)


@dataclass
class ScanStage:
    """The services of a scan, with parts that record."""

    settings: Settings
    clock: ManualClock
    database: Database
    scorer: WordScorer = field(default_factory=WordScorer)
    story_desk: RecordingDesk = field(default_factory=RecordingDesk)
    lost_sources: RecordingLosses = field(default_factory=RecordingLosses)
    falling_ratings: RecordingRatings = field(default_factory=RecordingRatings)
    stopping: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.fetcher = Fetcher(self.settings)
        self.source_reader = SourceReader(self.fetcher, Robots(self.fetcher, self.clock))

    @property
    def scorers(self) -> "ScanStage":
        """Hand out the scorers: itself."""
        return self

    def scorer_for(self, shop: Shop) -> WordScorer:
        """Give every shop the same scorer."""
        del shop
        return self.scorer

    def add(self, shop: Shop, url: str, kind: SourceKind = SourceKind.FEED, **more: Any) -> int:  # noqa: ANN401 - options of the registry
        """Add a source that is due now; return its id."""
        with self.database.writing() as session:
            return add_source(session, shop, url, kind, self.clock.now(), **more).id

    def source(self, source_id: int) -> Source:
        """Return a source as it stands."""
        with self.database.reading() as session:
            return session.get_one(Source, source_id)
