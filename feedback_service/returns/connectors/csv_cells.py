"""The cells of one CSV row by our field names, and the list of what is wrong with them."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from feedback_service.returns import values
from feedback_service.returns.connectors.csv_map import KindMap
from feedback_service.returns.connectors.csv_reader import Problem, Row
from feedback_service.returns.consents import ConsentIn, How
from feedback_service.returns.payloads import CustomerIn
from feedback_service.returns.values import BadValueError

Value = TypeVar("Value")

OF_THE_LINE = frozenset({"sku", "product", "quantity", "unit_price"})
"""Fields each row has for itself; the others hold for the whole order or return."""


class Cells:
    """Reads the cells of one row; each complaint carries the line and the field.

    Many exports write what holds for the whole order on its first row only: a blank cell of that kind
    takes the value of `above`, the first good row of the same order.
    """

    def __init__(
        self,
        row: Row,
        kind: KindMap,
        problems: list[Problem],
        above: "Cells | None",
        instant: Callable[[str], datetime],
    ) -> None:
        self._row = row
        self._kind = kind
        self._problems = problems
        self._above = above
        self._instant = instant
        self.is_good = True

    def raw(self, field: str) -> str:
        """Return the text of a field, trimmed; empty where the file has no such column."""
        if field in self._kind.constants:
            return self._kind.constants[field]
        text = self._row.cells.get(self._kind.columns.get(field, field), "").strip()
        if not text and self._above and field not in OF_THE_LINE:
            return self._above.raw(field)
        return text

    def read(self, field: str, parse: Callable[[str], Value], *, fatal: bool = True) -> Value | None:
        """Return the parsed field; None after a complaint, which spoils the row if `fatal`."""
        try:
            return parse(self.raw(field))
        except BadValueError as error:
            self._problems.append(Problem(self._row.line, f"{field}: {error}"))
            self.is_good = self.is_good and not fatal
            return None

    def read_if_given(self, field: str, parse: Callable[[str], Value], *, fatal: bool = True) -> Value | None:
        """Return the parsed field; None for a blank one."""
        return self.read(field, parse, fatal=fatal) if self.raw(field) else None

    def text(self, field: str) -> str:
        """Return a text that may be blank."""
        return self.read(field, values.text_of) or ""

    def required(self, field: str) -> str:
        """Return a text that must not be blank."""
        return self.read(field, lambda text: values.text_of(text, required=True)) or ""

    def _consent(self) -> ConsentIn | None:
        given_at = self.read_if_given("survey_consent_at", self._instant)
        withdrawn_at = self.read_if_given("survey_consent_withdrawn_at", self._instant)
        proof = self.text("survey_consent_proof")
        if given_at and not proof:
            self._complain("survey_consent_proof: a consent needs its proof")
        return ConsentIn(How.CSV, given_at, withdrawn_at, proof) if given_at or withdrawn_at else None

    def _complain(self, sentence: str) -> None:
        self._problems.append(Problem(self._row.line, sentence))
        self.is_good = False

    def customer(self) -> CustomerIn | None:
        """Return who bought, None where nothing tells. A bad address is reported and left out, the row kept."""
        customer = CustomerIn(
            external_id=self.text("customer_id") or None,
            email=self.read_if_given("email", values.address, fatal=False),
            name=self.text("name") or None,
            language=self.read("language", values.language),
            country=self.text("country") or None,
            consent=self._consent(),
        )
        return customer if customer.is_known else None
