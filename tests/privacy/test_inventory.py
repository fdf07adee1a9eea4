"""The inventory knows every column that can hold text."""

import sqlalchemy as sa

from feedback_service.db import StorableText
from feedback_service.privacy.inventory import IMPERSONAL, PERSONAL
from feedback_service.tables import metadata


def _columns_that_can_hold_text() -> set[str]:
    kinds = (StorableText, sa.String, sa.JSON, sa.LargeBinary)
    return {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, kinds) and not isinstance(column.type, sa.Enum)
    }


def test_every_column_that_can_hold_text_is_decided_on() -> None:
    decided = PERSONAL.keys() | IMPERSONAL

    assert _columns_that_can_hold_text() - decided == set(), "say in privacy/inventory.py what becomes of these"
    assert decided - _columns_that_can_hold_text() == set(), "these columns are gone"
    assert PERSONAL.keys() & IMPERSONAL == set()
