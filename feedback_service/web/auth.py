"""Who is signed in: Flask-Login over signed cookies, roles, and the shops a person may see.

A session carries the account's `session_version`: signing out or a new password raises it, and every
cookie that was given before is worth nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from http import HTTPStatus
from typing import ParamSpec, TypeVar
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, redirect, request, session, url_for
from flask_login import LoginManager, current_user, login_user, logout_user
from werkzeug.wrappers import Response

from feedback_service.bootstrap import Services
from feedback_service.shops.models import Role, Shop, Staff

SESSION_LIFETIME = timedelta(hours=12)
Parameters = ParamSpec("Parameters")
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Person:
    """A signed-in member of staff, as the pages need it; detached from the database."""

    id: int
    name: str
    role: Role
    language: str
    session_version: int
    shops: tuple[Shop, ...]

    is_authenticated = True
    is_active = True
    is_anonymous = False

    @property
    def shop_ids(self) -> tuple[int, ...]:
        """The shops whose rows this person may see."""
        return tuple(shop.id for shop in self.shops)

    @property
    def time_zone(self) -> str:
        """The zone in which this person reads times: that of the first shop."""
        return self.shops[0].time_zone if self.shops else "UTC"

    @property
    def sees_figures(self) -> bool:
        """Tell whether the managers' pages are open to this person."""
        return self.role in {Role.MANAGER, Role.ADMIN}

    def get_id(self) -> str:
        """Return what the session cookie holds."""
        return f"{self.id}:{self.session_version}"


def person_of(staff: Staff) -> Person:
    """Return the detached picture of an account."""
    return Person(staff.id, staff.name, staff.role, staff.language, staff.session_version, tuple(staff.shops))


def install(app: Flask, services: Services) -> None:
    """Teach `app` who is signed in."""
    login = LoginManager(app)
    login.session_protection = None  # Addresses change on the way home; the version ends sessions.

    @login.user_loader  # type: ignore[untyped-decorator]  # Flask-Login has no types
    def load(key: str) -> Person | None:
        number, _, version = key.partition(":")
        with services.database.reading() as db:
            staff = db.get(Staff, int(number)) if number.isdecimal() else None
            if staff is None or not staff.is_active or str(staff.session_version) != version:
                return None
            return person_of(staff)

    @login.unauthorized_handler  # type: ignore[untyped-decorator]  # Flask-Login has no types
    def send_to_login() -> Response:
        if request.headers.get("HX-Request"):
            # A piece of a page is polled: the whole page must go to the login, not the piece.
            return Response(status=HTTPStatus.UNAUTHORIZED, headers={"HX-Redirect": url_for("staff.login")})
        wanted = request.full_path.rstrip("?") if request.method == "GET" else ""
        return redirect(url_for("staff.login", next=wanted or None))


def sign_in(staff: Staff) -> None:
    """Start a fresh session for `staff`: nothing of the one before survives (R48)."""
    session.clear()
    session.permanent = True
    login_user(person_of(staff))


def sign_out() -> None:
    """Forget the session in this browser; `shops.staff.end_sessions` has ended it everywhere."""
    logout_user()
    session.clear()


def signed_in() -> Person | None:
    """Return who is signed in, or None."""
    return current_user._get_current_object() if current_user and current_user.is_authenticated else None  # noqa: SLF001 - the proxy's only way out


def person() -> Person:
    """Return who is signed in; only for views behind `staff_only`."""
    someone = signed_in()
    if someone is None:
        abort(HTTPStatus.UNAUTHORIZED)
    return someone


def staff_only(*roles: Role) -> Callable[[Callable[Parameters, Answer]], Callable[Parameters, Answer | Response]]:
    """Let only signed-in staff in, and only of `roles` where some are named; others get the login page or 403."""

    def decorate(view: Callable[Parameters, Answer]) -> Callable[Parameters, Answer | Response]:
        @wraps(view)
        def guarded(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Answer | Response:
            someone = signed_in()
            if someone is None:
                return Response.force_type(_unauthorized())
            if roles and someone.role not in roles:
                abort(HTTPStatus.FORBIDDEN)
            return view(*args, **kwargs)

        return guarded

    return decorate


def safe_next(wanted: str | None) -> str:
    """Return the local address to go to after signing in; anything that leads elsewhere becomes the inbox."""
    inbox = url_for("staff.inbox")
    if not wanted or not wanted.startswith("/") or wanted.startswith(("//", "/\\")) or "\\" in wanted:
        return inbox
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return inbox
    return inbox if parts.scheme or parts.netloc else wanted


def _unauthorized() -> Response:
    login: LoginManager = current_app.login_manager  # type: ignore[attr-defined]  # Flask-Login sets it
    return login.unauthorized()  # type: ignore[no-any-return]  # what our handler above gives
