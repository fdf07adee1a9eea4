"""Import of orders and returns from a CSV file: streamed, in batches, good rows kept and bad ones told.

CsvFile (rows) -> RowParser (orders, returns) -> Intake (tables), a batch of orders per transaction
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.batches import batched
from feedback_service.db import Database
from feedback_service.errors import InvalidInputError
from feedback_service.formats import zone
from feedback_service.mail.models import OutboxMail
from feedback_service.returns.connectors.csv_map import ORDER_FIELDS, RETURN_FIELDS, CsvMap, KindMap
from feedback_service.returns.connectors.csv_reader import CsvFile, Problem, Row, grouped
from feedback_service.returns.connectors.csv_rows import Reading, RowParser
from feedback_service.returns.consents import FUTURE
from feedback_service.returns.intake import Intake
from feedback_service.returns.models import Origin, Return
from feedback_service.returns.payloads import OrderIn, Outcome, ReturnIn
from feedback_service.shops.models import Shop

_BATCH = 100  # Orders or returns per transaction: short enough to let other writers in.


class Kind(StrEnum):
    """What is imported."""

    ORDERS = "orders"
    RETURNS = "returns"


@dataclass(slots=True)
class Totals:
    """What an import did, or with `dry_run` would do.

    `rows` counts every data row; `other_rows` those the map says are of another kind; `lines_left_out` rows
    whose order was kept without their line, by the map; `problems` complaints, each told by line.
    """

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    other_rows: int = 0
    lines_left_out: int = 0
    rows_without_customer: int = 0
    problems: int = 0
    unknown_orders: int = 0
    flagged: int = 0
    mails: int = 0

    def count(self, outcome: Outcome) -> None:
        """Add one order or return of that outcome."""
        match outcome:
            case Outcome.CREATED:
                self.created += 1
            case Outcome.UPDATED:
                self.updated += 1
            case _:
                self.unchanged += 1


@dataclass(frozen=True)
class Desk:
    """Where an import writes, and how.

    Attributes:
        notify: tell customers of steps that are news; False for a silent import.
        dry_run: do everything, then roll it back.
    """

    database: Database
    intake: Intake
    shop: Shop
    now: datetime
    notify: bool = True
    dry_run: bool = False
    tell: Callable[[Problem], None] = field(default=lambda _problem: None)
    advance: Callable[[int], None] = field(default=lambda _rows: None)


class CsvImport:
    """One file, opened and surveyed: `rows` tells its length, `run` imports it."""

    def __init__(self, path: Path, csv_map: CsvMap, kind: Kind) -> None:
        """Open the file; raise `InvalidInputError` when it cannot be read or lacks a column."""
        self._map = csv_map
        self._kind = kind
        self._part = csv_map.orders if kind is Kind.ORDERS else csv_map.returns
        self._file = CsvFile(path, csv_map.encoding, csv_map.delimiter)
        _check_columns(path, self._file.columns, self._part, ORDER_FIELDS if kind is Kind.ORDERS else RETURN_FIELDS)
        id_field = "order_id" if kind is Kind.ORDERS else "return_id"
        self._id_column = self._part.columns.get(id_field, id_field)
        self._survey = self._file.survey(self._id_column)

    @property
    def rows(self) -> int:
        """The number of data rows in the file."""
        return self._survey.rows

    def run(self, desk: Desk) -> Totals:
        """Import the file; each bad row is told to `desk.tell` and left out."""
        totals = Totals(rows=self.rows)
        parser = RowParser(self._map, zone(self._map.time_zone or desk.shop.time_zone))
        groups = grouped(self._wanted(desk, totals), self._id_of, self._survey.scattered)
        for batch in batched((rows for _, rows in groups), _BATCH):
            with desk.database.writing() as session:
                self._record(session, desk, parser, batch, totals)
                if desk.dry_run:
                    session.rollback()
            desk.advance(sum(map(len, batch)))
        return totals

    def _id_of(self, row: Row) -> str:
        return row.cells[self._id_column].strip()

    def _wanted(self, desk: Desk, totals: Totals) -> Iterator[Row]:
        for row in self._file.rows():
            if isinstance(row, Problem):
                _complain(desk, totals, (row,))
            elif all(test.holds(row.cells) for test in self._part.rows):
                yield row
                continue
            else:
                totals.other_rows += 1
            desk.advance(1)

    def _record(
        self, session: Session, desk: Desk, parser: RowParser, batch: Sequence[list[Row]], totals: Totals
    ) -> None:
        before = session.scalar(sa.select(sa.func.max(OutboxMail.id))) or 0
        returned: list[str] = []
        for rows in batch:
            reading = parser.order(rows) if self._kind is Kind.ORDERS else parser.returned(rows)
            _complain(desk, totals, reading.problems)
            if reading.value and _consents_too_early(reading.value, desk.now):
                _complain(desk, totals, [Problem(rows[0].line, f"survey_consent_at: {FUTURE}")])
            elif reading.value:
                _count(totals, reading)
                totals.count(_record_one(session, desk, reading.value))
                returned += [reading.value.external_id] if isinstance(reading.value, ReturnIn) else []
        _look_back(session, desk, returned, before, totals)


def _record_one(session: Session, desk: Desk, value: OrderIn | ReturnIn) -> Outcome:
    if isinstance(value, OrderIn):
        return desk.intake.record_order(session, desk.shop, value, desk.now)
    return desk.intake.record_return(session, desk.shop, value, desk.now, Origin.PLATFORM, notify=desk.notify)


def _consents_too_early(value: OrderIn | ReturnIn, now: datetime) -> bool:
    consent = value.customer.consent if value.customer else None
    return consent is not None and consent.is_of_the_future(now)


def _count(totals: Totals, reading: Reading[OrderIn] | Reading[ReturnIn]) -> None:
    totals.lines_left_out += reading.lines_left_out
    totals.rows_without_customer += reading.rows_without_customer


def _look_back(session: Session, desk: Desk, returned: Sequence[str], last_mail: int, totals: Totals) -> None:
    if not returned:
        return
    these = sa.select(sa.func.count()).where(Return.shop_id == desk.shop.id, Return.external_id.in_(returned))
    totals.unknown_orders += session.scalar(these.where(Return.order_id.is_(None))) or 0
    totals.flagged += session.scalar(these.where(Return.flag != "")) or 0
    mails = sa.select(sa.func.count()).where(
        OutboxMail.id > last_mail, OutboxMail.shop_id == desk.shop.id, OutboxMail.created_at == desk.now
    )
    totals.mails += session.scalar(mails) or 0


def _complain(desk: Desk, totals: Totals, problems: Sequence[Problem]) -> None:
    totals.problems += len(problems)
    for problem in problems:
        desk.tell(problem)


def _check_columns(path: Path, columns: Sequence[str], part: KindMap, fields: dict[str, bool]) -> None:
    named = {*part.columns.values(), *(test.column for test in (*part.rows, *part.lines))}
    required = {
        part.columns.get(name, name) for name, needed in fields.items() if needed and name not in part.constants
    }
    missing = sorted((named | required) - set(columns))
    if missing:
        sentence = (
            f"{path} lacks the columns: {', '.join(missing)}. It has: {', '.join(columns)}. "
            f"A map (--map) can say which column is which; docs/import.md tells how."
        )
        raise InvalidInputError(sentence, field="file")
