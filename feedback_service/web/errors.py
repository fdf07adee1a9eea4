"""Errors become answers here, once: a status, and a page for people or a problem (RFC 9457) for programs."""

from http import HTTPStatus

import structlog
from flask import Flask, Response, jsonify, request
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

from feedback_service.errors import (
    ConflictError,
    DatabaseUnavailableError,
    FeedbackError,
    InvalidInputError,
    NotFoundError,
    OutsideError,
)

_STATUS: tuple[tuple[type[FeedbackError], HTTPStatus], ...] = (
    (NotFoundError, HTTPStatus.NOT_FOUND),
    (InvalidInputError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (ConflictError, HTTPStatus.CONFLICT),
    (OutsideError, HTTPStatus.SERVICE_UNAVAILABLE),
)
log = structlog.get_logger()


def status_of(error: FeedbackError) -> HTTPStatus:
    """Return the HTTP status of a domain error."""
    for kind, status in _STATUS:
        if isinstance(error, kind):
            return status
    return HTTPStatus.INTERNAL_SERVER_ERROR


def problem(status: HTTPStatus, detail: str = "", **members: object) -> Response:
    """Return a problem+json answer (RFC 9457); `members` are added to it."""
    body = {"type": "about:blank", "title": status.phrase, "status": status.value}
    response = jsonify(body | ({"detail": detail} if detail else {}) | members)
    response.status_code = status
    response.mimetype = "application/problem+json"
    return response


def validation_problem(error: ValidationError) -> Response:
    """Return the problem of a payload that does not fit: where, and what is wrong there; never the value."""
    errors = [
        {"field": ".".join(str(part) for part in detail["loc"]), "message": detail["msg"]} for detail in error.errors()
    ]
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "The payload does not fit; see errors.", errors=errors)


def install(app: Flask) -> None:
    """Make every error of `app` an answer."""
    app.register_error_handler(FeedbackError, _domain_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(DatabaseUnavailableError, _database_error)
    app.register_error_handler(Exception, _unexpected_error)


def _domain_error(error: FeedbackError) -> Response:
    status = status_of(error)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("request failed", path=request.path, error=str(error))
    members = {"field": error.field} if isinstance(error, InvalidInputError) and error.field else {}
    return _answer(status, str(error), **members)


def _http_error(error: HTTPException) -> Response:
    if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return Response(error.get_response())  # type: ignore[arg-type]  # werkzeug's own class, which Flask's extends
    return _answer(HTTPStatus(error.code))


def _database_error(error: DatabaseUnavailableError) -> Response:
    # The sentence names our server: it is for the log alone.
    log.error("request failed", path=request.path, error=str(error))
    return _answer(HTTPStatus.SERVICE_UNAVAILABLE)


def _unexpected_error(error: Exception) -> Response:
    log.error("request failed", path=request.path, exc_info=error)
    return _answer(HTTPStatus.INTERNAL_SERVER_ERROR)


def _answer(status: HTTPStatus, detail: str = "", **members: object) -> Response:
    if request.path.startswith("/api/"):
        return problem(status, detail, **members)
    from feedback_service.web.pages import error_page

    return error_page(status, detail)
