"""Statements that are compiled once and put to the driver as they are.

SQLAlchemy's own way to a row costs several times what SQLite needs to find it, and begins and ends a
transaction around it; on PostgreSQL each of these is a question of its own to the server. For the few statements
that stand behind each page of a customer, each answer and each mail that is most of the work. What is stored and
what a row holds is the same either way: the columns' types turn Python's values into the driver's and back.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from feedback_service.db import Database, cursor_of

_Processor = Callable[[Any], Any]
_Statement = sa.Select[Any] | sa.Insert | sa.Update | sa.Delete
_SIZES = 64
# What PostgreSQL calls the numbers of our columns; no other type asks what the driver calls it.
_FLOAT8 = 701


class PreparedStatement:
    """One statement with named parameters, within a transaction; what fails raises the driver's own errors."""

    def __init__(self, dialect: sa.Dialect, statement: _Statement) -> None:
        compiled = statement.compile(dialect=dialect)
        self.sql = str(compiled)
        self._positions = compiled.positiontup
        processors = {
            name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in compiled.binds.items()
        }
        # None for what the driver takes as it is.
        self._given: Mapping[str, _Processor | None] = {
            name: processors[name] for name, bind in compiled.binds.items() if bind.required
        }
        fixed = {name: value for name, value in compiled.params.items() if name not in self._given}
        self._fixed = {name: _as_stored(value, processors[name]) for name, value in fixed.items()}
        columns = statement.selected_columns if isinstance(statement, sa.Select) else ()
        self._result = [
            (index, processor)
            for index, column in enumerate(columns)
            if (processor := column.type.dialect_impl(dialect).result_processor(dialect, _FLOAT8)) is not None
        ]

    def execute(self, connection: sa.Connection, each: Sequence[Mapping[str, Any]]) -> int:
        """Execute it with each of the parameters, in the transaction of `connection`; return how many rows changed."""
        if not each:
            return 0
        with cursor_of(connection) as cursor:
            cursor.executemany(self.sql, [self.bound(parameters) for parameters in each])
            return cursor.rowcount

    def rows(self, connection: sa.Connection, parameters: Mapping[str, Any]) -> list[list[Any]]:
        """Return the rows of a SELECT in the transaction of `connection`."""
        with cursor_of(connection) as cursor:
            cursor.execute(self.sql, self.bound(parameters))
            return [self.row(found) for found in cursor.fetchall()]

    def bound(self, parameters: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a list or a mapping, as the driver asks
        """Return the parameters as the driver takes them."""
        values = self._fixed | {
            name: _as_stored(parameters[name], processor) for name, processor in self._given.items()
        }
        return values if self._positions is None else [values[name] for name in self._positions]

    def row(self, found: Sequence[Any]) -> list[Any]:
        """Return a row of the driver as Python's values."""
        row = list(found)
        for index, processor in self._result:
            row[index] = processor(row[index])
        return row


class PreparedQuery:
    """One SELECT, for one row at a time; it needs no transaction, being alone in its own."""

    def __init__(self, database: Database, statement: sa.Select[Any]) -> None:
        self._database = database
        self._statement = PreparedStatement(database.engine.dialect, statement)

    def first(self, parameters: Mapping[str, Any]) -> list[Any] | None:
        """Return the first row as Python's values; None where there is none.

        Raises `DatabaseUnavailableError` as the transactions of `Database` do.
        """
        found = self._database.first_row(self._statement.sql, self._statement.bound(parameters))
        return None if found is None else self._statement.row(found)


class PreparedForSeveral:
    """One statement for so many things at once; compiled at the first use for each number of them.

    Args:
        make: returns the statement for so many; its parameters for the first are called `name_0`, and so on.
    """

    def __init__(self, make: Callable[[int], _Statement]) -> None:
        self._of = lru_cache(maxsize=_SIZES)(lambda dialect, count: PreparedStatement(dialect, make(count)))

    def execute(self, connection: sa.Connection, each: Sequence[Mapping[str, Any]]) -> None:
        """Execute it for all of `each`, in the transaction of `connection`; raises the driver's own errors.

        SQLite's driver lets go of the interpreter at every execution, so that is one. PostgreSQL's reads a long
        statement anew each time and sends many short ones together, so those are many.
        """
        if connection.dialect.name == "sqlite":
            self._of(connection.dialect, len(each)).execute(connection, [_numbered(each)])
        else:
            self._of(connection.dialect, 1).execute(connection, [_numbered([one]) for one in each])

    def rows(self, connection: sa.Connection, each: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
        """Return the rows for all of `each`, in the transaction of `connection`; raises the driver's own errors."""
        return self._of(connection.dialect, len(each)).rows(connection, _numbered(each))


def inserting(table: sa.Table, names: Collection[str]) -> PreparedForSeveral:
    """Return the statement that inserts rows of these columns."""

    def make(count: int) -> sa.Insert:
        columns = {name: several(name, table.c[name].type, count) for name in names}
        return sa.insert(table).values([{name: columns[name][index] for name in names} for index in range(count)])

    return PreparedForSeveral(make)


def constants(values: Iterable[str]) -> list[sa.ColumnElement[str]]:
    """Return values of ours, such as those of an enumeration, as a statement names them without parameters."""
    return [sa.literal_column(f"'{value}'") for value in sorted(values)]


def several(name: str, type_: sa.types.TypeEngine[Any], count: int) -> list[sa.BindParameter[Any]]:
    """Return the parameters `name_0`, `name_1`, ... of a statement for so many."""
    return [sa.bindparam(f"{name}_{index}", type_=type_) for index in range(count)]


def _numbered(each: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {f"{name}_{index}": value for index, one in enumerate(each) for name, value in one.items()}


def _as_stored(value: Any, processor: _Processor | None) -> Any:  # noqa: ANN401 - of any column
    return value if processor is None else processor(value)
