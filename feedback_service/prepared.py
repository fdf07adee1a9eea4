"""Statements that are compiled once and put to the driver as they are.

SQLAlchemy's own way to a row costs several times what SQLite needs to find it, and begins and ends a
transaction around it; on PostgreSQL each of these is a question of its own to the server. For the one query that
stands behind each page of a customer that is most of the work; so it is for the two short writes that stand between
every mail and its server. What a row holds is the same either way: the columns' types turn Python's values into the
driver's, and back.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPICursor

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

    def first(self, parameters: Mapping[str, Any]) -> list[Any] | None:
        """Return the first row as Python's values; None where there is none.

        Raises `DatabaseUnavailableError` as the transactions of `Database` do.
        """
        bound: Any = parameters if self._positions is None else [parameters[name] for name in self._positions]
        found = self._database.first_row(self._sql, bound)
        if found is None:
            return None
        row = list(found)
        for index, processor in self._processors:
            row[index] = processor(row[index])
        return row


class PreparedWrite:
    """One UPDATE or DELETE with named parameters, for many rows at once, inside a transaction of the caller's."""

    def __init__(self, database: Database, statement: sa.Update | sa.Delete) -> None:
        dialect = database.engine.dialect
        compiled = statement.compile(dialect=dialect)
        self._sql = str(compiled)
        self._positions = compiled.positiontup
        processors = {
            name: bound.type.dialect_impl(dialect).bind_processor(dialect) for name, bound in compiled.binds.items()
        }
        self._processors = {name: processor for name, processor in processors.items() if processor is not None}
        given = {name for name, bound in compiled.binds.items() if bound.required}
        self._fixed = self._bound({name: value for name, value in compiled.params.items() if name not in given})

    def run(self, cursor: DBAPICursor, rows: Sequence[Mapping[str, Any]], **shared: Any) -> int:  # noqa: ANN401 - of any column
        """Write with each of `rows`, the values of the parameters by name; return how many rows were changed.

        `shared` are values that are the same for all. Errors are the driver's.
        """
        if not rows:
            return 0
        fixed = self._fixed | self._bound(shared)
        bound: list[Any] = [fixed | self._bound(row) for row in rows]
        if self._positions is not None:
            bound = [[values[name] for name in self._positions] for values in bound]
        cursor.executemany(self._sql, bound)
        return cursor.rowcount

    def _bound(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: processor(value) if (processor := self._processors.get(name)) else value
            for name, value in values.items()
        }


def _processor(type_: sa.types.TypeEngine[Any], dialect: sa.Dialect) -> _Processor | None:
    """Return what turns the driver's value of a column into Python's, as a result of SQLAlchemy does."""
    return type_.dialect_impl(dialect).result_processor(dialect, None)
