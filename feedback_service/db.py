"""The database: transactions, column types, statements. SQLite by default, PostgreSQL by URL (`engines`).

SQLite drops the offset of an aware datetime, so `UtcDateTime` refuses naive values and gives back aware ones.
"""

import contextlib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.orm import DeclarativeBase, Session

from feedback_service.batches import batched
from feedback_service.connections import Bound, SingleQuestions
from feedback_service.engines import create_engine
from feedback_service.errors import DatabaseUnavailableError

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

_NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_ASKED_AT_ONCE = 500
"""Most values in one IN list: a first scan may bring thousands of items."""
ASKED = "asked"
_ADVICE = (
    ("locked", "Another program holds it: end that, or try again."),
    ("readonly", "Let the service's user write the file and its folder."),
    ("unable to open", "See that its folder is there and that the service's user may write it."),
    ("not a database", "It is damaged or something else: put a backup in its place (docs/operations.md)."),
    ("malformed", "It is damaged: put a backup in its place (docs/operations.md)."),
    ("full", "The disk is full: make room."),
    ("disk I/O error", "The disk failed: see the system's log."),
)


class UtcDateTime(sa.TypeDecorator[datetime]):
    """An instant. Refuses naive values; stores UTC; returns aware UTC values on every database."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Turn an aware instant into what the database stores."""
        if value is None:
            return None
        if value.tzinfo is None:
            msg = f"naive datetime {value!r} refused: an instant needs its zone"
            raise ValueError(msg)
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Give back an aware instant in UTC."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class StorableText(sa.TypeDecorator[str]):
    """Text without what PostgreSQL refuses: NUL, and halves of surrogate pairs.

    Who lets text in cleans it as it should read; this is the net below, so that one letter in a form, a
    feed or a login never fails a whole transaction, and every database stores the same.
    """

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        """Leave out what cannot be stored."""
        del dialect
        return _UNSTORABLE.sub("", value) if value and not _is_storable(value) else value


def _is_storable(text: str) -> bool:
    # Nearly all texts are: to encode one finds half a pair in a tenth of the time that looking for it takes.
    if "\0" in text:
        return False
    try:
        return text.isascii() or bool(text.encode())
    except UnicodeEncodeError:
        return False


class Base(DeclarativeBase):
    """Parent of every table of every room."""

    metadata = sa.MetaData(naming_convention=_NAMING)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads this class attribute
        datetime: UtcDateTime(),
        str: StorableText(),
        dict[str, Any]: sa.JSON(),
        list[str]: sa.JSON(),
    }


def enum_column(kind: type[StrEnum]) -> sa.Enum:
    """Return the column type of a `StrEnum` stored by value as text."""
    return sa.Enum(
        kind,
        native_enum=False,
        create_constraint=False,
        length=40,
        values_callable=lambda members: [member.value for member in members],
    )


def insert_for(session: Session, model: type[Base]) -> "sqlite.Insert | postgresql.Insert":
    """Return an INSERT into the table of `model` that may say what to do on a conflict, in the session's dialect."""
    # Here, because a process on SQLite would hold two megabytes for the other dialect.
    if session.get_bind().dialect.name == "sqlite":
        from sqlalchemy.dialects import sqlite

        return sqlite.insert(model)
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(model)


