"""The customer's pages: the survey (`/s/TOKEN`) and the objection (`/u/TOKEN`).

They need no JavaScript and set no cookie. The token in the address is the only key, so there is no
session and no CSRF token: who has the link may answer, and the one-click POST of RFC 8058 comes from a
mail server that has neither.
"""

from http import HTTPStatus

from flask import Blueprint, Response, request

from feedback_service.bootstrap import Services
from feedback_service.errors import NotFoundError
from feedback_service.web.customer import objection, survey
from feedback_service.web.customer.language import language_of_stranger
from feedback_service.web.rendering import render

# R45; no script at all, and nothing from elsewhere.
HEADERS = {
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
}
_LARGEST_FORM = 256 * 1024


def blueprint(services: Services) -> Blueprint:
    """Return the customer's pages. They must be exempt from CSRF tokens and from limits by address (R24)."""
    pages = Blueprint("customer", __name__)
    survey.register(pages, services)
    objection.register(pages, services)

    @pages.before_request
    def limit_size() -> None:
        request.max_content_length = _LARGEST_FORM

    @pages.after_request
    def set_headers(response: Response) -> Response:
        response.headers.update(HEADERS)
        return response

    @pages.errorhandler(NotFoundError)
    def show_closed(_error: NotFoundError) -> tuple[str, int]:
        """Answer alike for a wrong, an expired and a used link (R45): nobody learns which tokens exist."""
        return render("customer/closed.html", language_of_stranger(request)), HTTPStatus.NOT_FOUND

    return pages
