"""Services of a test installation."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from feedback_service.bootstrap import Services, build
from feedback_service.clock import ManualClock
from feedback_service.settings import Settings


@pytest.fixture
def services(settings: Settings, clock: ManualClock) -> Iterator[Services]:
    """The services of a test installation, on a clock that stands."""
    services = replace(build(settings), clock=clock)
    yield services
    services.close()
