"""A query that is compiled once and put to the driver as it is.

SQLAlchemy's own way to a row costs several times what SQLite needs to find it, and begins and ends a
transaction around it. For the one query that stands behind each page of a customer that is most of the
work. What a row holds is the same either way: the columns' types turn it into Python's values.
"""

from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa

from feedback_service.db import Database

_Processor = Callable[[Any], Any]


class PreparedQuery:
    """One SELECT with named parameters, for one row at a time; it needs no transaction, being alone in its own."""

    def __init__(self, database: Database, statement: sa.Select[Any]) -> None:
        dialect = database.engine.dialect
        compiled = statement.compile(dialect=dialect)
        self._database = database
        self._sql = str(compiled)
        self._positions = compiled.positiontup
        self._processors = [
            (index, processor)
            for index, column in enumerate(statement.selected_columns)
            if (processor := _processor(column.type, dialect)) is not None
        ]

    def first(self, parameters: Mapping[str, str]) -> list[Any] | None:
        """Return the first row as Python's values; None where there is none.

        Raises `DatabaseUnavailableError` as the transactions of `Database` do.
        """
        bound: Any = parameters if self._positions is None else [parameters[name] for name in self._positions]
        with self._database.driving() as cursor:
            cursor.execute(self._sql, bound)
            found = cursor.fetchone()
        if found is None:
            return None
        row = list(found)
        for index, processor in self._processors:
            row[index] = processor(row[index])
        return row


def _processor(type_: sa.types.TypeEngine[Any], dialect: sa.Dialect) -> _Processor | None:
    """Return what turns the driver's value of a column into Python's, as a result of SQLAlchemy does."""
    return type_.dialect_impl(dialect).result_processor(dialect, None)
