"""A shop's colour and logo for the customer's pages, from here and not from elsewhere: `/brand/...`.

Both are public and never change under their address, so that a browser keeps them.
"""

import re

from flask import Blueprint, Response
from werkzeug.exceptions import NotFound

from feedback_service.bootstrap import Services
from feedback_service.shops.contrast import checked_colour, palette
from feedback_service.shops.look import logo_bytes
from feedback_service.shops.pictures import kind_of

_KEPT = "public, max-age=31536000, immutable"
_STYLE = """:root {{ --accent: {made.accent}; --on-accent: {made.on_accent}; --tint: {made.tint}; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --accent: {made.accent_dark}; --on-accent: {made.on_accent_dark}; --tint: {made.tint_dark}; }}
}}
"""


def blueprint(services: Services) -> Blueprint:
    """Return what a shop's own look needs on the customer's pages."""
    pages = Blueprint("brand", __name__)

    @pages.get("/brand/<colour>.css")
    def style(colour: str) -> Response:
        """Give the colours made from a shop's own."""
        if not re.fullmatch("[0-9a-f]{6}", colour):
            raise NotFound
        return _kept(_STYLE.format(made=palette(checked_colour(colour))), "text/css")

    @pages.get("/brand/<digest>")
    def logo(digest: str) -> Response:
        """Give a logo."""
        with services.database.reading() as session:
            data = logo_bytes(session, digest)
        if data is None:
            raise NotFound
        return _kept(data, f"image/{kind_of(data)}")

    return pages


def _kept(body: str | bytes, mimetype: str) -> Response:
    response = Response(body, mimetype=mimetype)
    response.headers["Cache-Control"] = _KEPT
    return response
