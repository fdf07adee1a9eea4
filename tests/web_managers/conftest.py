"""A web application with a shop, and somebody signed in."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from feedback_service.app import create_app
from feedback_service.bootstrap import Services
from feedback_service.clock import ManualClock
from feedback_service.db import Database
from feedback_service.settings import Settings
from feedback_service.shops.models import Role, Shop
from feedback_service.shops.staff import add_staff
from tests.support.staff import PASSWORD, Visitor

EMAIL = "manager@example.com"
SignIn = Callable[..., FlaskClient]


@pytest.fixture
def services(settings: Settings, clock: ManualClock, database: Database) -> Services:
    """The services of a test installation, at Monday 10:30 in Paris."""
    return Services(settings.model_copy(update={"public_url": "http://localhost"}), clock, database)


@pytest.fixture
def sign_in(services: Services) -> SignIn:
    """Sign somebody of `shops` in; the client has the session."""

    def sign_in(*shops: Shop, role: Role = Role.MANAGER, language: str = "en") -> FlaskClient:
        client = create_app(services).test_client()
        join(services, *shops, role=role, language=language)
        assert Visitor(client).sign_in(EMAIL).status_code == 302
        return client

    return sign_in


def join(services: Services, *shops: Shop, role: Role = Role.MANAGER, language: str = "en") -> None:
    """Add the account that signs in."""
    with services.database.writing() as session:
        found = [session.merge(shop) for shop in shops]
        add_staff(
            session,
            email=EMAIL,
            name="Manager",
            role=role,
            shops=found,
            password=PASSWORD,
            now=services.clock.now(),
            language=language,
        )
