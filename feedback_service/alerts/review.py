"""Review: mentions that wait for a person, and what the person says of them.

Two questions are asked. "Is it about us?" of what may be about somebody else; nothing was done about it so far. And
"Is it a complaint?" of what the scorer is unsure of; it is about us, and in no story.
"""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from feedback_service import i18n
from feedback_service.alerts.models import Story, StoryItem
from feedback_service.alerts.stories import StoryDesk
from feedback_service.errors import ConflictError, NotFoundError
from feedback_service.mentions.models import Mention, Verdict
from feedback_service.mentions.relevance import Standing
from feedback_service.paging import Paged, paged
from feedback_service.sentiment.judgement import Label
from feedback_service.shops.models import AuditEntry, Staff

PAGE_SIZE = 20
UNSURE_FROM = 0.35
"""Least `negative` of a neutral mention that is worth a look: below, complaints are rare."""


class Question(StrEnum):
    """What a person is asked."""

    ABOUT_US = "about_us"
    COMPLAINT = "complaint"


def question_of(mention: Mention) -> Question:
    """Return what is asked of a mention that waits."""
    return Question.ABOUT_US if mention.standing is Standing.REVIEW else Question.COMPLAINT


def mentions_waiting(session: Session, shop_ids: Collection[int], number: int = 1) -> Paged[Mention]:
    """Return a page of what waits for a person: first what may be about somebody else, each the newest first."""
    doubtful_first = sa.case((Mention.standing == Standing.REVIEW, 0), else_=1)
    said_at = sa.func.coalesce(Mention.published_at, Mention.found_at)
    query = (
        sa.select(Mention)
        .where(_waits(shop_ids))
        .order_by(doubtful_first, said_at.desc(), Mention.id.desc())
        .options(selectinload(Mention.source))
    )
    return paged(session, query, number, PAGE_SIZE)


def count_waiting(session: Session, shop_ids: Collection[int]) -> int:
    """Return how many mentions of these shops wait for a person."""
    return session.scalar(sa.select(sa.func.count()).select_from(Mention).where(_waits(shop_ids))) or 0


def decide(
    session: Session,
    desk: StoryDesk,
    mention_id: int,
    shop_ids: Collection[int],
    verdict: Verdict,
    staff: Staff,
    now: datetime,
) -> Story | None:
    """Keep what `staff` says of a mention that waits; return the story that a complaint opens or joins.

    Of two people the first decides, the other gets a `ConflictError`. `NotFoundError` also where the mention is
    another shop's. The verdict teaches: what is like it is recognised and judged by it from the next scan on.
    """
    mention = _locked(session, mention_id, shop_ids)
    if not session.scalar(sa.select(sa.func.count()).where(Mention.id == mention.id, _waits(shop_ids))):
        _ = i18n.translations(staff.language).gettext
        raise ConflictError(_("This text no longer waits for a decision: somebody has taken one."))
    mention.verdict = verdict
    mention.standing = Standing.NOT_US if verdict is Verdict.NOT_US else Standing.US
    session.add(AuditEntry(at=now, staff_id=staff.id, action=f"mention.{verdict}", subject=f"mention:{mention.id}"))
    session.flush()
    return desk.mention_came_in(session, mention, now) if verdict is Verdict.COMPLAINT else None


def _locked(session: Session, mention_id: int, shop_ids: Collection[int]) -> Mention:
    """Return the mention as it stands now, locked until the transaction ends."""
    chosen = sa.select(Mention).where(Mention.id == mention_id, Mention.shop_id.in_(shop_ids))
    mention = session.scalar(chosen.with_for_update().execution_options(populate_existing=True))
    if mention is None:
        sentence = f"There is no mention {mention_id}."
        raise NotFoundError(sentence)
    return mention


def _waits(shop_ids: Collection[int]) -> sa.ColumnElement[bool]:
    in_a_story = sa.exists().where(StoryItem.mention_id == Mention.id)
    unsure = sa.and_(
        Mention.standing == Standing.US,
        Mention.is_baseline.is_(False),
        Mention.label == Label.NEUTRAL,
        Mention.negative >= UNSURE_FROM,
        ~in_a_story,
    )
    doubtful = Mention.standing == Standing.REVIEW
    return sa.and_(Mention.shop_id.in_(shop_ids), Mention.verdict.is_(None), sa.or_(doubtful, unsure))
