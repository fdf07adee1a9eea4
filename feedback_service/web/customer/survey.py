"""The survey page: GET shows it and stores nothing (R31), POST stores the answer and leads to the thanks."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus

from flask import Flask, Request, redirect, request, url_for
from werkzeug.wrappers import Response

from feedback_service.bootstrap import Services
from feedback_service.errors import InvalidInputError
from feedback_service.surveys import signs
from feedback_service.surveys.answers import AnswerIn
from feedback_service.surveys.models import Answer, Invitation
from feedback_service.surveys.questionnaire import FIRST, Questionnaire
from feedback_service.surveys.questions import SCALES, Item
from feedback_service.surveys.wording import worded
from feedback_service.web.customer.language import chosen, language_of
from feedback_service.web.customer.pages import page

# People cannot see it; what fills it in is a machine (R31).
HIDDEN_FIELD = "website"


@dataclass(frozen=True, slots=True)
class Form:
    """What stands in the form when the page is shown; `numbers` are those chosen on the scales, by question.

    `version` names the questionnaire that the form was made from: the answer is read by the same one.
    """

    numbers: Mapping[str, int | None] = field(default_factory=lambda: dict.fromkeys(SCALES))
    reasons: tuple[str, ...] = ()
    other_reason: str = ""
    text: str = ""
    is_contact_permitted: bool = False
    version: int | None = None


def register(app: Flask, services: Services) -> None:
    """Add the survey's routes to the application."""
    view = SurveyView(services)
    app.add_url_rule("/s/<token>", "survey", view.show, methods=["GET"])
    app.add_url_rule("/s/<token>", "answer", view.answer, methods=["POST"])
    app.add_url_rule("/s/<token>/thanks", "thanks", view.thanks, methods=["GET"])


class SurveyView:
    """The views; each opens one short transaction."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def show(self, token: str) -> str:
        """Show the form: as answered before, or empty, with the rating of the mail's link selected."""
        with self._services.database.reading() as session:
            invitation = self._services.answer_desk.open(session, token, self._services.clock.now())
            asked = self._services.answer_desk.questionnaire(session, invitation)
        form = _stored(invitation.answer)
        first = FIRST[invitation.survey]
        pressed = request.args.get("r", type=int)
        if pressed is not None and pressed in SCALES[first].values:
            form = replace(form, numbers={**form.numbers, first: pressed})
        return self._page(token, invitation, asked, form)

    def answer(self, token: str) -> Response | tuple[str, int]:
        """Store the answer and redirect; an answer that is none is shown again, with what is missing."""
        form = _read_form(request)
        services = self._services
        now = services.clock.now()
        try:
            with services.database.writing() as session:
                services.answer_desk.record(session, token, self._answer_in(token, form), now)
        except InvalidInputError as error:
            with services.database.reading() as session:
                invitation = services.answer_desk.open(session, token, now)
                asked = services.answer_desk.questionnaire(session, invitation, form.version)
            return self._page(token, invitation, asked, form, error.field), HTTPStatus.UNPROCESSABLE_ENTITY
        # An absent language is left out of the address.
        address = url_for(".thanks", token=token, l=chosen(request))
        return redirect(address, HTTPStatus.SEE_OTHER)

    def thanks(self, token: str) -> str:
        """Thank for the answer. The page is the same for every answer: it never reads one (R20)."""
        with self._services.database.reading() as session:
            invitation, editable = self._services.answer_desk.thanks(session, token, self._services.clock.now())
        return page(
            self._services,
            "thanks",
            token,
            invitation,
            edit_url=url_for(".survey", token=token, l=chosen(request)) if editable else "",
            edit_minutes=self._services.settings.survey_edit_minutes,
        )

    def _page(self, token: str, invitation: Invitation, asked: Questionnaire, form: Form, error: str = "") -> str:
        language = language_of(request, invitation.language)
        return page(
            self._services,
            "survey",
            token,
            invitation,
            form=form,
            error=error,
            is_edit=invitation.answer is not None,
            survey=invitation.survey.value,
            questions=worded(asked, invitation.survey, language, invitation.shop.name),
            version=asked.version,
            stamp=signs.stamp(self._services.secret, token, self._services.clock.now()),
            hidden_field=HIDDEN_FIELD,
        )

    def _answer_in(self, token: str, form: Form) -> AnswerIn:
        rendered_at = signs.read_stamp(self._services.secret, token, request.form.get("stamp", ""))
        seen = signs.Signs(rendered_at=rendered_at, hidden_field=bool(request.form.get(HIDDEN_FIELD)))
        return AnswerIn(
            rating=form.numbers.get(Item.RATING),
            effort=form.numbers.get(Item.EFFORT),
            nps=form.numbers.get(Item.NPS),
            reasons=form.reasons,
            other_reason=form.other_reason,
            text=form.text,
            is_contact_permitted=form.is_contact_permitted,
            version=form.version,
            signs=seen,
        )


def _stored(answer: Answer | None) -> Form:
    if answer is None:
        return Form()
    return Form(
        numbers={Item.RATING: answer.rating, Item.EFFORT: answer.effort, Item.NPS: answer.nps},
        reasons=tuple(answer.reasons),
        other_reason=answer.other_reason or "",
        text=answer.text or "",
        is_contact_permitted=answer.contact_permitted_at is not None,
    )


def _read_form(request: Request) -> Form:
    """Read the form as it stands; what is not a number counts as not chosen."""
    return Form(
        numbers={item.value: request.form.get(item.value, type=int) for item in SCALES},
        reasons=tuple(request.form.getlist(Item.REASONS)),
        other_reason=request.form.get("other_reason", ""),
        # Browsers send CR LF; the length that a person typed counts each line's end once.
        text=request.form.get("text", "").replace("\r\n", "\n"),
        is_contact_permitted=Item.CONTACT in request.form,
        version=request.form.get("version", type=int),
    )
