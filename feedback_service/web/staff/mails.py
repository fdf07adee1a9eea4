"""Mails: whether every mail goes out; administrators send those in trouble again, or drop them."""

from http import HTTPStatus

from flask import Blueprint, redirect, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from feedback_service.bootstrap import Services
from feedback_service.mail import oversight
from feedback_service.mail.oversight import View
from feedback_service.mail.pacing import Rates
from feedback_service.paging import paged
from feedback_service.shops.models import Role
from feedback_service.web import auth
from feedback_service.web.pages import language, notify, page, page_number
from feedback_service.web.staff import mail_words


def add_views(pages: Blueprint, services: Services) -> None:
    """Add the list of mails, and what can be done about one, to `pages`."""
    _add_looking(pages, services)
    _add_changes(pages, services)


def _add_looking(pages: Blueprint, services: Services) -> None:
    @pages.get("/mails")
    @auth.staff_only(Role.ADMIN)
    def mails() -> str:
        view, now, shop_ids = _view(), services.clock.now(), auth.person().shop_ids
        with services.database.reading() as db:
            queue = oversight.queue(db, now, shop_ids)
            pauses = oversight.pauses(db, now)
            found = paged(db, oversight.listing(view, shop_ids), page_number())
        return page(
            "staff/mails.html",
            view=view,
            queue=queue,
            pauses=pauses,
            is_patient=mail_words.is_patient(queue, now - queue.oldest_at if queue.oldest_at else None),
            rates=oversight.rates_in_force(Rates.of(services.settings), now),
            found=found,
            retryable={mail.id for mail in found.rows if oversight.can_retry(mail, now)},
            oversight=oversight,
            words=mail_words,
            views=list(View),
        )

    @pages.get("/mails/<int:mail_id>/retry")
    @auth.staff_only(Role.ADMIN)
    def ask_to_retry(mail_id: int) -> str:
        with services.database.reading() as db:
            mail = oversight.find(db, mail_id, auth.person().shop_ids)
            return page("staff/mail_retry.html", mail=mail, words=mail_words)


def _add_changes(pages: Blueprint, services: Services) -> None:
    @pages.post("/mails/<int:mail_id>/<action>")
    @auth.staff_only(Role.ADMIN)
    def change_mail(mail_id: int, action: str) -> Response:
        if action not in {"retry", "drop"}:
            raise NotFound
        now, someone = services.clock.now(), auth.person()
        with services.database.writing() as db:
            mail = oversight.find(db, mail_id, someone.shop_ids)
            if action == "drop":
                oversight.drop(db, mail, now, staff_id=someone.id)
            else:
                twice_is_fine = request.form.get("twice") == "yes"
                oversight.retry(db, mail, now, twice_is_fine=twice_is_fine, staff_id=someone.id)
        notify(mail_words.done(action, language()))
        return redirect(url_for("staff.mails"), HTTPStatus.SEE_OTHER)


def _view() -> View:
    try:
        return View(request.args.get("view", View.TROUBLE))
    except ValueError as error:
        raise NotFound from error
