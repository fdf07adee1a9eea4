"""What a customer is told when something goes wrong: in the customer's language, without a word of ours."""

from enum import StrEnum
from http import HTTPStatus

import structlog
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from feedback_service.errors import DatabaseUnavailableError, NotFoundError
from feedback_service.web.customer.language import language_of_stranger
from feedback_service.web.rendering import render

_RETRY_SECONDS = 60
log = structlog.get_logger()


class Trouble(StrEnum):
    """What the error page can say; the template has the words."""

    LATER = "later"
    TOO_LARGE = "too_large"
    NOT_UNDERSTOOD = "not_understood"


def install(app: Flask) -> None:
    """Make every error of `app` a page."""
    app.register_error_handler(NotFoundError, _closed)
    app.register_error_handler(HTTPStatus.NOT_FOUND, _closed)
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(DatabaseUnavailableError, _unavailable)
    app.register_error_handler(Exception, _unexpected)


def _closed(_error: Exception) -> tuple[str, int]:
    """Answer alike for a wrong, an expired and a used link (R45): nobody learns which tokens exist."""
    return render("customer/closed.html", language_of_stranger(request)), HTTPStatus.NOT_FOUND


def _refused(error: HTTPException) -> Response:
    if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return Response(error.get_response())  # type: ignore[arg-type]  # werkzeug's own class, which Flask's extends
    too_large = error.code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    response = _page(Trouble.TOO_LARGE if too_large else Trouble.NOT_UNDERSTOOD, error.code)
    # What a method that is not allowed must name (RFC 9110, 15.5.6).
    response.headers.extend((name, value) for name, value in error.get_headers() if name == "Allow")
    return response


def _unavailable(error: DatabaseUnavailableError) -> Response:
    # The sentence names our server: it is for the log alone. So is the address: it carries a token (R45).
    log.error("request failed", page=request.endpoint, error=str(error))
    response = _page(Trouble.LATER, HTTPStatus.SERVICE_UNAVAILABLE)
    response.headers["Retry-After"] = str(_RETRY_SECONDS)
    return response


def _unexpected(error: Exception) -> Response:
    log.error("request failed", page=request.endpoint, exc_info=error)
    return _page(Trouble.LATER, HTTPStatus.INTERNAL_SERVER_ERROR)


def _page(trouble: Trouble, status: int) -> Response:
    text = render("customer/error.html", language_of_stranger(request), trouble=trouble, method=request.method)
    return Response(text, status)
