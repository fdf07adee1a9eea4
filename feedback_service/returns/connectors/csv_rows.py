"""From rows of a CSV file to orders and returns: one row is one line, rows of one id are one order."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Generic, TypeVar

from feedback_service.returns import values
from feedback_service.returns.connectors import csv_values
from feedback_service.returns.connectors.csv_cells import Cells
from feedback_service.returns.connectors.csv_map import EVENT_FIELDS, CsvMap, KindMap
from feedback_service.returns.connectors.csv_reader import Problem, Row
from feedback_service.returns.models import ReturnState
from feedback_service.returns.payloads import (
    MAX_LINES,
    OrderIn,
    OrderLineIn,
    ReturnEventIn,
    ReturnIn,
    ReturnLineIn,
)
from feedback_service.returns.values import BadValueError

Head = TypeVar("Head", OrderIn, ReturnIn)
Line = TypeVar("Line", OrderLineIn, ReturnLineIn)

_STATES: Mapping[str, ReturnState] = {state.value: state for state in ReturnState}
_NEVER = datetime(1, 1, 1, tzinfo=UTC)  # Stands where a date was bad; the row is left out then.


@dataclass(frozen=True, slots=True)
class Reading(Generic[Head]):
    """One order or return as read.

    Attributes:
        value: None when no good row is left.
        problems: what was wrong, row by row.
        lines_left_out: rows that carry no line, by the map.
        rows_without_customer: good rows that tell nothing of who bought.
    """

    value: Head | None
    problems: tuple[Problem, ...] = ()
    lines_left_out: int = 0
    rows_without_customer: int = 0


class RowParser:
    """Makes orders and returns of rows, by a map and the zone in which dates without an offset are meant."""

    def __init__(self, csv_map: CsvMap, tz: tzinfo) -> None:
        self._map = csv_map
        self._tz = tz

    def order(self, rows: Sequence[Row]) -> Reading[OrderIn]:
        """Return the order of these rows. A bad row is left out; the order is kept if a good row is left."""
        reading, lines = self._read(rows, self._map.orders, self._order_head, self._order_line)
        return replace(reading, value=reading.value and replace(reading.value, lines=lines))

    def returned(self, rows: Sequence[Row]) -> Reading[ReturnIn]:
        """Return the return of these rows; bad rows as in `order`."""
        reading, lines = self._read(rows, self._map.returns, self._return_head, self._return_line)
        return replace(reading, value=reading.value and replace(reading.value, lines=lines))

    def _order_head(self, cells: Cells) -> OrderIn:
        return OrderIn(
            external_id=cells.required("order_id"),
            ordered_at=cells.read("ordered_at", self._instant) or _NEVER,
            lines=(),
            number=cells.text("order_number"),
            currency=cells.read("currency", values.currency) or "",
            language=cells.read("language", values.language),
            customer=cells.customer(),
            delivered_at=cells.read_if_given("delivered_at", self._instant, fatal=False),
        )

    def _order_line(self, cells: Cells) -> OrderLineIn:
        return OrderLineIn(
            sku=cells.required("sku"),
            quantity=cells.read("quantity", self._units(self._map.orders)) or 0,
            unit_price=cells.read("unit_price", self._amount) or Decimal(0),
            product=cells.text("product"),
        )

    def _return_head(self, cells: Cells) -> ReturnIn:
        return ReturnIn(
            external_id=cells.required("return_id"),
            requested_at=cells.read("requested_at", self._instant) or _NEVER,
            lines=(),
            order_reference=cells.text("order"),
            currency=cells.read("currency", values.currency) or "",
            language=cells.read("language", values.language),
            customer=cells.customer(),
            reason=cells.text("reason"),
            refund_amount=cells.read_if_given("refund_amount", self._amount),
            events=self._events(cells),
        )

    def _return_line(self, cells: Cells) -> ReturnLineIn:
        return ReturnLineIn(
            sku=cells.required("sku"),
            quantity=cells.read("quantity", self._units(self._map.returns)) or 0,
            unit_price=cells.read_if_given("unit_price", self._amount),
            product=cells.text("product"),
            reason=cells.text("reason"),
        )

    def _events(self, cells: Cells) -> tuple[ReturnEventIn, ...]:
        instants = {kind: cells.read_if_given(field, self._instant) for field, kind in EVENT_FIELDS.items()}
        state = cells.read_if_given("state", self._state)
        if state and state is not ReturnState.REQUESTED and not instants[state]:
            instants[state] = cells.read_if_given(
                "state_at" if cells.raw("state_at") else "requested_at", self._instant
            )
        # The kind is the key: an export names each step once, and a corrected date is no second event.
        return tuple(ReturnEventIn(kind, at, key=kind.value) for kind, at in instants.items() if at)

    def _instant(self, text: str) -> datetime:
        return csv_values.instant(text, self._tz, self._map.date_format)

    def _amount(self, text: str) -> Decimal:
        return csv_values.amount(text, decimal_comma=self._map.decimal_comma)

    def _units(self, kind: KindMap) -> Callable[[str], int]:
        return lambda text: csv_values.units(text, negate=kind.negate_quantity)

    def _state(self, text: str) -> ReturnState:
        word = text.lower().replace(" ", "_").replace("-", "_")
        state = self._map.returns.states.get(text) or _STATES.get(word)
        if state is None:
            msg = f"{text!r} is not a state; there are: {', '.join(_STATES)} (a map can translate others)"
            raise BadValueError(msg)
        return state

    def _read(
        self, rows: Sequence[Row], kind: KindMap, head_of: Callable[[Cells], Head], line_of: Callable[[Cells], Line]
    ) -> tuple[Reading[Head], tuple[Line, ...]]:
        problems: list[Problem] = []
        lines: list[Line] = []
        first: Cells | None = None
        value: Head | None = None
        left_out = without_customer = 0
        for row in rows:
            cells = Cells(row, kind, problems, first, self._instant)
            head = head_of(cells)
            carries_line = all(test.holds(row.cells) for test in kind.lines)
            line = line_of(cells) if carries_line else None
            if not cells.is_good:
                continue
            first, value = first or cells, value or head
            left_out += not carries_line
            without_customer += head.customer is None
            if line:
                lines.append(line)
        if value and len(lines) > MAX_LINES:
            problems.append(Problem(rows[0].line, f"{value.external_id} has {len(lines)} lines; {MAX_LINES} at most"))
            value = None
        return Reading(value, tuple(problems), left_out, without_customer), tuple(lines)
