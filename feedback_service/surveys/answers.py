"""What the customer said: one answer per invitation, editable for a while, then closed (R45)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from feedback_service.errors import InvalidInputError, NotFoundError
from feedback_service.hashing import token_digest
from feedback_service.mail.models import OutboxMail
from feedback_service.surveys import signs
from feedback_service.surveys.masking import mask
from feedback_service.surveys.models import Answer, Invitation
from feedback_service.surveys.questions import EFFORT, OFFERED_REASONS, RATING, TEXT_LENGTH, Scale
from feedback_service.surveys.signs import Signs

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
    """An answer as it came in. `rating` None: none was chosen; the other questions are optional."""

    rating: int | None
    effort: int | None = None
    reasons: tuple[str, ...] = ()
    text: str = ""
    signs: Signs | None = None


class AnswerDesk:
    """Takes answers and tells the story desk of the low ones."""

    def __init__(self, on_low_rating: LowRatingPort, edit_window: timedelta) -> None:
        self._on_low_rating = on_low_rating
        self._edit_window = edit_window

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
        rating = _checked_rating(answer_in)
        # Two submissions at once: the second waits here and then finds the first one's answer.
        session.execute(
            sa.select(Invitation.id).where(Invitation.token_digest == token_digest(token)).with_for_update()
        )
        invitation = self.open(session, token, now)
        found = _flags(session, invitation, answer_in, now)
        answer = invitation.answer
        was_low = answer is not None and answer.rating <= invitation.shop.low_rating
        if answer is None:
            answer = _new(invitation, now)
            session.add(answer)
        _fill(answer, rating, answer_in)
        answer.flags = sorted({*answer.flags, *found})
        answer.updated_at = now
        session.flush()
        if answer.rating <= invitation.shop.low_rating and not was_low:
            self._on_low_rating(session, answer, now)
        return answer

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


def _fill(answer: Answer, rating: int, answer_in: AnswerIn) -> None:
    answer.rating = rating
    answer.effort = answer_in.effort
    answer.reasons = [reason.value for reason in OFFERED_REASONS if reason.value in answer_in.reasons]
    answer.text = mask(answer_in.text.strip()) or None


def _checked_rating(answer_in: AnswerIn) -> int:
    """Check every field; return the rating, which is the only one that must be there."""
    if answer_in.rating is None:
        sentence = "A rating from 1 to 5 is missing."
        raise InvalidInputError(sentence, field="rating")
    _check_scale(answer_in.rating, RATING, "rating")
    if answer_in.effort is not None:
        _check_scale(answer_in.effort, EFFORT, "effort")
    unknown = sorted(set(answer_in.reasons) - {reason.value for reason in OFFERED_REASONS})
    if unknown:
        sentence = f"{unknown[0][:40]!r} is not one of the reasons offered."
        raise InvalidInputError(sentence, field="reasons")
    if len(answer_in.text.strip()) > TEXT_LENGTH:
        sentence = f"The text has {len(answer_in.text.strip())} characters; {TEXT_LENGTH} are possible."
        raise InvalidInputError(sentence, field="text")
    return answer_in.rating


def _check_scale(value: int, scale: Scale, field: str) -> None:
    if value not in scale.values:
        sentence = f"{value} is not a number from {scale.low} to {scale.high}."
        raise InvalidInputError(sentence, field=field)
