"""A mail on a page is outside text: no script, no form, nothing from elsewhere, and an origin of its own."""

import base64
from collections.abc import Mapping

from flask import Response

_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "sandbox allow-popups allow-popups-to-escape-sandbox; frame-ancestors 'self'"
)


def caged(html: str, images: Mapping[str, tuple[str, bytes]]) -> Response:
    """Return the HTML part of a mail with its images inside, and links that open in a window of their own.

    Args:
        html: the HTML part.
        images: type and bytes of each image by its Content-ID, without brackets.
    """
    for content_id, (kind, data) in images.items():
        html = html.replace(f"cid:{content_id}", f"data:{kind};base64,{base64.b64encode(data).decode()}")
    html = html.replace("<head>", '<head><base target="_blank">', 1)
    response = Response(html, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = _POLICY
    return response
