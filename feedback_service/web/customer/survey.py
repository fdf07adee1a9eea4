"""The survey page: GET shows it and stores nothing (R31), POST stores the answer and leads to the thanks."""

from collections.abc import Hashable
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from typing import Any

from feedback_service.bootstrap import Services
from feedback_service.errors import InvalidInputError
from feedback_service.shared_commits import SharedCommits
from feedback_service.surveys import signs
from feedback_service.surveys.answers import AnswerIn, Submission
from feedback_service.surveys.invited import Given, Invitations, Invited
from feedback_service.surveys.questionnaire import FIRST, Questionnaire
from feedback_service.surveys.questions import SCALES, Item
from feedback_service.surveys.traffic import NOTHING, Seen, Traffic
from feedback_service.web.customer.language import chosen_language, reader_of
from feedback_service.web.customer.pages import Pages, Place, thanks_path
from feedback_service.web.customer.serving import Request, Response, see
from feedback_service.web.customer.visits import is_visit, source

# People cannot see it; what fills it in is a machine (R31).
HIDDEN_FIELD = "website"


@dataclass(frozen=True, slots=True)
class Form:
    """What stands in the form when the page is shown.

    `version` names the questionnaire that the form was made from: the answer is read by the same one.
    """

    rating: int | None = None
    effort: int | None = None
    nps: int | None = None
    reasons: tuple[str, ...] = ()
    other_reason: str = ""
    text: str = ""
    is_contact_permitted: bool = False
    version: int | None = None

    def number(self, item: str) -> int | None:
        """Return the number chosen on a scale, by the name of its question."""
        return {Item.RATING: self.rating, Item.EFFORT: self.effort, Item.NPS: self.nps}[Item(item)]

    def with_number(self, item: Item, number: int | None) -> "Form":
        """Return the form with another number chosen on a scale; None leaves it as it is."""
        changed: dict[str, Any] = {} if number is None else {item.value: number}
        return replace(self, **changed)


class SurveyView:
    """The views; each opens one short transaction."""

    def __init__(self, services: Services, pages: Pages) -> None:
        self._services = services
        self._desk = services.answer_desk
        self._invitations = Invitations(services.database)
        self._answers = SharedCommits(services.database, services.answer_desk.record_all)
        self._traffic = Traffic()
        self._pages = pages

    def show(self, request: Request, token: str) -> Response:
        """Show the form: as answered before, or empty, with the rating of the mail's link selected."""
        now = self._services.clock.now()
        invited, asked = self._opened(token, now)
        first = FIRST[invited.survey]
        pressed = request.args.get("r", type=int)
        if pressed not in SCALES[first].values:
            pressed = None
        elif pressed is not None and is_visit(request):
            self._traffic.link_opened(token, pressed, now)
        reader, place = reader_of(request, invited.language, pressed), self._place(token, now)
        if invited.given is None:
            context = _context(invited, asked, Form().with_number(first, pressed))
            return Response(self._pages.kept("survey", invited.shop, reader, place, **context))
        context = _context(invited, asked, _stored(invited.given).with_number(first, pressed))
        return Response(self._pages.made("survey", invited.shop, reader, place, **context))

    def answer(self, request: Request, token: str) -> Response:
        """Store the answer and redirect; an answer that is none is shown again, with what is missing."""
        form = _read_form(request)
        now = self._services.clock.now()
        answer_in = self._answer_in(request, token, form, now)
        try:
            self._answers.run(Submission(token, answer_in, now))
        except InvalidInputError as error:
            invited, asked = self._opened(token, now, form.version)
            context = _context(invited, asked, form, error.field)
            reader, place = reader_of(request, invited.language), self._place(token, now)
            page = self._pages.made("survey", invited.shop, reader, place, **context)
            return Response(page, HTTPStatus.UNPROCESSABLE_ENTITY)
        return see(thanks_path(token, chosen_language(request)))

    def thanks(self, request: Request, token: str) -> Response:
        """Thank for the answer. The page is the same for every answer: it never reads one (R20)."""
        found = self._invitations.find_without_answer(token)
        invited, editable = self._desk.thanked(found, self._services.clock.now())
        minutes = self._services.settings.survey_edit_minutes if editable else 0
        reader = reader_of(request, invited.language)
        context = {"edit_minutes": minutes, "has_consent": invited.has_consent, "survey": invited.survey}
        return Response(self._pages.kept("thanks", invited.shop, reader, Place(token), **context))

    def _opened(self, token: str, now: datetime, version: int | None = None) -> tuple[Invited, Questionnaire]:
        invited = self._desk.opened(self._invitations.find(token), now)
        return invited, self._desk.questionnaire(self._services.database, invited, version)

    def _place(self, token: str, now: datetime) -> Place:
        return Place(token, signs.stamp(self._services.secret, token, now))

    def _answer_in(self, request: Request, token: str, form: Form, now: datetime) -> AnswerIn:
        rendered_at = signs.read_stamp(self._services.secret, token, request.form.get("stamp", ""))
        hidden_field = bool(request.form.get(HIDDEN_FIELD))
        seen = self._seen(request, token, form, now)
        return AnswerIn(
            rating=form.rating,
            effort=form.effort,
            nps=form.nps,
            reasons=form.reasons,
            other_reason=form.other_reason,
            text=form.text,
            is_contact_permitted=form.is_contact_permitted,
            version=form.version,
            signs=signs.Signs(rendered_at=rendered_at, hidden_field=hidden_field, seen=seen),
        )

    def _seen(self, request: Request, token: str, form: Form, now: datetime) -> Seen:
        first = Item.RATING if form.nps is None else Item.NPS
        if form.number(first) is None:
            return NOTHING  # A form that is sent back to its reader will be sent again.
        return self._traffic.submitted(token, source(request), len(SCALES[first].values), now)


def _context(invited: Invited, asked: Questionnaire, form: Form, error: str = "") -> dict[str, Hashable]:
    return {
        "survey": invited.survey,
        "asked": asked,
        "form": form,
        "error": error,
        "has_consent": invited.has_consent,
        "is_edit": invited.given is not None,
        "hidden_field": HIDDEN_FIELD,
    }


def _stored(answer: Given) -> Form:
    return Form(
        rating=answer.rating,
        effort=answer.effort,
        nps=answer.nps,
        reasons=tuple(answer.reasons),
        other_reason=answer.other_reason or "",
        text=answer.text or "",
        is_contact_permitted=answer.contact_permitted_at is not None,
    )


def _read_form(request: Request) -> Form:
    """Read the form as it stands; what is not a number counts as not chosen."""
    return Form(
        rating=request.form.get(Item.RATING, type=int),
        effort=request.form.get(Item.EFFORT, type=int),
        nps=request.form.get(Item.NPS, type=int),
        reasons=tuple(request.form.getlist(Item.REASONS)),
        other_reason=request.form.get("other_reason", ""),
        # Browsers send CR LF; the length that a person typed counts each line's end once.
        text=request.form.get("text", "").replace("\r\n", "\n"),
        is_contact_permitted=Item.CONTACT in request.form,
        version=request.form.get("version", type=int),
    )
