"""The map of a CSV export: which column is what, how dates and numbers are written, which rows count.

docs/import.md tells it at length. Unknown keys are errors: a typing error must not pass in silence.
"""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from feedback_service.errors import InvalidInputError
from feedback_service.returns.models import ReturnState
from feedback_service.shops.configuration import checked_pattern

ORDER_FIELDS: dict[str, bool] = {
    "order_id": True,
    "order_number": False,
    "ordered_at": True,
    "delivered_at": False,
    "sku": True,
    "product": False,
    "quantity": True,
    "unit_price": True,
    "currency": False,
    "language": False,
    "customer_id": False,
    "email": False,
    "name": False,
    "country": False,
    "survey_consent_at": False,
    "survey_consent_proof": False,
    "survey_consent_withdrawn_at": False,
}
"""Fields of an order's row, each with whether it is required."""

EVENT_FIELDS: dict[str, ReturnState] = {f"{state.value}_at": state for state in list(ReturnState)[1:]}
"""Columns that carry the instant of one step: approved_at, in_transit_at, received_at, refunded_at..."""

RETURN_FIELDS: dict[str, bool] = {
    "return_id": True,
    "order": False,
    "requested_at": True,
    **dict.fromkeys(EVENT_FIELDS, False),
    "state": False,
    "state_at": False,
    "reason": False,
    "refund_amount": False,
    "sku": True,
    "product": False,
    "quantity": True,
    "unit_price": False,
    "currency": False,
    "language": False,
    "customer_id": False,
    "email": False,
    "name": False,
    "country": False,
    "survey_consent_at": False,
    "survey_consent_proof": False,
    "survey_consent_withdrawn_at": False,
}
"""Fields of a return's row, each with whether it is required."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RowTest(_Strict):
    """A condition on a row: the text of `column` fits the regular expression `matches`."""

    column: str
    matches: str

    _is_pattern = field_validator("matches")(checked_pattern)

    def holds(self, row: Mapping[str, str]) -> bool:
        """Tell whether the row fits."""
        return re.search(self.matches, row[self.column].strip()) is not None


class KindMap(_Strict):
    """How orders, or returns, stand in the file.

    Attributes:
        rows: only rows that fit all of these are of this kind; the others are left out.
        lines: of those, only rows that fit all of these carry a line; the order itself is kept.
        columns: our field -> the file's column, where the names differ.
        constants: our field -> a value for every row.
        states: the file's word -> our state (returns only).
        negate_quantity: credits are written as negative quantities.
    """

    rows: tuple[RowTest, ...] = ()
    lines: tuple[RowTest, ...] = ()
    columns: dict[str, str] = Field(default_factory=dict)
    constants: dict[str, str] = Field(default_factory=dict)
    states: dict[str, ReturnState] = Field(default_factory=dict)
    negate_quantity: bool = False


class FileWays(_Strict):
    """How a file is written, whatever it holds."""

    encoding: str = "utf-8"
    delimiter: Annotated[str, Field(max_length=1)] = ""
    date_format: str = ""
    time_zone: str = ""

    @field_validator("encoding")
    @classmethod
    def _is_encoding(cls, value: str) -> str:
        try:
            "é".encode(value)
        except LookupError as error:
            msg = f"{value!r} is not the name of an encoding; common ones are utf-8, cp1252, iso-8859-15, utf-16"
            raise ValueError(msg) from error
        except UnicodeError:
            pass  # An encoding without é, such as ASCII, is one all the same.
        return value

    @field_validator("time_zone")
    @classmethod
    def _is_zone(cls, value: str) -> str:
        if value:
            try:
                ZoneInfo(value)
            except (ZoneInfoNotFoundError, ValueError, OSError) as error:
                msg = f"{value!r} is not a time zone such as Europe/Paris"
                raise ValueError(msg) from error
        return value


Ways = TypeVar("Ways", bound=FileWays)


class CsvMap(FileWays):
    """A whole map: the file's ways, and one part each for orders and returns."""

    decimal_comma: bool = False
    orders: KindMap = KindMap()
    returns: KindMap = KindMap()

    @field_validator("orders")
    @classmethod
    def _knows_order_fields(cls, value: KindMap) -> KindMap:
        _check_fields(value, ORDER_FIELDS)
        return value

    @field_validator("returns")
    @classmethod
    def _knows_return_fields(cls, value: KindMap) -> KindMap:
        _check_fields(value, RETURN_FIELDS)
        return value


def _check_fields(kind: KindMap, fields: Mapping[str, bool]) -> None:
    unknown = [field for field in (*kind.columns, *kind.constants) if field not in fields]
    if unknown:
        msg = f"there is no field {', '.join(map(repr, unknown))}; there are: {', '.join(fields)}"
        raise ValueError(msg)
    if "order_id" in kind.constants or "return_id" in kind.constants:
        msg = "an id cannot be a constant: order_id and return_id must be columns"
        raise ValueError(msg)
    twice = sorted(set(kind.columns) & set(kind.constants))
    if twice:
        msg = f"{', '.join(twice)} stands under columns and under constants; only one can be meant"
        raise ValueError(msg)


def read_map(path: Path | None, **overrides: str) -> CsvMap:
    """Read a map of orders and returns (None: our own format); see `read_map_as`."""
    return read_map_as(CsvMap, path, **overrides)


def read_map_as(model: type[Ways], path: Path | None, **overrides: str) -> Ways:
    """Read a map (None: our own format); `overrides` win over it.

    Raises `InvalidInputError` with every problem in it, one a line.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8")) if path else {}
        return model.model_validate(values | overrides)
    except OSError as error:
        sentence = f"The map {path} cannot be read: {error.strerror}."
        raise InvalidInputError(sentence, field="map") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        sentence = f"The map {path} is not TOML: {error}."
        raise InvalidInputError(sentence, field="map") from error
    except ValidationError as error:
        problems = [_problem(dict(detail)) for detail in error.errors()]
        sentence = "\n".join([f"The map {path} cannot be used:" if path else "This cannot be used:", *problems])
        raise InvalidInputError(sentence, field="map") from error


def _problem(detail: Mapping[str, object]) -> str:
    location = detail["loc"]
    key = ".".join(str(part) for part in location) if isinstance(location, tuple) else str(location)
    if detail["type"] == "extra_forbidden":
        return f"  {key}: there is no such key; docs/import.md lists them all."
    reason = str(detail["msg"]).removeprefix("Value error, ")
    return f"  {key}: {reason}."
