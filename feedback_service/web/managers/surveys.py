"""What a shop asks, and when: managers switch, order and word the questions, see them, and try subject lines."""

import base64
from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus

import sqlalchemy as sa
from flask import Blueprint, Response, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from feedback_service import i18n
from feedback_service.bootstrap import Services
from feedback_service.errors import ConflictError, InvalidInputError, NotFoundError
from feedback_service.reports import subject_trials
from feedback_service.returns.customers import written_language
from feedback_service.samples import PERIODIC, REMINDER, SURVEY
from feedback_service.shops import configuration
from feedback_service.shops.look import logo_bytes, look_of
from feedback_service.shops.models import AuditEntry, Role, Shop, Staff
from feedback_service.surveys import subjects, versions
from feedback_service.surveys.models import SubjectTrial
from feedback_service.surveys.previews import Preview
from feedback_service.surveys.questionnaire import Questionnaire, checked
from feedback_service.surveys.questions import Survey
from feedback_service.web import auth
from feedback_service.web.customer.language import Reader
from feedback_service.web.customer.pages import Pages
from feedback_service.web.customer.preview import survey_page
from feedback_service.web.managers import survey_forms, survey_words
from feedback_service.web.pages import language, notify, page

TERMS = (
    "surveys_enabled", "survey_delay_hours", "survey_window_hours", "daytime_from", "daytime_until",
    "quarantine_days", "reminder_days", "nps_enabled", "nps_every_days",
)  # fmt: skip
_SWITCHES = frozenset({"surveys_enabled", "nps_enabled"})
_MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; sandbox"
_KINDS = {"survey": SURVEY, "reminder": REMINDER, "periodic": PERIODIC, "periodic-mail": PERIODIC}
_TRIALS_SHOWN = 10
_PNG = b"\x89PNG"
_managers = auth.staff_only(Role.MANAGER, Role.ADMIN)


def add_views(pages: Blueprint, services: Services) -> None:
    """Add the page of a shop's surveys and the targets of its forms to `pages`."""
    views = SurveyViews(services)
    for rule, name, view, method in (
        ("/surveys", "surveys", views.first, "GET"),
        ("/surveys/<slug>", "survey_settings", views.show, "GET"),
        ("/surveys/<slug>/terms", "survey_terms", views.change_terms, "POST"),
        ("/surveys/<slug>/questions", "survey_questions", views.change_questions, "POST"),
        ("/surveys/<slug>/preview", "survey_preview", views.preview, "POST"),
        ("/surveys/<slug>/test", "survey_test", views.send_test, "POST"),
        ("/surveys/<slug>/trials", "survey_trial", views.start_trial, "POST"),
        ("/surveys/<slug>/trials/<int:trial_id>/end", "survey_trial_end", views.end_trial, "POST"),
    ):
        pages.add_url_rule(rule, name, _managers(view), methods=[method])