def insert_rows(session: Session, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows by column name, all of the same columns, without making an object of each."""
    if rows:
        session.connection().execute(_insert_into(model), rows)


@cache
def _insert_into(model: type[Base]) -> sa.Insert:
    return sa.insert(table_of(model))


def table_of(model: type[Base]) -> sa.Table:
    """Return the table of `model`: a statement on it, made once, costs a fifth of what one on the class costs."""
    return cast("sa.Table", model.__table__)


def any_asked(column: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Return the condition that `column` is one of the values that `rows_of` asks for."""
    return column.in_(sa.bindparam(ASKED, expanding=True))


def rows_of(session: Session, statement: sa.Select[Any], asked: Collection[Any], **values: Any) -> Iterator[Any]:  # noqa: ANN401 - of any column
    """Yield the rows of a statement on tables that says `any_asked`, for so many of the values at a time.

    It does not see what the session has not flushed.
    """
    for some in batched(asked, _ASKED_AT_ONCE):
        yield from session.connection().execute(statement, {ASKED: some, **values})


class Database:
    """Opens short transactions: `reading()` and `writing()`.

    Both raise `DatabaseUnavailableError` when the database goes away, is locked or full: what was begun is undone.
    No transaction may span a call to the outside (SMTP, HTTP): claim, commit, call, settle.
    """

    def __init__(self, url: str) -> None:
        self.url = sa.make_url(url)
        self.engine = create_engine(self.url)
        self._single_questions = SingleQuestions(self.engine)

    @property
    def is_sqlite(self) -> bool:
        """Tell whether this is SQLite (else PostgreSQL)."""
        return self.url.get_backend_name() == "sqlite"

    @contextlib.contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session for reading; whatever it changes is rolled back."""
        with self._session(writer=False) as session:
            yield session

    @contextlib.contextmanager
    def writing(self) -> Iterator[Session]:
        """Give a session in a write transaction; commits at the end, rolls back on an error."""
        with self._session(writer=True) as session:
            yield session
            session.commit()

    def first_row(self, sql: str, bound: Bound) -> Sequence[Any] | None:
        """Return the first row of a SELECT that is put to the driver as it is (`prepared`), in no transaction."""
        try:
            return self._single_questions.first_row(sql, bound)
        except (self.engine.dialect.loaded_dbapi.OperationalError, sa.exc.OperationalError) as error:
            raise self.unavailable(error, "used") from error

    def check(self) -> None:
        """Raise `DatabaseUnavailableError` with a sentence if the database cannot be reached."""
        try:
            with self.engine.connect() as connection:
                connection.execute(sa.text("SELECT 1"))
        except sa.exc.DBAPIError as error:
            raise self.unavailable(error, "reached") from error

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._single_questions.close()
        self.engine.dispose()

    @contextlib.contextmanager
    def _session(self, *, writer: bool) -> Iterator[Session]:
        engine = self.engine.execution_options(feedback_writer=writer)
        try:
            with Session(engine, expire_on_commit=False, autoflush=True) as session:
                yield session
        except (sa.exc.OperationalError, self.engine.dialect.loaded_dbapi.OperationalError) as error:
            raise self.unavailable(error, "used") from error

    def unavailable(self, error: Exception, verb: str) -> DatabaseUnavailableError:
        """Return the error that says in a sentence why the database cannot be `verb` ("used", "reached")."""
        cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
        reason = " ".join(str(cause).split())
        name = self.url.render_as_string(hide_password=True)
        sentence = f"The database at {name} cannot be {verb}: {reason}{_advice(reason)}"
        return DatabaseUnavailableError(sentence, subject=str(self.url.host or self.url.database))


def _advice(reason: str) -> str:
    """Return what a person can do about a reason that SQLite gives; PostgreSQL's own sentences say it."""
    known = (advice for words, advice in _ADVICE if words in reason)
    return f". {advice}" if (advice := next(known, "")) else ""


class Writer:
    """One connection kept for many short write transactions, one after the other; of any thread, one at a time.

    Errors of the driver's own cursor (`cursor_of`) are told like those of SQLAlchemy.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: sa.Connection | None = None

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """Give the connection in a write transaction, as `Database.writing` does; commits at the end."""
        try:
            if self._connection is None:
                self._connection = self._database.engine.execution_options(feedback_writer=True).connect()
            with self._connection.begin():
                yield self._connection
        except (self._database.engine.dialect.loaded_dbapi.OperationalError, sa.exc.OperationalError) as error:
            self.close()
            raise self._database.unavailable(error, "used") from error

    def close(self) -> None:
        """Give the connection back; the next transaction takes another one."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            connection.close()


@contextlib.contextmanager
def cursor_of(connection: sa.Connection) -> Iterator[DBAPICursor]:
    """Give the driver's own cursor in the transaction of `connection`, for what is compiled already (`prepared`)."""
    cursor = connection.connection.cursor()
    try:
        yield cursor
    finally:
        cursor.close()
