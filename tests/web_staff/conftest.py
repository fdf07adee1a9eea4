"""An installation with one shop and one agent, its web application, and a signed-in client."""

from dataclasses import dataclass

import pytest
from flask import Flask

from feedback_service.app import create_app
from feedback_service.bootstrap import Services
from feedback_service.shops.models import Role, Shop
from feedback_service.shops.staff import add_staff
from tests.support.builders import NOW, make_shop
from tests.support.staff import PASSWORD, Visitor


@dataclass(frozen=True)
class House:
    """A running installation: its services, its web application and its first shop's id."""

    services: Services
    app: Flask
    shop_id: int

    def visitor(self) -> Visitor:
        """Return a browser that nobody is signed in with."""
        return Visitor(self.app.test_client())

    def joined_by(self, name: str, role: Role, language: str = "en") -> Visitor:
        """Return the browser of somebody new in the shop, signed in; the address is the name at example.com."""
        address = f"{name.lower()}@example.com"
        with self.services.database.writing() as session:
            shop = session.get_one(Shop, self.shop_id)
            add_staff(session, address, name, role, [shop], PASSWORD, NOW, language=language)
        visitor = self.visitor()
        assert visitor.sign_in(address).status_code == 302
        return visitor


@pytest.fixture
def house(services: Services) -> House:
    """An installation with the shop 'atelier' and the agent camille@example.com."""
    with services.database.writing() as session:
        shop = make_shop(session)
        add_staff(session, "camille@example.com", "Camille", Role.AGENT, [shop], PASSWORD, NOW, language="en")
    return House(services, create_app(services), shop.id)


@pytest.fixture
def camille(house: House) -> Visitor:
    """The agent, signed in."""
    visitor = house.visitor()
    assert visitor.sign_in("camille@example.com").status_code == 302
    return visitor
