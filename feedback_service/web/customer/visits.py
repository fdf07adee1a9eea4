"""Who comes to a page, and whether anybody does: browsers fetch pages beforehand that nobody may ever see."""

from feedback_service.surveys.traffic import source_of
from feedback_service.web.customer.serving import Request

_PURPOSES = ("HTTP_SEC_PURPOSE", "HTTP_PURPOSE", "HTTP_X_PURPOSE", "HTTP_X_MOZ")
_BEFOREHAND = ("prefetch", "prerender", "preview")


def is_visit(request: Request) -> bool:
    """Tell whether somebody opened the page: not HEAD, and not a browser that fetches ahead of a press.

    `Sec-Purpose` is the standard (Fetch, 3.3); `Purpose` and `X-Moz` are what browsers sent before it.
    """
    purposes = [request.environ[name].lower() for name in _PURPOSES if name in request.environ]
    return request.method == "GET" and not any(word in purpose for purpose in purposes for word in _BEFOREHAND)


def source(request: Request) -> str | None:
    """Return what tells the source of this request from others; None where a proxy hides it."""
    # An address that was believed has been taken out of the header by the proxies' middleware or stands in it still:
    # what counts is whether we believe any.
    is_believed = "werkzeug.proxy_fix.orig" in request.environ
    is_forwarded = not is_believed and ("X-Forwarded-For" in request.headers or "Forwarded" in request.headers)
    return source_of(request.remote_addr, is_forwarded=is_forwarded)
