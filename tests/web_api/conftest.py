"""A platform that calls the API of a running application, with a key of its own."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from flask.testing import FlaskClient

from feedback_service.bootstrap import Services
from feedback_service.shops.api_keys import add_key
from feedback_service.shops.models import Shop
from feedback_service.web import create_web
from tests.support.builders import NOW, make_shop


@dataclass(frozen=True)
class Answer:
    """What came back: the API answers JSON objects only."""

    status_code: int
    mimetype: str
    json: dict[str, Any]


@dataclass
class Platform:
    """A shop's platform: it posts JSON with its key."""

    client: FlaskClient
    services: Services
    shop: Shop
    key: str
    headers: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        """Make the header of the key."""
        self.headers = {"Authorization": f"Bearer {self.key}"}

    def post(self, path: str, payload: object) -> Answer:
        """Post a payload to a path below /api/v1."""
        response = self.client.post(f"/api/v1{path}", json=payload, headers=self.headers)
        return Answer(response.status_code, response.mimetype or "", response.json or {})


@pytest.fixture
def platform(services: Services) -> Platform:
    """The platform of the shop `atelier`."""
    with services.database.writing() as session:
        shop = make_shop(session)
        _, key = add_key(session, shop, "platform", NOW)
    return Platform(create_web(services).test_client(), services, shop, key)
