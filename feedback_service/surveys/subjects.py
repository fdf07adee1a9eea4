"""Two subject lines tried against each other: which survey gets which, by a keyed hash that nobody steers."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.errors import ConflictError, InvalidInputError
from feedback_service.mail.models import OutboxMail
from feedback_service.shops.models import AuditEntry
from feedback_service.surveys.models import Invitation, Subject, SubjectTrial
from feedback_service.surveys.questionnaire import LONGEST_WORDS, fits, one_line


@dataclass(frozen=True, slots=True)
class Plan:
    """What is said before a trial begins: how many surveys of each subject its answer needs, and why so many."""

    expected_rate: float
    least_gap: float
    per_subject: int


@dataclass(frozen=True, slots=True)
class Choice:
    """The subject line of one mail, and of which trial it is one."""

    trial_id: int
    subject: Subject
    text: str


def start(
    session: Session,
    shop_id: int,
    language: str,
    texts: tuple[str, str],
    plan: Plan,
    now: datetime,
    *,
    staff_id: int | None = None,
) -> SubjectTrial:
    """Begin a trial; every survey in that language joins it from now on until it has enough of each subject.

    Raises `ConflictError` while another one runs, and `InvalidInputError` for subjects that cannot be compared.
    """
    subjects = tuple(one_line(text) for text in texts)
    if not all(subjects) or subjects[0] == subjects[1]:
        sentence = "Two different subject lines are needed."
        raise InvalidInputError(sentence, field="subject")
    if not all(fits(text) for text in subjects):
        sentence = f"A subject line has {LONGEST_WORDS} characters at most."
        raise InvalidInputError(sentence, field="subject")
    if running(session, shop_id, language) is not None:
        sentence = "A trial is running in this language already: end it first."
        raise ConflictError(sentence)
    trial = SubjectTrial(
        shop_id=shop_id,
        language=language,
        subject_a=subjects[0],
        subject_b=subjects[1],
        expected_rate=plan.expected_rate,
        least_gap=plan.least_gap,
        per_subject=plan.per_subject,
        started_at=now,
    )
    session.add(trial)
    session.flush()
    _note(session, "survey.trial_started", trial, now, staff_id)
    return trial


def end(session: Session, trial: SubjectTrial, now: datetime, *, staff_id: int | None = None) -> None:
    """Let no more surveys join the trial; once is enough."""
    if trial.ended_at is None:
        trial.ended_at = now
        _note(session, "survey.trial_ended", trial, now, staff_id)


def running(session: Session, shop_id: int, language: str) -> SubjectTrial | None:
    """Return the trial that surveys in `language` join, if there is one."""
    return session.scalar(
        sa.select(SubjectTrial)
        .where(SubjectTrial.shop_id == shop_id, SubjectTrial.language == language, SubjectTrial.ended_at.is_(None))
        .order_by(SubjectTrial.id.desc())
        .limit(1)
    )


class Trials:
    """The trials that run in a shop while surveys are written in one transaction; each is looked up once.

    A trial ends by itself when enough mails with both subjects have been sent: that number was fixed before it
    began, so that nobody stops it at a moment that suits one of them. A mail that never went out does not count.
    """

    def __init__(self, session: Session, shop_id: int, now: datetime) -> None:
        self._session, self._shop_id, self._now = session, shop_id, now
        self._known: dict[str, SubjectTrial | None] = {}

    def choose(self, language: str, return_id: int, secret: str) -> Choice | None:
        """Return the subject line of the survey of a return; None where no trial runs."""
        if language not in self._known:
            self._known[language] = self._running(language)
        trial = self._known[language]
        if trial is None:
            return None
        subject = subject_of(secret, trial.id, return_id)
        return Choice(trial.id, subject, trial.subject_a if subject is Subject.A else trial.subject_b)

    def _running(self, language: str) -> SubjectTrial | None:
        trial = running(self._session, self._shop_id, language)
        if trial is None or any(sent < trial.per_subject for sent in _sent(self._session, trial).values()):
            return trial
        end(self._session, trial, self._now)
        return None


def subject_of(secret: str, trial_id: int, return_id: int) -> Subject:
    """Return the subject of one survey in one trial: an even split by a keyed hash."""
    message = f"subject\x1f{trial_id}\x1f{return_id}".encode()
    return Subject.A if hmac.new(secret.encode(), message, hashlib.sha256).digest()[0] % 2 == 0 else Subject.B


def _sent(session: Session, trial: SubjectTrial) -> dict[Subject, int]:
    """Return how many mails with each subject have been sent."""
    rows = session.execute(
        sa.select(Invitation.subject, sa.func.count())
        .join(OutboxMail, OutboxMail.id == Invitation.mail_id)
        .where(Invitation.subject_trial_id == trial.id, OutboxMail.sent_at.is_not(None))
        .group_by(Invitation.subject)
    )
    counted = {subject: count for subject, count in rows if subject}
    return {subject: counted.get(subject, 0) for subject in Subject}


def _note(session: Session, action: str, trial: SubjectTrial, now: datetime, staff_id: int | None) -> None:
    subject = f"shop:{trial.shop_id}"
    session.add(AuditEntry(at=now, staff_id=staff_id, action=action, subject=subject, detail=f"trial {trial.id}"))
