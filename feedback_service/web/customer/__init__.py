"""The customer's pages: the survey (`/s/TOKEN`) and the objection (`/u/TOKEN`).

They need no JavaScript and set no cookie. The token in the address is the only key, so there is no
session and no CSRF token: who has the link may answer, and the one-click POST of RFC 8058 comes from a
mail server that has neither.

They are a Flask application of their own, in front of the one that staff use: it has no key to sign a
cookie with, and no request of a customer passes what only staff need.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask

from feedback_service.bootstrap import Services
from feedback_service.web import security
from feedback_service.web.customer import errors, objection, preview, survey
from feedback_service.web.customer.pages import Pages

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PREFIXES = ("/s/", "/u/")
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
_LARGEST_FORM = 256 * 1024


def application(services: Services) -> Flask:
    """Make the application of the customers' pages."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = _LARGEST_FORM
    pages = Pages(services)
    preview.register(app, services, pages)
    survey.register(app, services, pages)
    objection.register(app, services, pages)
    errors.install(app)
    return app


class Front:
    """The WSGI application that answers at the customers' addresses and gives the others to `others`.

    It sets the headers that every page of a customer carries, of whatever came of the request.
    """

    def __init__(self, services: Services, others: "WSGIApplication") -> None:
        self._customers = application(services)
        self._others = others
        self._headers = list((security.headers(services) | HEADERS).items())

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request."""
        if not environ["PATH_INFO"].startswith(PREFIXES):
            return self._others(environ, start_response)

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:  # noqa: ANN401 - PEP 3333
            return start_response(status, headers + self._headers, exc_info)

        return self._customers(environ, start)
