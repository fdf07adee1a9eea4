"""What a customer is told when something goes wrong: in the customer's language, without a word of ours."""

from enum import StrEnum
from http import HTTPStatus

import structlog
from werkzeug.exceptions import HTTPException, NotFound

from feedback_service.errors import DatabaseUnavailableError, NotFoundError
from feedback_service.web.customer.language import language_of_stranger
from feedback_service.web.customer.serving import Page, Request, Response
from feedback_service.web.rendering import render

_RETRY_SECONDS = 60
log = structlog.get_logger()


class Trouble(StrEnum):
    """What the error page can say; the template has the words."""

    LATER = "later"
    TOO_LARGE = "too_large"
    NOT_UNDERSTOOD = "not_understood"


def response_to(error: Exception, request: Request, page: Page | None) -> Response:
    """Return the page of an error; `page` is the one that was asked for, None for none of ours."""
    if isinstance(error, NotFoundError | NotFound):
        return _closed(request)
    if isinstance(error, HTTPException):
        return _refused(error, request)
    if isinstance(error, DatabaseUnavailableError):
        # The sentence names our server: it is for the log alone. So is the address: it carries a token (R45).
        log.error("request failed", page=page, error=str(error))
        retry = (("Retry-After", str(_RETRY_SECONDS)),)
        return _told(Trouble.LATER, HTTPStatus.SERVICE_UNAVAILABLE, request, retry)
    log.error("request failed", page=page, exc_info=error)
    return _told(Trouble.LATER, HTTPStatus.INTERNAL_SERVER_ERROR, request)


def _closed(request: Request) -> Response:
    """Answer alike for a wrong, an expired and a used link (R45): nobody learns which tokens exist."""
    text = render("customer/closed.html", language_of_stranger(request))
    return Response(text.encode(), HTTPStatus.NOT_FOUND)


def _refused(error: HTTPException, request: Request) -> Response:
    status = HTTPStatus(error.code or HTTPStatus.BAD_REQUEST)
    too_large = status is HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    # What a method that is not allowed must name (RFC 9110, 15.5.6).
    allowed = tuple((name, value) for name, value in error.get_headers() if name == "Allow")
    return _told(Trouble.TOO_LARGE if too_large else Trouble.NOT_UNDERSTOOD, status, request, allowed)


def _told(
    trouble: Trouble, status: HTTPStatus, request: Request, headers: tuple[tuple[str, str], ...] = ()
) -> Response:
    text = render("customer/error.html", language_of_stranger(request), trouble=trouble, method=request.method)
    return Response(text.encode(), status, headers)
