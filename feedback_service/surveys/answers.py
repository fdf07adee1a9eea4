"""What the customer said: one answer per invitation, editable for a while, then closed (R45)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from feedback_service.db import Database
from feedback_service.errors import FeedbackError, InvalidInputError, NotFoundError
from feedback_service.mail.dropping import drop_waiting
from feedback_service.mail.models import OutboxMail
from feedback_service.returns.reasons import Reason
from feedback_service.surveys import signs
from feedback_service.surveys.invited import Invited, find_locked
from feedback_service.surveys.masking import mask
from feedback_service.surveys.questionnaire import FIRST, Questionnaire
from feedback_service.surveys.questions import OTHER_LENGTH, SCALES, TEXT_LENGTH, Item, Survey
from feedback_service.surveys.signs import Signs
from feedback_service.surveys.versions import Questionnaires
from feedback_service.surveys.writing import Writing, add_flag, store

_ANSWERED = "The recipient answered before it was sent."
LowRatingsPort = Callable[[Session, Mapping[int, datetime]], object]
"""Called in the transaction that stores answers whose rating has become low, with the instants by the ids of their
invitations: the story desk listens."""


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


@dataclass(frozen=True, slots=True)
class Submission:
    """A form that was sent: by which link, what, and when."""

    token: str
    answer_in: AnswerIn
    now: datetime


class AnswerDesk:
    """Takes answers and tells the story desk of the low ones."""

    def __init__(
        self, on_low_ratings: LowRatingsPort, edit_window: timedelta, questionnaires: Questionnaires | None = None
    ) -> None:
        self._on_low_ratings = on_low_ratings
        self._edit_window = edit_window
        self._questionnaires = questionnaires or Questionnaires()

    def opened(self, invited: Invited | None, now: datetime) -> Invited:
        """Return an invitation that may be answered or edited now.

        Raises `NotFoundError` alike for a wrong, an expired and a used token (R45).
        """
        if invited is None or not self._is_open(invited, now):
            raise closed()
        return invited

    def thanked(self, invited: Invited | None, now: datetime) -> tuple[Invited, bool]:
        """Return an answered invitation and whether its answer may still be edited; no answer is needed (R20).

        Raises `NotFoundError` where nothing was answered, or the survey has expired.
        """
        if invited is None or invited.answered_at is None:
            raise closed()
        editable = now < invited.answered_at + self._edit_window
        if not editable and now >= invited.expires_at:
            raise closed()
        return invited, editable

    def record(self, session: Session, token: str, answer_in: AnswerIn, now: datetime) -> None:
        """Store or edit one answer in this transaction (`record_all`); raise why it was refused."""
        (refusal,) = self.record_all(session, [Submission(token, answer_in, now)])
        if refusal is not None:
            raise refusal

    def record_all(self, session: Session, submissions: Sequence[Submission]) -> list[FeedbackError | None]:
        """Store or edit answers in this transaction and call the port for the ratings that become low.

        Returns, in their order, why one was refused, or None: `NotFoundError` for a token that is not open
        (see `opened`) and `InvalidInputError`, with the field at fault, for what cannot be an answer. The same
        answer sent twice is one answer.
        """
        refusals: list[FeedbackError | None] = [None] * len(submissions)
        waiting = list(enumerate(submissions))
        while waiting:
            # Several submissions to one survey come one after the other: each must find what the one before left.
            invitations = find_locked(session, {submission.token for _, submission in waiting})
            now_written: dict[int, Writing] = {}
            later = []
            for position, submission in waiting:
                invited = invitations.get(submission.token)
                if invited is not None and invited.id in now_written:
                    later.append((position, submission))
                    continue
                try:
                    writing = self._writing(session, submission, invited)
                except FeedbackError as refusal:
                    refusals[position] = refusal
                else:
                    now_written[writing.invited.id] = writing
            self._store(session, list(now_written.values()))
            waiting = later
        add_flag(session, _companions(submissions), signs.Flag.BURST)
        return refusals

    def _writing(self, session: Session, submission: Submission, found: Invited | None) -> Writing:
        answer_in, now = submission.answer_in, submission.now
        invited = self.opened(found, now)
        questionnaire = self.questionnaire(session, invited, answer_in.version)
        _check(answer_in, questionnaire, invited.survey)
        return Writing(invited, _values(answer_in, questionnaire, invited, now), now)

    def _store(self, session: Session, writings: Sequence[Writing]) -> None:
        store(session, writings)
        reminders = [each for each in (writing.waiting_reminder for writing in writings) if each is not None]
        if reminders:
            drop_waiting(session, _ANSWERED, OutboxMail.id.in_(reminders))
        fallen = {writing.invited.id: writing.now for writing in writings if writing.is_fallen}
        if fallen:
            self._on_low_ratings(session, fallen)

    def questionnaire(self, asker: Session | Database, invited: Invited, version: int | None = None) -> Questionnaire:
        """Return what an invitation asks.

        Of the version that a form names, else that of the answer there is, else the shop's present one. A
        version that the shop never had counts as none.
        """
        if version is None and invited.given is not None:
            version = invited.given.questionnaire_version
        if version is None or not 0 <= version <= invited.shop.questionnaire_version:
            version = invited.shop.questionnaire_version
        return self._questionnaires.of(asker, invited.shop.id, version)

    def _is_open(self, invited: Invited, now: datetime) -> bool:
        if invited.answered_at is None:
            return now < invited.expires_at
        # An answer that is gone (erased, anonymised) cannot be edited, and not be given again.
        return invited.given is not None and now < invited.answered_at + self._edit_window


def _companions(submissions: Sequence[Submission]) -> set[str]:
    """Return the digests of the surveys that turn out to be of a burst after they were answered."""
    return {digest for each in submissions if each.answer_in.signs for digest in each.answer_in.signs.seen.companions}


def closed() -> NotFoundError:
    """Return the one error of a wrong, an expired and a used link."""
    sentence = "This survey is not open: the link is wrong, has expired or has been used."
    return NotFoundError(sentence)


def _flags(invited: Invited, answer_in: AnswerIn, now: datetime) -> list[str]:
    """Return the flags of all submissions so far: none is ever taken back."""
    before = invited.given.flags if invited.given else []
    found = signs.flags(answer_in.signs, invited.mail_sent_at, now) if answer_in.signs else []
    return sorted({*before, *found})


def _values(answer_in: AnswerIn, asked: Questionnaire, invited: Invited, now: datetime) -> dict[str, Any]:
    """Return the columns of what was asked; what a form holds beside that is left out."""
    items = asked.items(invited.survey)
    numbers = {item.value: answer_in.scale(item) if item in items else None for item in SCALES}
    chosen = answer_in.reasons if Item.REASONS in items else ()
    reasons = [code for code in asked.reasons if code in chosen]
    # Whoever writes a reason means it, whether the box beside it is ticked or not.
    other_reason = mask(answer_in.other_reason.strip()) or None if asked.takes_other else None
    if other_reason and Reason.OTHER.value not in reasons:
        reasons.append(Reason.OTHER.value)
    return numbers | {
        "questionnaire_version": asked.version,
        "reasons": reasons,
        "other_reason": other_reason,
        "text": mask(answer_in.text.strip()) or None if Item.TEXT in items else None,
        "contact_permitted_at": _permitted_at(answer_in, items, invited, now),
        "flags": _flags(invited, answer_in, now),
        "updated_at": now,
    }


def _permitted_at(answer_in: AnswerIn, items: tuple[Item, ...], invited: Invited, now: datetime) -> datetime | None:
    if not answer_in.is_contact_permitted or Item.CONTACT not in items:
        return None
    return (invited.given.contact_permitted_at if invited.given else None) or now


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
