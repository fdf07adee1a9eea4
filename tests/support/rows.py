"""Two rows in every table of the schema, whatever they mean: for migrations, which must lose none of them."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from feedback_service import tables
from feedback_service.db import Database
from tests.support.builders import NOW

Rows = dict[str, list[dict[str, Any]]]
_COUNT = 2


def fill_every_table(database: Database) -> None:
    """Insert the rows; each refers to the row of its own number wherever it may."""
    with database.engine.begin() as connection:
        for table in tables.metadata.sorted_tables:
            for number in range(1, _COUNT + 1):
                values = {column.name: _value(column, number) for column in table.columns}
                connection.execute(sa.insert(table).values(values))


def _value(column: sa.Column[Any], number: int) -> object:
    if column.foreign_keys or (column.primary_key and isinstance(column.type, sa.Integer)):
        return number
    if isinstance(column.type, sa.Enum):
        return column.type.enums[0]
    samples: dict[object, object] = {
        bool: True,
        int: 10 + number,
        float: number / 4,
        Decimal: Decimal(number) / 4,
        date: (NOW + timedelta(days=number)).date(),
        datetime: NOW + timedelta(days=number),
        bytes: b"\x00\xff" + bytes([number]),
        object: [{"é": number}],  # what JSON says it is
        str: f"{column.name} né {number}",
    }
    kind = column.type.impl if isinstance(column.type, sa.TypeDecorator) else column.type
    return samples[kind.python_type]


def rows_of_every_table(database: Database) -> Rows:
    """Return what the tables hold that are there now, as the database itself describes and stores it."""
    found: Rows = {}
    with database.engine.connect() as connection:
        there = sa.MetaData()
        there.reflect(connection)
        for table in there.sorted_tables:
            columns = [sa.type_coerce(column, sa.types.NullType()).label(column.name) for column in table.columns]
            rows = connection.execute(sa.select(*columns).select_from(table)).mappings().all()
            found[table.name] = [dict(row) for row in rows]
    found.pop("alembic_version", None)
    return found
