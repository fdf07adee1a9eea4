"""Removing a source: its documents and mentions go with it, and the stories that only it told."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.alerts.models import Story, StoryItem
from feedback_service.mentions.models import Document, Mention
from feedback_service.shops.models import AuditEntry
from feedback_service.sources.models import Source


@dataclass(frozen=True, slots=True)
class Belongings:
    """What goes with a source: how many documents, mentions, and stories that nobody else told."""

    documents: int
    mentions: int
    stories: int


def belongings(session: Session, source: Source) -> Belongings:
    """Return what would go with `source`."""
    return Belongings(
        documents=_count(session, sa.select(Document.id).where(Document.source_id == source.id)),
        mentions=_count(session, sa.select(Mention.id).where(Mention.source_id == source.id)),
        stories=_count(session, _told_only_by(source)),
    )


def remove_source(session: Session, source: Source, now: datetime, *, staff_id: int | None = None) -> Belongings:
    """Delete a source and what belongs to it; return what that was. A poll under way then stores nothing.

    The audit log says who did it and what went.
    """
    gone = belongings(session, source)
    session.execute(sa.delete(Story).where(Story.id.in_(_told_only_by(source))))
    session.execute(sa.delete(Source).where(Source.id == source.id))
    detail = f"{source.url}: documents {gone.documents}, mentions {gone.mentions}, stories {gone.stories}"
    session.add(
        AuditEntry(at=now, staff_id=staff_id, action="source.removed", subject=f"source:{source.id}", detail=detail)
    )
    return gone


def _told_only_by(source: Source) -> sa.Select[int]:
    """Select the stories of which every item is a mention of `source`."""
    theirs = sa.select(StoryItem.story_id).join(Mention).where(Mention.source_id == source.id)
    is_other = sa.or_(Mention.id.is_(None), Mention.source_id != source.id)
    others = sa.select(StoryItem.story_id).outerjoin(Mention).where(StoryItem.story_id.in_(theirs), is_other)
    return sa.select(Story.id).where(Story.id.in_(theirs), Story.id.not_in(others))


def _count(session: Session, rows: sa.Select[int]) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(rows.subquery())) or 0
