"""The demo's front: the start page with the tour, the mailbox, and the sites around the shop."""

from dataclasses import dataclass

from flask import Blueprint, Flask, Response, request
from werkzeug.exceptions import Forbidden, NotFound

from feedback_service import i18n, paths
from feedback_service.clock import Clock
from feedback_service.demo import sites as demo_sites
from feedback_service.demo.cast import STAFF
from feedback_service.demo.mailbox import CaughtMail, Mailbox
from feedback_service.demo.serving import HOST
from feedback_service.demo.sites import Sites
from feedback_service.web.caged import caged
from feedback_service.web.rendering import render

_OWN_HOSTS = frozenset({HOST, "localhost"})
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src data:; frame-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True)
class Front:
    """What the front shows; `product` is the address of the service itself."""

    clock: Clock
    mailbox: Mailbox
    sites: Sites
    product: str


def create_front(front: Front) -> Flask:
    """Make the application of the demo's own pages."""
    app = Flask("feedback_service_demo", static_folder=str(paths.STATIC))
    app.config["MAX_CONTENT_LENGTH"] = 100_000
    app.register_blueprint(demo_sites.blueprint(front.sites))
    app.register_blueprint(_pages(front))

    @app.before_request
    def only_from_here() -> None:
        """Refuse other names for this computer, and forms of other sites."""
        host, here = request.host.partition(":")[0], request.host_url.rstrip("/")
        if host not in _OWN_HOSTS or request.headers.get("Origin", here) != here:
            raise Forbidden

    @app.after_request
    def protect(response: Response) -> Response:
        """Set the headers that a page of ours always has."""
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return app


def _pages(front: Front) -> Blueprint:
    pages = Blueprint("front", __name__)

    @pages.get("/")
    def start() -> str:
        """Show the tour."""
        language = _language()
        return _page(
            "demo/start.html",
            other="en" if language == "fr" else "fr",
            product=front.product,
            mails=len(front.mailbox.mails()),
            staff=STAFF,
            now=front.clock.now(),
        )

    @pages.get("/mailbox")
    def mails() -> str:
        """List the mails, newest first."""
        return _page("demo/mailbox.html", mails=front.mailbox.mails()[::-1])

    @pages.get("/mailbox/<int:number>")
    def mail(number: int) -> str:
        """Show one mail."""
        found = _found(front.mailbox, number)
        return _page("demo/mail.html", mail=found, text=found.part("plain"))

    @pages.get("/mailbox/<int:number>/html")
    def html(number: int) -> Response:
        """Give the HTML part, caged."""
        found = _found(front.mailbox, number)
        return caged(found.part("html"), found.images())

    return pages


def _found(mailbox: Mailbox, number: int) -> CaughtMail:
    mail = mailbox.find(number)
    if mail is None:
        raise NotFound
    return mail


def _language() -> str:
    return i18n.staff_language(request.args.get("lang") or request.accept_languages.best_match(i18n.STAFF_LANGUAGES))


def _page(template: str, **context: object) -> str:
    return render(template, _language(), time_zone="Europe/Paris", **context)
