"""What the customer said: one answer per invitation, editable for a while, then closed (R45)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from feedback_service.errors import InvalidInputError, NotFoundError
from feedback_service.hashing import token_digest
from feedback_service.mail.models import OutboxMail
from feedback_service.returns.reasons import Reason
from feedback_service.surveys import signs
from feedback_service.surveys.masking import mask
from feedback_service.surveys.models import Answer, Invitation
from feedback_service.surveys.questionnaire import FIRST, Questionnaire
from feedback_service.surveys.questions import OTHER_LENGTH, SCALES, TEXT_LENGTH, Item, Survey
from feedback_service.surveys.signs import Signs
from feedback_service.surveys.versions import Questionnaires

LowRatingPort = Callable[[Session, Answer, datetime], object]
"""Called in the transaction that stores an answer whose rating is low: the story desk listens."""


# Built once: the page is opened far more often than anything else, and building costs more than asking.
_INVITATION = (
    sa.select(Invitation)
    .where(Invitation.token_digest == sa.bindparam("digest"))
    .options(joinedload(Invitation.shop))
    .execution_options(populate_existing=True)
)
_WITH_ANSWER = _INVITATION.options(joinedload(Invitation.answer))


@dataclass(frozen=True, slots=True)
class AnswerIn:
    """An answer as it came in; only the first question of its survey must be answered.

    Attributes:
        version: of the questionnaire that it was given to; None for the shop's present one.
        is_contact_permitted: the customer ticked that the shop may write back.
    """

    rating: int | None = None
    effort: int | None = None
    reasons: tuple[str, ...] = ()
    other_reason: str = ""
    text: str = ""
    is_contact_permitted: bool = False
    nps: int | None = None
    version: int | None = None
    signs: Signs | None = None

    def scale(self, item: Item) -> int | None:
        """Return the number given to one of the scales."""
        return {Item.RATING: self.rating, Item.EFFORT: self.effort, Item.NPS: self.nps}[item]


class AnswerDesk:
    """Takes answers and tells the story desk of the low ones."""

    def __init__(
        self, on_low_rating: LowRatingPort, edit_window: timedelta, questionnaires: Questionnaires | None = None
    ) -> None:
        self._on_low_rating = on_low_rating
        self._edit_window = edit_window
        self._questionnaires = questionnaires or Questionnaires()

    def open(self, session: Session, token: str, now: datetime) -> Invitation:
        """Return the invitation that may be answered or edited now, with shop and answer loaded.

        Raises `NotFoundError` alike for a wrong, an expired and a used token (R45).
        """
        invitation = _find(session, token, _WITH_ANSWER)
        if invitation is None or not self._is_open(invitation, now):
            raise _closed()
        return invitation

    def thanks(self, session: Session, token: str, now: datetime) -> tuple[Invitation, bool]:
        """Return an answered invitation and whether its answer may still be edited; it reads no answer (R20).

        Raises `NotFoundError` where nothing was answered, or the survey has expired.
        """
        invitation = _find(session, token, _INVITATION)
        if invitation is None or invitation.answered_at is None:
            raise _closed()
        editable = now < invitation.answered_at + self._edit_window
        if not editable and now >= invitation.expires_at:
            raise _closed()
        return invitation, editable

    def record(self, session: Session, token: str, answer_in: AnswerIn, now: datetime) -> Answer:
        """Store or edit the answer in this transaction and call the port when its rating becomes low.

        Raises `NotFoundError` for a token that is not open (see `open`) and `InvalidInputError`, with the
        field at fault, for what cannot be an answer. The same answer sent twice is one answer.
        """
        # Two submissions at once: the second waits here and then finds the first one's answer.
        session.execute(
            sa.select(Invitation.id).where(Invitation.token_digest == token_digest(token)).with_for_update()
        )
        invitation = self.open(session, token, now)
        questionnaire = self.questionnaire(session, invitation, answer_in.version)
        _check(answer_in, questionnaire, invitation.survey)
        found = _flags(session, invitation, answer_in, now)
        answer = invitation.answer
        was_low = answer is not None and _is_low(answer, invitation)
        if answer is None:
            answer = _new(invitation, now)
            session.add(answer)
        _fill(answer, answer_in, questionnaire, invitation.survey, now)
        answer.flags = sorted({*answer.flags, *found})
        answer.updated_at = now
        session.flush()
        if _is_low(answer, invitation) and not was_low:
            self._on_low_rating(session, answer, now)
        return answer

    def questionnaire(self, session: Session, invitation: Invitation, version: int | None = None) -> Questionnaire:
        """Return what an invitation asks; `invitation.shop` and `invitation.answer` must be loaded.

        Of the version that a form names, else that of the answer there is, else the shop's present one. A
        version that the shop never had counts as none.
        """
        if version is None and invitation.answer is not None:
            version = invitation.answer.questionnaire_version
        if version is not None and 0 <= version <= invitation.shop.questionnaire_version:
            return self._questionnaires.of(session, invitation.shop_id, version)
        return self._questionnaires.current(session, invitation.shop)

    def _is_open(self, invitation: Invitation, now: datetime) -> bool:
        if invitation.answered_at is None:
            return now < invitation.expires_at
        # An answer that is gone (erased, anonymised) cannot be edited, and not be given again.
        return invitation.answer is not None and now < invitation.answered_at + self._edit_window


def _closed() -> NotFoundError:
    sentence = "This survey is not open: the link is wrong, has expired or has been used."
    return NotFoundError(sentence)


def _find(session: Session, token: str, statement: sa.Select[Invitation]) -> Invitation | None:
    return session.scalar(statement, {"digest": token_digest(token)})


def _new(invitation: Invitation, now: datetime) -> Answer:
    invitation.answered_at = now
    return Answer(
        shop_id=invitation.shop_id,
        invitation=invitation,
        return_id=invitation.return_id,
        language=invitation.language,
        flags=[],
        created_at=now,
    )


def _flags(session: Session, invitation: Invitation, answer_in: AnswerIn, now: datetime) -> list[signs.Flag]:
    if answer_in.signs is None:
        return []
    sent_at = session.scalar(sa.select(OutboxMail.sent_at).where(OutboxMail.id == invitation.mail_id))
    return signs.flags(answer_in.signs, sent_at, now)


def _is_low(answer: Answer, invitation: Invitation) -> bool:
    return answer.rating is not None and answer.rating <= invitation.shop.low_rating


def _fill(answer: Answer, answer_in: AnswerIn, asked: Questionnaire, survey: Survey, now: datetime) -> None:
    """Write what was asked; what a form holds beside that is left out."""
    items = asked.items(survey)
    answer.questionnaire_version = asked.version
    answer.rating, answer.effort, answer.nps = (
        answer_in.scale(item) if item in items else None for item in (Item.RATING, Item.EFFORT, Item.NPS)
    )
    chosen = answer_in.reasons if Item.REASONS in items else ()
    answer.reasons = [code for code in asked.reasons if code in chosen]
    # Whoever writes a reason means it, whether the box beside it is ticked or not.
    answer.other_reason = mask(answer_in.other_reason.strip()) or None if asked.takes_other else None
    if answer.other_reason and Reason.OTHER.value not in answer.reasons:
        answer.reasons = [*answer.reasons, Reason.OTHER.value]
    answer.text = mask(answer_in.text.strip()) or None if Item.TEXT in items else None
    if not answer_in.is_contact_permitted or Item.CONTACT not in items:
        answer.contact_permitted_at = None
    elif answer.contact_permitted_at is None:
        answer.contact_permitted_at = now


def _check(answer_in: AnswerIn, asked: Questionnaire, survey: Survey) -> None:
    """Raise `InvalidInputError`, with the field at fault, for what cannot be an answer to what was asked."""
    for item in asked.items(survey):
        if item in SCALES:
            _check_scale(answer_in.scale(item), item, is_required=item is FIRST[survey])
    unknown = sorted(set(answer_in.reasons) - set(asked.reasons))
    if unknown and Item.REASONS in asked.items(survey):
        sentence = f"{unknown[0][:40]!r} is not one of the reasons offered."
        raise InvalidInputError(sentence, field=Item.REASONS)
    _check_length(answer_in.other_reason, OTHER_LENGTH, "other_reason")
    _check_length(answer_in.text, TEXT_LENGTH, Item.TEXT)


def _check_scale(value: int | None, item: Item, *, is_required: bool) -> None:
    scale = SCALES[item]
    if value is None and is_required:
        sentence = f"A number from {scale.low} to {scale.high} is missing."
        raise InvalidInputError(sentence, field=item)
    if value is not None and value not in scale.values:
        sentence = f"{value} is not a number from {scale.low} to {scale.high}."
        raise InvalidInputError(sentence, field=item)


def _check_length(text: str, most: int, field: str) -> None:
    length = len(text.strip())
    if length > most:
        sentence = f"The text has {length} characters; {most} are possible."
        raise InvalidInputError(sentence, field=field)
