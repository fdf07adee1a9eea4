"""The whole application, as it is served, in front of a test database."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from feedback_service.app import create_app
from feedback_service.bootstrap import Services
from feedback_service.clock import ManualClock
from feedback_service.db import Database
from feedback_service.settings import Settings
from tests.support.browser import chromium

__all__ = ["chromium"]


@pytest.fixture
def services(settings: Settings, clock: ManualClock, database: Database) -> Services:
    """The services, on a clock that stands still."""
    return Services(settings=settings, clock=clock, database=database)


@pytest.fixture
def app(services: Services) -> Flask:
    """The application."""
    return create_app(services)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser's stand-in, without cookies to begin with."""
    return app.test_client()
