"""How a staff page is made: in the reader's language and zone, with navigation and a CSRF token."""

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import cast

from flask import Response, current_app, request, session
from flask_wtf.csrf import generate_csrf

from feedback_service import formats, i18n
from feedback_service.alerts import review
from feedback_service.bootstrap import Services
from feedback_service.scanning.missed import MissedScan, missed_scan
from feedback_service.shops.models import Role
from feedback_service.web import auth
from feedback_service.web.rendering import render


def services() -> Services:
    """Return the services of the running application."""
    return cast("Services", current_app.extensions["feedback_service"])


def language() -> str:
    """Return the language to speak: that of the account, else the browser's, else English."""
    return _language_of(auth.signed_in())


def _language_of(someone: auth.Person | None) -> str:
    return i18n.staff_language(
        someone.language if someone else request.accept_languages.best_match(i18n.STAFF_LANGUAGES)
    )


def page(template: str, **context: object) -> str:
    """Render a template that extends `staff/layout.html`.

    Beside `context` the template may use: `person` (None before sign-in), `path`, `csrf_token` (for a hidden
    field of that name), `age(instant)`, `to_review()` (how much waits for a person), `missed_scan()` (the outage of
    the scan, if there is one), `Role`, and all that `rendering.render` gives. The page's title is the question
    it answers.
    """
    return _rendered(template, auth.signed_in(), **context)


def _rendered(template: str, someone: auth.Person | None, **context: object) -> str:
    return render(
        template,
        _language_of(someone),
        time_zone=someone.time_zone if someone else "UTC",
        person=someone,
        path=request.path,
        csrf_token=generate_csrf,
        age=_age,
        to_review=_to_review,
        missed_scan=_missed_scan,
        notices=session.pop("notices", []) if someone else [],
        Role=Role,
        **context,
    )


def page_number() -> int:
    """Return the page the address asks for, 1 if it asks for none."""
    return max(1, request.args.get("page", 1, type=int))


def _age(instant: datetime) -> str:
    return formats.age(instant, services().clock.now(), language())


def _to_review() -> int:
    with services().database.reading() as db:
        return review.count_waiting(db, auth.person().shop_ids)


def _missed_scan() -> MissedScan | None:
    """Return the outage of the scan where it touches a shop of the reader's."""
    allowed = timedelta(seconds=services().settings.scan_missed_after)
    with services().database.reading() as db:
        found = missed_scan(db, services().clock.now(), allowed)
    return found if found and set(found.overdue) & set(auth.person().shop_ids) else None


def notify(sentence: str) -> None:
    """Show `sentence` at the top of the next page of this session."""
    session["notices"] = [*session.get("notices", []), sentence]


def error_page(status: HTTPStatus, detail: str = "") -> Response:
    """Return a page that says what went wrong and where to go from here."""
    # Who is signed in stands in the database, and that may be what fails.
    someone = auth.signed_in() if status < HTTPStatus.INTERNAL_SERVER_ERROR else None
    text = _rendered("staff/error.html", someone, status=status, detail=detail)
    return Response(text, status=status, mimetype="text/html")
