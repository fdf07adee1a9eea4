"""What every call to the API passes first: size, key, media type, JSON. Nothing bad reaches a view."""

from http import HTTPStatus

from flask import Response, g, request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from feedback_service.bootstrap import Services
from feedback_service.shops.api_keys import find_key
from feedback_service.shops.models import ApiKey
from feedback_service.web.errors import problem

LARGEST_BODY = 1_000_000
"""In bytes; an order of 5,000 lines fits."""


def check(services: Services) -> Response | None:
    """Return the problem that stops this request, or None; the key's row is then in `current_key()`."""
    key = _key(services)
    if key is None:
        answer = problem(HTTPStatus.UNAUTHORIZED, "This needs the header 'Authorization: Bearer KEY' with a valid key.")
        answer.headers["WWW-Authenticate"] = 'Bearer realm="api"'
        return answer
    g.api_key = key
    if not request.is_json:
        return problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send JSON with 'Content-Type: application/json'.")
    return _check_json()


def current_key() -> ApiKey:
    """Return the key of this request."""
    key: ApiKey = g.api_key
    return key


def _key(services: Services) -> ApiKey | None:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    with services.database.reading() as session:
        return find_key(session, value.strip())


def _check_json() -> Response | None:
    request.max_content_length = LARGEST_BODY
    try:
        payload = request.get_json()
    except RequestEntityTooLarge:
        return problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A body has {LARGEST_BODY:,} bytes at most.")
    except (BadRequest, RecursionError, UnicodeError):
        return problem(HTTPStatus.BAD_REQUEST, "The body is not JSON that can be read.")
    if not isinstance(payload, dict):
        return problem(HTTPStatus.BAD_REQUEST, "The body must be one JSON object.")
    return None
