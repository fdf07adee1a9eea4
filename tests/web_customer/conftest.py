"""The whole application, as it is served, in front of a test database."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from feedback_service.app import create_app
from feedback_service.bootstrap import Services
from tests.support.sites import site

__all__ = ["site"]


@pytest.fixture
def app(services: Services) -> Flask:
    """The application."""
    return create_app(services)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser's stand-in, without cookies to begin with."""
    return app.test_client()
