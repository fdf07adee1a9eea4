"""The customer's pages: the survey (`/s/TOKEN`) and the objection (`/u/TOKEN`).

They need no JavaScript and set no cookie. The token in the address is the only key, so there is no
session and no CSRF token: who has the link may answer, and the one-click POST of RFC 8058 comes from a
mail server that has neither.

They are an application of their own, in front of the one that staff use: it has no key to sign a
cookie with, and no request of a customer passes what only staff need.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from feedback_service.bootstrap import Services
from feedback_service.web import security
from feedback_service.web.customer import errors, serving
from feedback_service.web.customer.objection import ObjectionView
from feedback_service.web.customer.pages import Pages
from feedback_service.web.customer.preview import PreviewView, is_preview
from feedback_service.web.customer.serving import Page, Request, Response, Views
from feedback_service.web.customer.survey import SurveyView

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# R45; the one script is our own file, and nothing comes from elsewhere.
HEADERS = {
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
}


class Front:
    """The WSGI application that answers at the customers' addresses and gives the others to `others`.

    It sets the headers that every page of a customer carries, of whatever came of the request.
    """

    def __init__(self, services: Services, others: "WSGIApplication") -> None:
        pages = Pages(services)
        survey, objection = SurveyView(services, pages), ObjectionView(services, pages)
        preview = PreviewView(services, pages)
        self._views: dict[Page, Views] = {
            Page.SURVEY: {"GET": survey.show, "POST": survey.answer},
            Page.THANKS: {"GET": survey.thanks},
            Page.OBJECTION: {"GET": objection.ask, "POST": objection.record},
        }
        self._preview_views: dict[Page, Views] = {
            Page.SURVEY: {"GET": preview.show, "POST": preview.answer},
            Page.THANKS: {"GET": preview.thanks},
            Page.OBJECTION: {"GET": preview.objection, "POST": preview.objection},
        }
        self._others = others
        self._headers = [
            *(security.headers(services) | HEADERS).items(),
            ("Content-Type", "text/html; charset=utf-8"),
        ]

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request."""
        path = environ["PATH_INFO"]
        if not path.startswith(serving.PREFIXES):
            return self._others(environ, start_response)
        request = serving.request_of(environ)
        try:
            response = self._response(request, path)
        finally:
            request.close()
        body, status = response.body, response.status
        headers = [*self._headers, *response.headers, ("Content-Length", str(len(body)))]
        start_response(f"{status.value} {status.phrase}", headers)
        return [] if request.method == "HEAD" else [body]

    def _response(self, request: Request, path: str) -> Response:
        page = None
        try:
            page, token = serving.place_of(path)
            views = self._preview_views if is_preview(token) else self._views
            return serving.respond(views[page], request, token)
        except Exception as error:  # noqa: BLE001 - whatever it is, the customer gets a page
            return errors.response_to(error, request, page)
