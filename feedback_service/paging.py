"""Long lists, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Paged(Generic[Row]):
    """One page of a list; `number` counts from 1, `count` is how many rows the whole list has."""

    rows: Sequence[Row]
    number: int
    pages: int
    count: int


def paged(session: Session, query: sa.Select[Row], number: int, size: int = 50) -> Paged[Row]:
    """Return page `number` of the rows of `query`: the first one at least, the last one if there are fewer."""
    count = session.scalar(sa.select(sa.func.count()).select_from(query.order_by(None).subquery())) or 0
    pages = max(1, -(-count // size))
    number = min(max(1, number), pages)
    rows = session.scalars(query.limit(size).offset((number - 1) * size)).all()
    return Paged(rows, number, pages, count)
