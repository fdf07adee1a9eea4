"""Export: everything the service knows of a person, as one JSON document (R16)."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.db import Base
from feedback_service.privacy.person import Person, Traces, find_traces
from feedback_service.shops.models import Shop

# What proves an identity or is only machinery tells the person nothing and would help a thief.
_LEFT_OUT = frozenset({
    "address_key", "claim", "claimed_until", "content_digest", "email_key", "key", "password_hash", "recipient_key",
    "reminder_digest", "session_version", "text_digest", "token_digest", "headers",
})  # fmt: skip


def export(session: Session, person: Person, shops: Iterable[Shop], now: datetime) -> dict[str, Any]:
    """Return all rows about `person` in `shops`, by shop and table, ready for `json.dumps`."""
    traces = [find_traces(session, person, shop) for shop in shops]
    return {
        "person": person.address,
        "exported_at": now.isoformat(),
        "shops": [_of_shop(trace) for trace in traces if not trace.is_empty],
    }


def _of_shop(traces: Traces) -> dict[str, Any]:
    return {
        "shop": traces.shop.name,
        "controller": traces.shop.controller,
        "customers": [_row(row) for row in traces.customers],
        "orders": [_row(row) | {"lines": [_row(line) for line in row.lines]} for row in traces.orders],
        "returns": [
            _row(row) | {"lines": [_row(line) for line in row.lines], "events": [_row(event) for event in row.events]}
            for row in traces.returns
        ],
        "invitations": [_row(row) for row in traces.invitations],
        "answers": [_row(row) for row in traces.answers],
        "returned_mails": [_row(row) for row in traces.incoming],
        "replies": [_row(row) for row in traces.replies],
        "stories": [_row(row) | {"events": [_row(event) for event in row.events]} for row in traces.stories],
        "mentions": [
            _row(row) | {"earlier": [_row(version) for version in row.document.versions]} for row in traces.mentions
        ],
        "mails": [_row(row) for row in traces.mails],
        "consents": [_row(row) for row in traces.consents],
        "suppressions": [_row(row) for row in traces.suppressions],
        "staff": [_row(row) for row in traces.staff],
    }


def _row(row: Base) -> dict[str, Any]:
    columns = (attribute.key for attribute in sa.inspect(type(row)).column_attrs)
    return {key: _value(getattr(row, key)) for key in columns if key not in _LEFT_OUT}


def _value(value: object) -> Any:  # noqa: ANN401 - what json.dumps takes
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
