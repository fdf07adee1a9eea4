"""Values as files write them: whole numbers, amounts, instants. Pure; each raises `BadValueError`."""

import re
from datetime import UTC, datetime, tzinfo
from decimal import Decimal

from feedback_service.returns.payloads import MAX_AMOUNT, MAX_QUANTITY
from feedback_service.returns.values import OUR_TIME, BadValueError

_SPACES = re.compile(r"[\s\u00a0\u202f']")
_CURRENCY = re.compile(r"^(?:[€$£]|[A-Z]{3})\s*|\s*(?:[€$£]|[A-Z]{3})$")
_WITH_POINT = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?", re.ASCII)
_WITH_COMMA = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:\.\d{3})+)(?:,\d+)?", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d{1,18}(?:[.,]0+)?", re.ASCII)


def whole(text: str) -> int:
    """Return a whole number; '6' and '6.0' are one, 'x', '6.5' and '' are not."""
    compact = _SPACES.sub("", text)
    if not _WHOLE.fullmatch(compact):
        msg = f"{text!r} is not a whole number"
        raise BadValueError(msg)
    return int(re.split("[.,]", compact)[0])


def units(text: str, *, negate: bool = False) -> int:
    """Return a number of units, 1 or more; with `negate` the file writes them below zero."""
    number = -whole(text) if negate else whole(text)
    if 1 <= number <= MAX_QUANTITY:
        return number
    wanted = "below zero" if negate else "1 or more"
    msg = f"{text!r} is not a number of units ({wanted}, {MAX_QUANTITY:,} at most)"
    raise BadValueError(msg)


def amount(text: str, *, decimal_comma: bool = False) -> Decimal:
    """Return an amount of zero or more; currency signs and thousands separators may stand in it.

    A comma where a point is expected (and the reverse) is refused unless it groups thousands.
    """
    compact = _SPACES.sub("", _CURRENCY.sub("", text.strip()))
    if not (_WITH_COMMA if decimal_comma else _WITH_POINT).fullmatch(compact):
        hint = "" if not _WITH_POINT.fullmatch(compact) and not _WITH_COMMA.fullmatch(compact) else _hint(decimal_comma)
        msg = f"{text!r} is not an amount{hint}"
        raise BadValueError(msg)
    plain = compact.replace(".", "").replace(",", ".") if decimal_comma else compact.replace(",", "")
    value = Decimal(plain)
    if not 0 <= value <= MAX_AMOUNT:
        msg = f"{text!r} is not an amount from 0 to {MAX_AMOUNT:,}"
        raise BadValueError(msg)
    return value


def _hint(decimal_comma: bool) -> str:  # noqa: FBT001 - private
    return f" (decimal_comma is {str(decimal_comma).lower()} in the map)"


def instant(text: str, tz: tzinfo, date_format: str = "") -> datetime:
    """Return an instant in UTC: ISO 8601, or `date_format` (strptime); without an offset it is local to `tz`."""
    text = text.strip()
    try:
        value = datetime.strptime(text, date_format) if date_format else datetime.fromisoformat(text)  # noqa: DTZ007 - the zone follows
    except ValueError as error:
        form = f"the form {date_format!r}" if date_format else "the form 2026-11-23 or 2026-11-23T14:05"
        msg = f"{text!r} is not a date of {form}"
        raise BadValueError(msg) from error
    if value.year not in OUR_TIME:
        msg = f"{text!r} is not a date from {OUR_TIME[0]} to {OUR_TIME[-1]}"
        raise BadValueError(msg)
    return (value if value.tzinfo else value.replace(tzinfo=tz)).astimezone(UTC)
