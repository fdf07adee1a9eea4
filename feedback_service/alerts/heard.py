"""What a source has brought: its last documents, what became of each, and how much came of late."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.alerts.models import StoryItem
from feedback_service.mentions.models import Document, Mention


@dataclass(frozen=True, slots=True)
class Heard:
    """A document, the mention that was made of it and the story that tells it, where there are any."""

    document: Document
    mention: Mention | None
    story_id: int | None


def last_documents(session: Session, source_id: int, most: int = 20) -> Sequence[Heard]:
    """Return the documents that a source brought last, the latest first."""
    rows = session.execute(
        sa.select(Document, Mention, StoryItem.story_id)
        .outerjoin(Mention, Mention.document_id == Document.id)
        .outerjoin(StoryItem, StoryItem.mention_id == Mention.id)
        .where(Document.source_id == source_id)
        .order_by(Document.id.desc())
        .limit(most)
    )
    return [Heard(document, mention, story_id) for document, mention, story_id in rows]


def documents_since(session: Session, source_ids: Collection[int], since: datetime) -> Mapping[int, int]:
    """Return how many documents each source has brought since then; sources that brought none are left out."""
    rows = session.execute(
        sa.select(Document.source_id, sa.func.count().label("documents"))
        .where(Document.source_id.in_(source_ids), Document.fetched_at >= since)
        .group_by(Document.source_id)
    )
    return {row.source_id: row.documents for row in rows}


def count_documents(session: Session, source_id: int) -> int:
    """Return how many documents of a source are stored."""
    return session.scalar(sa.select(sa.func.count()).where(Document.source_id == source_id)) or 0
