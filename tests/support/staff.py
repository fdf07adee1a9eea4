"""A member of staff in front of the browser: signs in, presses buttons with the page's CSRF token."""

import re
from html import unescape

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

PASSWORD = "a few words for tests"  # noqa: S105 - for tests only
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Visitor:
    """A browser without scripts."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, address: str) -> TestResponse:
        """Open an address."""
        return self.client.get(address)

    def read(self, address: str) -> str:
        """Return the page at an address, which must be there, with character references resolved."""
        response = self.get(address)
        assert response.status_code == 200, f"{address}: {response.status_code}"
        return unescape(response.text)

    def press(self, page: str, target: str, /, **fields: str) -> TestResponse:
        """Open `page` for its CSRF token and send the form that leads to `target`."""
        token = csrf_token_of(self.get(page).text)
        return self.client.post(target, data={"csrf_token": token, **fields})

    def sign_in(self, email: str, password: str = PASSWORD, **fields: str) -> TestResponse:
        """Send the login form."""
        return self.press("/login", "/login", email=email, password=password, **fields)


def csrf_token_of(html: str) -> str:
    """Return the token that the forms of a page carry."""
    token = _TOKEN.search(html)
    assert token, "no form on the page"
    return token.group(1)
