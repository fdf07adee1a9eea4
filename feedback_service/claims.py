"""Claims: work is rows with a due time; a worker takes a batch by a conditional write that can lose.

The worker claims, commits, does the outside call, and settles guarded by its claim. A lease makes the
rows of a dead worker due again; the claim counts attempts, because a crash never reaches `settle`.
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Protocol, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, QueryableAttribute, Session, mapped_column

from feedback_service.db import Base, table_of


class Claimable(Base):
    """Columns of a table whose rows are work. `due_at` NULL means that nothing is to be done."""

    __abstract__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    due_at: Mapped[datetime | None] = mapped_column(default=None)
    claim: Mapped[str | None] = mapped_column(default=None)
    claimed_until: Mapped[datetime | None] = mapped_column(default=None)
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")


Row = TypeVar("Row", bound=Claimable)


class Held(Protocol):
    """What is known of a claimed row: which it is, and by which claim."""

    @property
    def id(self) -> int:
        """Its primary key."""

    @property
    def claim(self) -> str | None:
        """By which it is held."""


def claim_due(
    session: Session,
    model: type[Row],
    *,
    now: datetime,
    lease: timedelta,
    limit: int,
    where: Sequence[sa.ColumnElement[bool]] = (),
) -> list[Row]:
    """Claim up to `limit` due rows that nobody holds, and return them; commit before using them.

    On PostgreSQL rows another worker is claiming are skipped; on SQLite the write lock of
    `Database.writing()` keeps workers apart.
    """
    ids = _free_ids(session, model, now, limit, where, (model.due_at, model.id))
    if not ids:
        return []
    claimed = _claiming(model, sa.update(model), ids, now + lease).returning(model)
    rows = session.scalars(claimed.execution_options(synchronize_session=False, populate_existing=True)).all()
    return _ranked(rows, ids)


def claim_columns(
    session: Session,
    model: type[Claimable],
    columns: Sequence[sa.ColumnElement[Any]],
    *,
    now: datetime,
    lease: timedelta,
    limit: int,
    where: Sequence[sa.ColumnElement[bool]] = (),
    order_by: Sequence[sa.ColumnElement[Any]],
) -> Sequence[sa.Row[Any]]:
    """Claim as `claim_due` does, in an order of one's own, and return `columns`, `id` among them, of each row.

    To make objects of hundreds of rows takes longer than to claim them.
    """
    ids = _free_ids(session, model, now, limit, where, order_by)
    if not ids:
        return []
    claimed = _claiming(model, sa.update(table_of(model)), ids, now + lease).returning(*columns)
    return _ranked(session.connection().execute(claimed), ids)


def _free_ids(
    session: Session,
    model: type[Claimable],
    now: datetime,
    limit: int,
    where: Sequence[sa.ColumnElement[bool]],
    order_by: Sequence[sa.ColumnElement[Any] | Mapped[Any]],
) -> Sequence[int]:
    free = sa.or_(model.claimed_until.is_(None), model.claimed_until <= now)
    due = sa.select(model.id).where(model.due_at <= now, free, *where).order_by(*order_by).limit(limit)
    return session.scalars(due.with_for_update(skip_locked=True)).all()


def _claiming(model: type[Claimable], update: sa.Update, ids: Sequence[int], until: datetime) -> sa.Update:
    columns = table_of(model).c
    values = {"claim": secrets.token_hex(8), "claimed_until": until, "attempts": columns.attempts + 1}
    return update.where(columns.id.in_(ids)).values(values)


def _ranked(rows: Iterable[Any], ids: Sequence[int]) -> list[Any]:
    rank = {row_id: position for position, row_id in enumerate(ids)}
    return sorted(rows, key=lambda row: rank[row.id])


def release(session: Session, row: Claimable) -> None:
    """Give back a claimed row that was not worked on: it is due as before, and the attempt does not count."""
    model = type(row)
    session.execute(
        sa.update(model)
        .where(model.id == row.id, model.claim == row.claim)
        .values(claim=None, claimed_until=None, attempts=model.attempts - 1)
        .execution_options(synchronize_session=False)
    )


def renew(session: Session, rows: Sequence[Claimable], until: datetime) -> None:
    """Hold claimed rows until `until`; one whose claim was lost meanwhile is left as it is."""
    for row in rows:
        model = type(row)
        session.execute(
            sa.update(model)
            .where(model.id == row.id, model.claim == row.claim)
            .values(claimed_until=until)
            .execution_options(synchronize_session=False)
        )


def settle(
    session: Session, row: Claimable, *, values: dict[str, Any], only_if: Sequence[sa.ColumnElement[bool]] = ()
) -> bool:
    """Write `values` and release the claim on `row`; False when the claim was lost to another worker."""
    model = type(row)
    if not only_if and not any(isinstance(value, sa.ClauseElement | QueryableAttribute) for value in values.values()):
        session.flush()
        return session.connection().execute(_settling(model, tuple(values)), _settled(row, values)).rowcount == 1
    result = session.execute(
        sa.update(model)
        .where(model.id == row.id, model.claim == row.claim, *only_if)
        .values(claim=None, claimed_until=None, **values)
        .execution_options(synchronize_session=False)
    )
    return cast("sa.CursorResult[Any]", result).rowcount == 1


def settle_many(session: Session, model: type[Claimable], rows: Sequence[tuple[Held, Mapping[str, Any]]]) -> int:
    """Settle many rows at once whose values have the same keys; return how many of them were still ours.

    One whose claim was lost is left as it is.
    """
    if not rows:
        return 0
    settling = _settling(model, tuple(rows[0][1]))
    return session.connection().execute(settling, [_settled(row, values) for row, values in rows]).rowcount


@cache
def _settling(model: type[Claimable], columns: tuple[str, ...]) -> sa.Update:
    """Return the statement that settles rows: made once, it costs a fifth of one that is made for each row."""
    table = table_of(model)
    values: dict[str, sa.BindParameter[Any]] = {column: sa.bindparam(f"new_{column}") for column in columns}
    held = (table.c.id == sa.bindparam("held_id"), table.c.claim == sa.bindparam("held_claim"))
    return sa.update(table).where(*held).values(claim=None, claimed_until=None, **values)


def _settled(row: Held, values: Mapping[str, Any]) -> dict[str, Any]:
    return {"held_id": row.id, "held_claim": row.claim} | {f"new_{column}": value for column, value in values.items()}
