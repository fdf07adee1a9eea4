"""What the description of the API allows, and what it does not, is answered as the description says (schemathesis)."""

from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given
from hypothesis import settings as settings_of_hypothesis
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from feedback_service.app import create_app
from tests.web_api.conftest import Platform

# The same on either database as far as the description goes; the tests of the API by hand run on both.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
OPERATIONS = 4


def for_every_operation(
    platform: Platform, mode: GenerationMode, examples: int, check: Callable[[Case[Any]], None]
) -> int:
    """Call `check` with so many cases of each operation; return how many operations there are.

    The library's own decorators want another pytest than ours, so Hypothesis is asked for its cases directly.
    """
    described = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", create_app(platform.services))
    operations = [found.ok() for found in described.get_all_operations() if isinstance(found, Ok)]
    for operation in operations:
        cases = operation.as_strategy(generation_mode=mode)
        settings = settings_of_hypothesis(
            max_examples=examples, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
        )
        settings(given(cases)(check))()
    return len(operations)


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_api_answers_whatever_comes_as_its_description_says(platform: Platform, mode: GenerationMode) -> None:
    def check(case: Case[Any]) -> None:
        case.call_and_validate(headers=platform.headers, checks=CHECKS)

    assert for_every_operation(platform, mode, 20, check) >= OPERATIONS


def test_api_without_a_key_answers_401_whatever_comes(platform: Platform) -> None:
    def check(case: Case[Any]) -> None:
        assert case.call(headers={"Authorization": "Bearer wrong"}).status_code == 401

    assert for_every_operation(platform, GenerationMode.POSITIVE, 5, check) >= OPERATIONS
