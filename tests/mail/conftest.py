"""A mail server, and services that talk to it."""

from collections.abc import Iterator

import pytest

from feedback_service.bootstrap import Services
from feedback_service.clock import ManualClock
from feedback_service.db import Database
from feedback_service.settings import Settings
from tests.mail.stack import Stack
from tests.support.environment import installation
from tests.support.smtp import RecordingServer, recording_server

__all__ = ["installation"]


@pytest.fixture
def server() -> Iterator[RecordingServer]:
    """A mail server that accepts everything until told otherwise."""
    with recording_server() as server:
        yield server


@pytest.fixture
def stack(settings: Settings, database: Database, clock: ManualClock, server: RecordingServer) -> Stack:
    """Services on the test's database, which talk to `server` over one connection: in order."""
    settings = settings.model_copy(update={"smtp_port": server.port, "smtp_timeout": 5.0, "smtp_connections": 1})
    return Stack(Services(settings, clock, database), clock, server)
