"""What docs/api.md shows is what the API takes and answers, and what its description (OpenAPI) says."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from feedback_service.web.api.gate import LARGEST_BODY
from tests.web_api.conftest import Platform

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PAGE = Path(__file__).parents[2] / "docs" / "api.md"
_NAMED = {"external_id": "RMA-77"}


@cache
def sections() -> dict[str, str]:
    """Return the page's text by operation, such as "POST /api/v1/orders", in its order."""
    parts = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return {part.partition("\n")[0]: part.partition("\n")[2] for part in parts}


def operations() -> dict[str, str]:
    return {name: text for name, text in sections().items() if name.startswith("POST ")}


def example_of(text: str) -> dict[str, Any]:
    """Return the payload that a section shows, as JSON or in a call of curl."""
    shown = re.search(r"```json\n(.*?)```", text, re.DOTALL) or re.search(r"-d '(.*?)'\n", text, re.DOTALL)
    assert shown
    payload: dict[str, Any] = json.loads(shown[1])
    return payload


def answer_of(text: str) -> dict[str, Any] | None:
    """Return the answer that a section shows; None where it shows none."""
    shown = re.search(r"^Answer: `(\{.*?\})`", text, re.MULTILINE) or re.search(
        r"^    (\{\"new\".*\})$", text, re.MULTILINE
    )
    return json.loads(shown[1]) if shown else None


def described(platform: Platform) -> dict[str, Any]:
    description: dict[str, Any] = platform.client.get("/api/v1/openapi.json").json or {}
    return description


def test_the_examples_run_in_their_order_and_are_answered_as_shown(platform: Platform) -> None:
    with_answer = 0
    for name, text in operations().items():
        path = name.removeprefix("POST /api/v1").format(**_NAMED)
        answer = platform.post(path, example_of(text))
        assert answer.status_code in {200, 201}, (name, answer.json)
        shown = answer_of(text)
        with_answer += shown is not None
        assert shown is None or answer.json == shown, name
    assert with_answer >= 4


def test_the_page_has_every_operation_of_the_description_and_no_other(platform: Platform) -> None:
    known = {f"{method.upper()} {path}" for path, methods in described(platform)["paths"].items() for method in methods}
    assert {re.sub(r"\{\w+\}", "{external_id}", name) for name in known} == set(operations())


def test_the_page_names_every_field_and_says_which_are_required(platform: Platform) -> None:
    description = described(platform)
    for path, methods in description["paths"].items():
        reference = methods["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        schema = description["components"]["schemas"][reference.rpartition("/")[2]]
        text = operations()[f"POST {path}"]
        example = example_of(text)
        for field in schema.get("required", []):
            assert field in example, (path, field)
        for field in schema["properties"]:
            assert f'"{field}"' in text or f"`{field}`" in text, (path, field)


def test_the_statuses_are_those_of_the_description(platform: Platform) -> None:
    listed = set(re.findall(r"^\| (\d{3}) \|", sections()["Statuses"], re.MULTILINE))
    said = {
        status
        for methods in described(platform)["paths"].values()
        for operation in methods.values()
        for status in operation["responses"]
    }
    assert said == listed
    assert f"{LARGEST_BODY:,} bytes" in sections()["Statuses"]
