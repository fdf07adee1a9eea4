"""Run by Alembic with the connection that `feedback_service.schema` hands over."""

from typing import Literal

import sqlalchemy as sa
from alembic import context

from feedback_service import tables
from feedback_service.db import StorableText, UtcDateTime

# Any constant: PostgreSQL lets one process at a time past it, the second finds nothing left to do.
_LOCK = 7_240_611


def _render(kind: str, item: object, _autogen: object) -> str | Literal[False]:
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return "sa.Text()" if kind == "type" and isinstance(item, StorableText) else False


def _run(connection: sa.Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    context.configure(
        connection=connection,
        target_metadata=tables.metadata,
        render_item=_render,
        compare_type=False,
    )
    with context.begin_transaction():
        context.run_migrations()


_run(context.config.attributes["connection"])
