"""Shelves of the inbox: which stories a person sees, in which order."""

from collections.abc import Collection
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from feedback_service.alerts.models import CLOSED, Level, Story, StoryItem, StoryState
from feedback_service.errors import NotFoundError
from feedback_service.mentions.models import Mention
from feedback_service.paging import Paged, paged

PAGE_SIZE = 25


class Shelf(StrEnum):
    """The three views of the inbox."""

    OPEN = "open"
    TAKEN = "taken"
    CLOSED = "closed"


_STATES = {
    Shelf.OPEN: (StoryState.OPEN,),
    Shelf.TAKEN: (StoryState.TAKEN,),
    Shelf.CLOSED: CLOSED,
}
_BY_LEVEL = sa.case({Level.CRISIS: 0, Level.SAME_DAY: 1}, value=Story.level, else_=2)


def stories_on(session: Session, shelf: Shelf, shop_ids: Collection[int], number: int = 1) -> Paged[Story]:
    """Return a page of the shelf, worst first; closed stories latest first. Other shops' stories are not there."""
    worst_first = (_BY_LEVEL, Story.severity.desc(), Story.opened_at.desc(), Story.id.desc())
    order = (Story.closed_at.desc(), Story.id.desc()) if shelf is Shelf.CLOSED else worst_first
    query = (
        sa.select(Story)
        .where(Story.shop_id.in_(shop_ids), Story.state.in_(_STATES[shelf]))
        .order_by(*order)
        .options(
            selectinload(Story.items).selectinload(StoryItem.mention).selectinload(Mention.source),
            selectinload(Story.items).selectinload(StoryItem.answer),
            selectinload(Story.items).selectinload(StoryItem.reply),
            selectinload(Story.owner),
            selectinload(Story.shop),
        )
    )
    return paged(session, query, number, PAGE_SIZE)


def counts(session: Session, shop_ids: Collection[int]) -> dict[Shelf, int]:
    """Return how many stories stand on each shelf."""
    rows = session.execute(
        sa.select(Story.state, sa.func.count()).where(Story.shop_id.in_(shop_ids)).group_by(Story.state)
    )
    by_state = {state: count for state, count in rows}  # noqa: C416 - rows are no pairs for mypy
    return {shelf: sum(by_state.get(state, 0) for state in states) for shelf, states in _STATES.items()}


def find_story(session: Session, story_id: int, shop_ids: Collection[int]) -> Story:
    """Return a story of these shops; `NotFoundError` also where it exists elsewhere."""
    story = session.scalar(sa.select(Story).where(Story.id == story_id, Story.shop_id.in_(shop_ids)))
    if story is None:
        sentence = f"There is no story {story_id}."
        raise NotFoundError(sentence)
    return story
