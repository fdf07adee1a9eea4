"""Fixtures of the scan: a shop that watches its name, and services whose scorer and desk record."""

from collections.abc import Iterator

import pytest

from feedback_service.clock import ManualClock
from feedback_service.db import Database
from feedback_service.settings import Settings
from feedback_service.shops.models import Shop
from tests.support.builders import make_shop
from tests.support.scans import ScanStage


@pytest.fixture
def shop(database: Database) -> Shop:
    """A shop that watches 'Atelier Lumen'."""
    with database.writing() as session:
        return make_shop(session)


@pytest.fixture
def stage(settings: Settings, clock: ManualClock, database: Database) -> Iterator[ScanStage]:
    """Services of a scan on a clock that stands still."""
    stage = ScanStage(settings.model_copy(update={"fetch_timeout": 3.0}), clock, database)
    yield stage
    stage.fetcher.close()
