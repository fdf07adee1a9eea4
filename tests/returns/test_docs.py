"""What docs/import.md and docs/api.md say is what there is."""

from pathlib import Path

import pytest

from feedback_service.returns.connectors.csv_map import ORDER_FIELDS, RETURN_FIELDS, CsvMap, KindMap, read_map

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize("field", sorted({*ORDER_FIELDS, *RETURN_FIELDS}))
def test_every_column_is_documented(field: str) -> None:
    assert f"`{field}`" in (DOCS / "import.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("key", sorted({*CsvMap.model_fields, *KindMap.model_fields}))
def test_every_key_of_the_map_is_documented(key: str) -> None:
    assert f"`{key}`" in (DOCS / "import.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", sorted((DOCS / "examples").glob("*.toml")), ids=lambda path: path.name)
def test_every_example_map_can_be_read(path: Path) -> None:
    assert read_map(path).orders.columns


@pytest.mark.parametrize("route", ["/api/v1/orders", "/api/v1/returns", "/api/v1/returns/{external_id}/events"])
def test_every_route_is_documented(route: str) -> None:
    assert f"POST {route}" in (DOCS / "api.md").read_text(encoding="utf-8")