class SurveyViews:
    """The views; each opens one short transaction."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._pages = Pages(services)

    def first(self) -> AnyResponse | str:
        """Lead to the one shop, or to the first of several."""
        shops = auth.person().shops
        if not shops:
            return page("managers/surveys.html", shop=None)
        return redirect(url_for("managers.survey_settings", slug=shops[0].slug))

    def show(self, slug: str) -> str:
        """Show what is asked, in one language."""
        with self._services.database.reading() as db:
            shop = _shop(db, slug)
            asked = self._services.questionnaires.current(db, shop)
            return self._page(db, shop, asked)

    def change_terms(self, slug: str) -> AnyResponse | tuple[str, HTTPStatus]:
        """Change when customers are asked."""
        values = {key: request.form.get(key, "false" if key in _SWITCHES else "") for key in TERMS}
        with self._services.database.writing() as db:
            shop = _shop(db, slug)
            before = {key: configuration.as_text(shop, key) for key in TERMS}
            try:
                configuration.change(shop, values)
            except InvalidInputError as error:
                db.rollback()
                return self._again(slug, str(error))
            changed = [key for key in TERMS if configuration.as_text(shop, key) != before[key]]
            if changed:
                detail = ", ".join(sorted(changed))
                _note(db, self._services.clock.now(), "shop.changed", shop, detail)
        notify(survey_words.done("terms", language()))
        return _back(slug)

    def change_questions(self, slug: str) -> AnyResponse | tuple[str, HTTPStatus]:
        """Make the form's questionnaire what is asked from now on."""
        try:
            with self._services.database.writing() as db:
                shop = _shop(db, slug)
                draft = self._draft(db, shop)
                versions.keep(db, shop.id, draft, self._services.clock.now(), staff_id=auth.person().id)
        except InvalidInputError as error:
            return self._again(slug, str(error), draft)
        notify(survey_words.done("questions", language()))
        return _back(slug)

    def preview(self, slug: str) -> AnyResponse | str | tuple[str, HTTPStatus]:
        """Show the page or the mail that the form describes, as a customer would see it; nothing is stored."""
        with self._services.database.reading() as db:
            shop = _shop(db, slug)
            draft = self._draft(db, shop)
            logos = _logo(db, shop)
        try:
            draft = checked(draft)
        except InvalidInputError as error:
            return self._again(slug, str(error), draft)
        what = request.form.get("what", "page")
        if what.endswith("page"):
            survey = Survey.PERIODIC if what.startswith("periodic") else Survey.RETURN
            shown = Preview(shop.id, survey, _worded_in(shop))
            return Response(survey_page(self._pages, shop, draft, shown, Reader(_worded_in(shop))))
        kind, worded_in, now = _KINDS.get(what, SURVEY), _worded_in(shop), self._services.clock.now()
        html = self._services.survey_tests.rendered(shop, draft, kind, worded_in, now).html
        for content_id, image in logos.items():
            html = html.replace(f"cid:{content_id}", image)
        return Response(html, headers={"Content-Security-Policy": _MAIL_POLICY})

    def send_test(self, slug: str) -> AnyResponse:
        """Send the person who asks a real mail, whose link opens a preview of what is asked now."""
        kind = _KINDS.get(request.form.get("what", ""), SURVEY)
        now = self._services.clock.now()
        with self._services.database.writing() as db:
            shop = _shop(db, slug)
            address = db.get_one(Staff, auth.person().id).email
            asked, worded_in = self._services.questionnaires.current(db, shop), _worded_in(shop)
            self._services.survey_tests.send(db, shop, asked, kind, worded_in, address, now)
        notify(survey_words.done("test", language()) % {"address": address})
        return _back(slug)

    def start_trial(self, slug: str) -> AnyResponse | tuple[str, HTTPStatus]:
        """Begin to try two subject lines against each other."""
        now = self._services.clock.now()
        texts = (request.form.get("subject_a", ""), request.form.get("subject_b", ""))
        try:
            with self._services.database.writing() as db:
                shop = _shop(db, slug)
                offered = subject_trials.plans(subject_trials.usual_rate(db, shop.id, now))
                plan = offered[max(0, min(request.form.get("plan", 0, type=int), len(offered) - 1))]
                subjects.start(db, shop.id, _worded_in(shop), texts, plan, now, staff_id=auth.person().id)
        except (InvalidInputError, ConflictError) as error:
            return self._again(slug, str(error))
        notify(survey_words.done("trial", language()))
        return _back(slug)

    def end_trial(self, slug: str, trial_id: int) -> AnyResponse:
        """Let no more surveys join a trial."""
        with self._services.database.writing() as db:
            shop = _shop(db, slug)
            trial = db.get(SubjectTrial, trial_id)
            if trial is None or trial.shop_id != shop.id:
                sentence = f"There is no trial {trial_id}."
                raise NotFoundError(sentence)
            subjects.end(db, trial, self._services.clock.now(), staff_id=auth.person().id)
        notify(survey_words.done("trial_ended", language()))
        return _back(slug)

    def _draft(self, db: Session, shop: Shop) -> Questionnaire:
        asked = self._services.questionnaires.current(db, shop)
        return survey_forms.read_questionnaire(request.form, asked, _worded_in(shop))

    def _again(self, slug: str, failure: str, draft: Questionnaire | None = None) -> tuple[str, HTTPStatus]:
        """Show the page again with what was sent and what is wrong with it."""
        with self._services.database.reading() as db:
            shop = _shop(db, slug)
            asked = draft or self._services.questionnaires.current(db, shop)
            return self._page(db, shop, asked, failure), HTTPStatus.UNPROCESSABLE_ENTITY

    def _page(self, db: Session, shop: Shop, asked: Questionnaire, failure: str = "") -> str:
        now, worded_in = self._services.clock.now(), _worded_in(shop)
        trials = _trials(db, shop)
        results = [
            (trial, survey_words.trial(trial, subject_trials.result(db, trial, now), language())) for trial in trials
        ]
        return page(
            "managers/surveys.html",
            shop=shop,
            failure=failure,
            worded_in=worded_in,
            languages=[(code, i18n.OWN_NAMES[code]) for code in i18n.LANGUAGES],
            version=shop.questionnaire_version,
            items=survey_forms.item_rows(asked, worded_in, language()),
            subjects=survey_forms.subject_fields(asked, worded_in, language()),
            reasons=survey_forms.reason_rows(asked, worded_in, language()),
            new_reasons=range(1, survey_forms.NEW_REASONS + 1),
            trials=results,
            is_trial_running=any(trial.ended_at is None and trial.language == worded_in for trial in trials),
            plans=survey_words.plans(subject_trials.plans(subject_trials.usual_rate(db, shop.id, now)), language()),
            cap_days=self._services.settings.survey_cap_days,
        )


def _shop(db: Session, slug: str) -> Shop:
    shop = db.scalar(sa.select(Shop).where(Shop.slug == slug, Shop.id.in_(auth.person().shop_ids)))
    if shop is None:
        sentence = f"There is no shop {slug!r}."
        raise NotFoundError(sentence)
    return shop


def _worded_in(shop: Shop) -> str:
    """Return the language whose words the form holds: the one asked for, else the shop's first."""
    wanted = request.form.get("language") or request.args.get("language")
    return i18n.best_language(wanted, i18n.LANGUAGES, written_language(shop))


def _trials(db: Session, shop: Shop) -> Sequence[SubjectTrial]:
    newest = sa.select(SubjectTrial).where(SubjectTrial.shop_id == shop.id).order_by(SubjectTrial.id.desc())
    return db.scalars(newest.limit(_TRIALS_SHOWN)).all()


def _logo(db: Session, shop: Shop) -> dict[str, str]:
    """Return the shop's logo by its content id, as an address that a page can show."""
    logo = look_of(shop).logo
    data = logo_bytes(db, logo.digest) if logo else None
    if logo is None or data is None:
        return {}
    kind = "png" if data.startswith(_PNG) else "jpeg"
    return {logo.content_id: f"data:image/{kind};base64,{base64.b64encode(data).decode()}"}


def _note(db: Session, now: datetime, action: str, shop: Shop, detail: str) -> None:
    subject = f"shop:{shop.id}"
    db.add(AuditEntry(at=now, staff_id=auth.person().id, action=action, subject=subject, detail=detail))


def _back(slug: str) -> AnyResponse:
    address = url_for("managers.survey_settings", slug=slug, language=request.form.get("language"))
    return redirect(address, HTTPStatus.SEE_OTHER)
