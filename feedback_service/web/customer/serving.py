"""What stands between the web server and a customer's page: the address, the method, and what goes back.

Flask, which serves staff, does for every request what these pages have no use for (contexts, signals, hooks, a
session), and that took as long as the whole page does. Werkzeug reads the request here as it does for Flask.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import TYPE_CHECKING

import werkzeug
from werkzeug.exceptions import MethodNotAllowed, NotFound

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_LARGEST_FORM = 256 * 1024
_PREFIX_LENGTH = 3  # Of "/s/" and "/u/".


class Page(StrEnum):
    """A page of a customer; the log names it, and never its address, which carries a token (R45)."""

    SURVEY = "survey"
    THANKS = "thanks"
    OBJECTION = "objection"


_PAGES = {("/s/", ""): Page.SURVEY, ("/s/", "/thanks"): Page.THANKS, ("/u/", ""): Page.OBJECTION}
PREFIXES = ("/s/", "/u/")
"""What the addresses of the customers' pages begin with."""


class Request(werkzeug.Request):
    """A request for a customer's page."""

    max_content_length = _LARGEST_FORM


@dataclass(frozen=True, slots=True)
class Response:
    """What goes back, but for the headers that every page carries."""

    body: bytes = b""
    status: HTTPStatus = HTTPStatus.OK
    headers: tuple[tuple[str, str], ...] = ()


View = Callable[[Request, str], Response]
"""Answers a request for a token."""
Views = Mapping[str, View]
"""The views of one page, by method."""


def see(address: str) -> Response:
    """Return the way to another page, which the browser then asks for."""
    return Response(status=HTTPStatus.SEE_OTHER, headers=(("Location", address),))


def request_of(environ: "WSGIEnvironment") -> Request:
    """Return the request; it does not know itself by the environment, so that nothing is left to collect."""
    return Request(environ, populate_request=False)


def place_of(path: str) -> tuple[Page, str]:
    """Return which page an address means, and its token; raise `NotFound` for none of ours."""
    token, slash, rest = path[_PREFIX_LENGTH:].partition("/")
    page = _PAGES.get((path[:_PREFIX_LENGTH], slash + rest))
    # A token has no other letters; what a server takes for another one cannot be one.
    if page is None or not token or not token.isascii():
        raise NotFound
    return page, token


def respond(views: Views, request: Request, token: str) -> Response:
    """Return what the view of the request's method says; HEAD is GET without a body, OPTIONS names the methods.

    Raises `MethodNotAllowed` for a method that has no view.
    """
    view = views.get("GET" if request.method == "HEAD" else request.method)
    if view is not None:
        return view(request, token)
    allowed = sorted({*views, "HEAD", "OPTIONS"})
    if request.method == "OPTIONS":
        return Response(headers=(("Allow", ", ".join(allowed)),))
    raise MethodNotAllowed(valid_methods=allowed)
