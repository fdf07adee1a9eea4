"""Signing in and out, with limits by address and by account (R48).

The counters live in the memory of the process: each web process counts for itself, a restart forgets.
"""

from http import HTTPStatus
from typing import cast

from flask import Blueprint, Flask, redirect, request, url_for
from flask.sansio.blueprints import BlueprintSetupState
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from werkzeug.wrappers import Response

from feedback_service.bootstrap import Services
from feedback_service.hashing import content_digest, normal_address
from feedback_service.shops.models import Staff
from feedback_service.shops.staff import end_sessions, verify
from feedback_service.web import auth
from feedback_service.web.pages import page

BY_ADDRESS = "20 per minute; 100 per hour"
BY_ACCOUNT = "10 per 15 minutes"


def add_views(pages: Blueprint, services: Services) -> None:
    """Add the login page and the sign-out button's target to `pages`."""
    limiter = Limiter(get_remote_address, storage_uri="memory://")

    @pages.record_once
    def install(state: BlueprintSetupState) -> None:
        limiter.init_app(cast("Flask", state.app))

    @pages.get("/login")
    def login() -> Response | str:
        if auth.signed_in():
            return redirect(auth.safe_next(request.args.get("next")))
        return page("staff/login.html", wanted=request.args.get("next", ""), email="", refused=False)

    @pages.post("/login")
    @limiter.limit(BY_ADDRESS, deduct_when=_was_refused)
    @limiter.limit(BY_ACCOUNT, key_func=_account, deduct_when=_was_refused)
    def sign_in() -> Response | tuple[str, int]:
        email, wanted = request.form.get("email", ""), request.form.get("next", "")
        with services.database.writing() as db:
            staff = verify(db, email, request.form.get("password", ""), services.clock.now())
        if staff is None:
            return page("staff/login.html", wanted=wanted, email=email, refused=True), HTTPStatus.UNAUTHORIZED
        auth.sign_in(staff)
        return redirect(auth.safe_next(wanted))

    @pages.post("/logout")
    @auth.staff_only()
    def logout() -> Response:
        with services.database.writing() as db:
            staff = db.get_one(Staff, auth.person().id)
            end_sessions(db, staff, services.clock.now())
        auth.sign_out()
        return redirect(url_for("staff.login"))


def _account() -> str:
    # A digest: the counters stay in memory, and what is typed here may be half a megabyte.
    return content_digest(normal_address(request.form.get("email", "")))


def _was_refused(response: Response) -> bool:
    return response.status_code == HTTPStatus.UNAUTHORIZED
