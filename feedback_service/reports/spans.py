"""Conditions on instants: within a span, and in which bucket of a series."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from feedback_service.reports.figures import Span

Instant = InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None]


def within(column: Instant, span: Span) -> sa.ColumnElement[bool]:
    """Return the condition that `column` lies in `span`."""
    conditions: list[sa.ColumnElement[bool]] = [column.is_not(None)]
    if span.start is not None:
        conditions.append(column >= span.start)
    if span.end is not None:
        conditions.append(column < span.end)
    return sa.and_(*conditions)


def bucket(column: Instant, edges: Sequence[datetime]) -> sa.Case[Any]:
    """Return the number of the bucket in which `column` lies: i for edges[i] <= column < edges[i + 1].

    The edges are instants made from the shop's calendar, so that weeks with a clock change stay whole weeks
    on every database.
    """
    return sa.case(*((column < edge, number) for number, edge in enumerate(edges[1:])), else_=len(edges) - 1)
