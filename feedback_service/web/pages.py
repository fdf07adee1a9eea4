"""How a staff page is made: in the reader's language and zone, with navigation and a CSRF token."""

from http import HTTPStatus

from flask import Response, current_app, request, session
from flask_wtf.csrf import generate_csrf

from feedback_service import i18n
from feedback_service.bootstrap import Services
from feedback_service.shops.models import Role
from feedback_service.web import auth
from feedback_service.web.rendering import render

LANGUAGES = ("en", "fr")


def services() -> Services:
    """Return the services of the running application."""
    found = current_app.extensions["feedback_service"]
    assert isinstance(found, Services)
    return found


def language() -> str:
    """Return the language to speak: that of the account, else the browser's, else English."""
    someone = auth.signed_in()
    wanted = someone.language if someone else request.accept_languages.best_match(LANGUAGES)
    return i18n.best_language(wanted, LANGUAGES, "en")


def page(template: str, **context: object) -> str:
    """Render a template that extends `staff/layout.html`.

    Beside `context` the template may use: `person` (None before sign-in), `path`, `csrf_token` (for a hidden
    field of that name), `now`, `Role`, and all that `rendering.render` gives. The page's title is the
    question it answers.
    """
    someone = auth.signed_in()
    return render(
        template,
        language(),
        time_zone=someone.time_zone if someone else "UTC",
        person=someone,
        path=request.path,
        csrf_token=generate_csrf,
        now=services().clock.now(),
        notices=session.pop("notices", []) if someone else [],
        Role=Role,
        **context,
    )


def notify(sentence: str) -> None:
    """Show `sentence` at the top of the next page of this session."""
    session["notices"] = [*session.get("notices", []), sentence]


def error_page(status: HTTPStatus, detail: str = "") -> Response:
    """Return a page that says what went wrong and where to go from here."""
    return Response(page("staff/error.html", status=status, detail=detail), status=status, mimetype="text/html")
