"""What a source has brought: its last documents, what became of each, and how much came of late."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.alerts.models import StoryItem
from feedback_service.mentions.identity import judged_text, normal, text_digest
from feedback_service.mentions.models import Document, Mention, MentionBand
from feedback_service.mentions.near import bands_to_ask, is_near
from feedback_service.sources.items import Item
from feedback_service.sources.models import Source

_MOST_LIKELY = 20


@dataclass(frozen=True, slots=True)
class Heard:
    """A document, the mention that was made of it and the story that tells it, where there are any.

    `is_copy`: the mention was made of another document, which says the same or nearly so.
    """

    document: Document
    mention: Mention | None
    story_id: int | None
    is_copy: bool = False


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
    heard = [Heard(document, mention, story_id) for document, mention, story_id in rows]
    return [each if each.mention else _as_copy(session, each) for each in heard]


def _as_copy(session: Session, heard: Heard) -> Heard:
    """Return a document without a mention of its own with that of which it is a copy, if it is one (R50)."""
    document = heard.document
    text = judged_text(Item("", "", document.title, document.text))
    shop_id = sa.select(Source.shop_id).where(Source.id == document.source_id).scalar_subquery()
    held = sa.select(MentionBand.mention_id).where(
        MentionBand.shop_id == shop_id, MentionBand.band.in_(bands_to_ask(text))
    )
    same = Mention.text_digest == text_digest(text, document.identity)
    likely = session.execute(
        sa.select(Mention, StoryItem.story_id)
        .outerjoin(StoryItem, StoryItem.mention_id == Mention.id)
        .where(Mention.shop_id == shop_id, sa.or_(same, Mention.id.in_(held)))
        .order_by(same.desc(), Mention.id)
        .limit(_MOST_LIKELY)
    )
    for mention, story_id in likely:
        if normal(mention.text) == normal(text) or is_near(mention.text, text):
            return Heard(document, mention, story_id, is_copy=True)
    return heard


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
