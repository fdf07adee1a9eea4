"""The web: customers' pages, staff pages, managers' pages, the API, and hooks for other services."""

import hashlib
import importlib
from datetime import timedelta
from http import HTTPStatus
from types import ModuleType

from flask import Blueprint, Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.info import Info
from flask_openapi3.openapi import OpenAPI
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

from feedback_service import __version__, paths
from feedback_service.bootstrap import Services
from feedback_service.errors import DatabaseUnavailableError
from feedback_service.scanning.missed import missed_scan
from feedback_service.web import auth, customer, errors, security

_PARTS = ("brand", "api", "hooks", "staff", "managers")
# No session there: a token, a key or a signature says who asks (R24, R47).
_WITHOUT_CSRF = frozenset({"api", "hooks"})
_LARGEST_BODY = 2_000_000


class _RowNumber(IntegerConverter):
    """A whole number in an address; one that no row can have is an address that does not exist."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=2**31 - 1)


def create_web(services: Services) -> OpenAPI:
    """Make the web application of an installation; it starts no job and opens no database connection."""
    app = OpenAPI(
        "feedback_service",
        info=Info(
            title="Feedback service",
            version=__version__,
            description="Orders, returns and mentions come in here. Errors are problem details (RFC 9457).",
        ),
        security_schemes={"api_key": {"type": "http", "scheme": "bearer"}},
        doc_ui=False,
        validation_error_callback=errors.validation_problem,
        template_folder=str(paths.templates_folder()),
        static_folder=str(paths.STATIC),
    )
    app.extensions["feedback_service"] = services
    app.config.update(_configuration(services))
    app.wsgi_app = customer.Front(services, app.wsgi_app)  # type: ignore[method-assign]  # as Flask documents it
    if services.settings.trusted_proxies:
        count = services.settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]  # as Flask documents it
    app.url_map.converters["int"] = _RowNumber
    csrf = CSRFProtect(app)
    security.install(app, services)
    errors.install(app)
    auth.install(app, services)
    _register_parts(app, services, csrf)
    _register_own_pages(app, services)
    return app


def load_parts() -> dict[str, ModuleType]:
    """Load the modules that the application is made of, by name; to be done before a process is copied."""
    return {part: importlib.import_module(f"feedback_service.web.{part}") for part in _PARTS}


def _configuration(services: Services) -> dict[str, object]:
    https = services.settings.public_url.startswith("https:")
    return {
        # Not the key of the keyed hashes itself: what signs cookies must not open the other.
        "SECRET_KEY": hashlib.sha256(f"web-session:{services.secret}".encode()).digest(),
        "SESSION_COOKIE_NAME": "__Host-feedback" if https else "feedback",
        "SESSION_COOKIE_SECURE": https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_REFRESH_EACH_REQUEST": False,  # Or the inbox, which polls, would never sign anybody out.
        "PERMANENT_SESSION_LIFETIME": auth.SESSION_LIFETIME,
        "MAX_CONTENT_LENGTH": _LARGEST_BODY,
        "SEND_FILE_MAX_AGE_DEFAULT": timedelta(days=365),  # Addresses carry a digest of the contents.
        "WTF_CSRF_TIME_LIMIT": None,  # As long as the session: a page left open over lunch still works.
        # The token and SameSite protect; a Referer is what privacy tools strip.
        "WTF_CSRF_SSL_STRICT": False,
    }


def _register_parts(app: OpenAPI, services: Services, csrf: CSRFProtect) -> None:
    for part, module in load_parts().items():
        blueprint: Blueprint = module.blueprint(services)
        if part in _WITHOUT_CSRF:
            csrf.exempt(blueprint)
        if isinstance(blueprint, APIBlueprint):
            app.register_api(blueprint)
        else:
            app.register_blueprint(blueprint)


def _register_own_pages(app: OpenAPI, services: Services) -> None:
    @app.get("/healthz", doc_ui=False)
    def healthz() -> Response:
        """Say that the process answers; it does not look at the database."""
        return jsonify(status="ok")

    @app.get("/readyz", doc_ui=False)
    def readyz() -> tuple[Response, HTTPStatus]:
        """Say whether the service does its work: the database answers, and sources are read."""
        try:
            with services.database.reading() as session:
                allowed = timedelta(seconds=services.settings.scan_missed_after)
                missed = missed_scan(session, services.clock.now(), allowed)
        except DatabaseUnavailableError:
            return jsonify(status="no_database"), HTTPStatus.SERVICE_UNAVAILABLE
        if missed:
            return jsonify(status="no_scan"), HTTPStatus.SERVICE_UNAVAILABLE
        return jsonify(status="ok"), HTTPStatus.OK

    @app.get("/api/v1/openapi.json", doc_ui=False)
    def openapi() -> Response:
        """Give the description of the API (OpenAPI 3.1)."""
        return jsonify(app.api_doc)
