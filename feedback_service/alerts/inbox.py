"""Shelves of the inbox: which stories a person sees, in which order."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from feedback_service.alerts.models import Level, Story, StoryItem, StoryState
from feedback_service.errors import NotFoundError
from feedback_service.mentions.models import Mention

PAGE_SIZE = 25


class Shelf(StrEnum):
    """The three views of the inbox."""

    OPEN = "open"
    TAKEN = "taken"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class StoryPage:
    """One page of a shelf; `number` counts from 1."""

    stories: Sequence[Story]
    number: int
    pages: int


_STATES = {
    Shelf.OPEN: (StoryState.OPEN,),
    Shelf.TAKEN: (StoryState.TAKEN,),
    Shelf.CLOSED: (StoryState.RESOLVED, StoryState.DISMISSED),
}
_BY_LEVEL = sa.case({Level.CRISIS: 0, Level.SAME_DAY: 1}, value=Story.level, else_=2)


def stories_on(session: Session, shelf: Shelf, shop_ids: Collection[int], number: int = 1) -> StoryPage:
    """Return a page of the shelf, worst first; closed stories latest first. Other shops' stories are not there."""
    there = sa.and_(Story.shop_id.in_(shop_ids), Story.state.in_(_STATES[shelf]))
    count = session.scalar(sa.select(sa.func.count()).where(there)) or 0
    pages = max(1, -(-count // PAGE_SIZE))
    number = min(max(1, number), pages)
    worst_first = (_BY_LEVEL, Story.severity.desc(), Story.opened_at.desc(), Story.id.desc())
    order = (Story.closed_at.desc(), Story.id.desc()) if shelf is Shelf.CLOSED else worst_first
    stories = session.scalars(
        sa.select(Story)
        .where(there)
        .order_by(*order)
        .limit(PAGE_SIZE)
        .offset((number - 1) * PAGE_SIZE)
        .options(
            selectinload(Story.items).selectinload(StoryItem.mention).selectinload(Mention.source),
            selectinload(Story.items).selectinload(StoryItem.answer),
            selectinload(Story.owner),
            selectinload(Story.shop),
        )
    ).all()
    return StoryPage(stories, number, pages)


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
