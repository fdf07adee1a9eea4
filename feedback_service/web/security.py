"""Headers on every answer (R46): a strict content security policy and its companions."""

from flask import Flask, Response

from feedback_service.bootstrap import Services

# Pico draws its chevrons and check marks as data: images.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_HSTS = "max-age=31536000"


def headers(services: Services) -> dict[str, str]:
    """Return the headers that every answer of an installation carries."""
    https = services.settings.public_url.startswith("https:")
    return _HEADERS | ({"Strict-Transport-Security": _HSTS} if https else {})


def install(app: Flask, services: Services) -> None:
    """Set the headers on every answer of `app`; a view that has set one itself keeps it."""
    set_by_default = headers(services)

    @app.after_request
    def secure(response: Response) -> Response:
        for name, value in set_by_default.items():
            response.headers.setdefault(name, value)
        if not (response.mimetype or "").startswith(("text/css", "text/javascript", "image/")):
            response.headers.setdefault("Cache-Control", "no-store")
        return response
