"""Servers that behave as the documentation of each review API says, on pytest-httpserver."""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

TOKEN_PATH = "/v1/oauth/oauth-business-users-for-applications/accesstoken"  # noqa: S105 - a path
PRIVATE = "/v1/private/business-units/unit1/reviews"
PUBLIC = "/v1/business-units/unit1/reviews"


def as_json(payload: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:  # noqa: ANN401 - any JSON
    """Answer with JSON."""
    return Response(json.dumps(payload), status, headers, content_type="application/json")


def basic(name: str, secret: str) -> str:
    """Return the header of HTTP Basic."""
    return "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()


def form_of(request: Request) -> dict[str, str]:
    """Return the fields of a form that was posted."""
    return {name: values[0] for name, values in parse_qs(request.get_data(as_text=True)).items()}


@dataclass
class TokenServer:
    """Gives tokens `token-1`, `token-2`... and knows which of them are still good."""

    lasts: Any = 3600
    given: list[str] = field(default_factory=list)
    withdrawn: set[str] = field(default_factory=set)
    requests: list[Request] = field(default_factory=list)
    status: int = 200

    def answer(self, request: Request) -> Response:
        """Answer to who asks for a token."""
        self.requests.append(request)
        if self.status != 200:
            return as_json({"error": "invalid_grant"}, self.status)
        self.given.append(f"token-{len(self.given) + 1}")
        return as_json({"access_token": self.given[-1], "token_type": "Bearer", "expires_in": self.lasts})

    def admits(self, request: Request) -> bool:
        """Tell whether a request carries a good token."""
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return token in self.given and token not in self.withdrawn


def numbered(first: int, last: int) -> list[dict[str, Any]]:
    """Return Trustpilot reviews `first` down to `last`: the higher the number, the newer."""
    return [
        {
            "id": f"r{number}",
            "consumer": {"id": f"c{number}", "displayName": "Marie Dupont", "numberOfReviews": 1},
            "stars": 2,
            "title": f"Avis {number}",
            "text": f"Colis numéro {number} jamais reçu",
            "createdAt": f"2026-11-{1 + number // 1440:02}T{number // 60 % 24:02}:{number % 60:02}:00Z",
            "companyReply": {"text": "Bonjour, désolés !", "createdAt": "2026-11-23T00:00:00Z"},
        }
        for number in range(first, last - 1, -1)
    ]


@dataclass
class TrustpilotServer:
    """A business unit; `reviews` are newest first."""

    server: HTTPServer
    reviews: list[dict[str, Any]]
    tokens: TokenServer = field(default_factory=lambda: TokenServer(lasts="359999"))
    pages: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    before_page: Callable[[int], Response | None] = lambda _page: None

    def __post_init__(self) -> None:
        self.server.expect_request(TOKEN_PATH, method="POST").respond_with_handler(self.tokens.answer)
        self.server.expect_request(PRIVATE, method="GET").respond_with_handler(self._private)
        self.server.expect_request(PUBLIC, method="GET").respond_with_handler(self._page)

    def _private(self, request: Request) -> Response:
        if not self.tokens.admits(request):
            return as_json({"message": "Unauthorized"}, 401)
        return self._page(request)

    def _page(self, request: Request) -> Response:
        assert request.headers["apikey"] == "the-key"
        assert "the-key" not in request.url
        assert request.args["orderBy"] == "createdat.desc"
        page, size = int(request.args["page"]), int(request.args["perPage"])
        self.pages.append(page)
        instead = self.before_page(page)
        if instead:
            return instead
        shown: Sequence[dict[str, Any]] = self.reviews[(page - 1) * size : page * size]
        return as_json({"links": [], "reviews": shown}, headers=self.headers)
