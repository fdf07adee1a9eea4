"""What a trial of two subject lines shows: the response to each, and whether they differ by more than chance.

The test is honest because nobody chooses when to look. How many surveys of each subject it needs is fixed before
it begins (`statistics.cases_per_group`); only the first so many of each count, each for the same number of
days; and until all of them have had their days there is no verdict, however the figures stand.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.mail.models import OutboxMail
from feedback_service.reports.statistics import Rate, cases_per_group, difference, wilson
from feedback_service.surveys.models import Invitation, Subject, SubjectTrial
from feedback_service.surveys.questions import Survey
from feedback_service.surveys.subjects import Plan

ANSWER_DAYS = timedelta(days=14)
"""How long a survey has time to be answered; the reminder lies within."""

GAPS = (0.05, 0.1, 0.15)
"""Differences that one may find worth knowing."""

_USUAL_RATE = 0.2
_BEFORE = timedelta(days=180)
_LEAST_BEFORE = 50


class Outcome(StrEnum):
    """What a trial says."""

    RUNNING = "running"
    A_BETTER = "a_better"
    B_BETTER = "b_better"
    NO_DIFFERENCE = "no_difference"
    TOO_FEW = "too_few"


@dataclass(frozen=True, slots=True)
class Asked:
    """One survey of a trial: when it was sent and when it was answered."""

    subject: Subject
    sent_at: datetime
    answered_at: datetime | None

    def is_answered(self) -> bool:
        """Tell whether it was answered within its days."""
        return self.answered_at is not None and self.answered_at < self.sent_at + ANSWER_DAYS


@dataclass(frozen=True, slots=True)
class TrialResult:
    """The response to each subject; `gap` is the 95 % interval of B - A, None while there is no verdict."""

    outcome: Outcome
    a: Rate
    b: Rate
    gap: tuple[float, float] | None = None


def plans(rate: float) -> list[Plan]:
    """Return what a trial needs for each difference that one may find worth knowing."""
    return [Plan(rate, gap, cases_per_group(rate, gap)) for gap in GAPS]


def usual_rate(session: Session, shop_id: int, now: datetime) -> float:
    """Return the response that a shop may expect: that of its last half year, where it asked often enough."""
    answered, sent = session.execute(
        sa.select(sa.func.count(Invitation.answered_at), sa.func.count())
        .join(OutboxMail, OutboxMail.id == Invitation.mail_id)
        .where(
            Invitation.shop_id == shop_id,
            Invitation.survey == Survey.RETURN,
            OutboxMail.sent_at.between(now - _BEFORE, now - ANSWER_DAYS),
        )
    ).one()
    return min(0.9, max(0.02, answered / sent)) if sent >= _LEAST_BEFORE else _USUAL_RATE


def result(session: Session, trial: SubjectTrial, now: datetime) -> TrialResult:
    """Return what a trial shows at `now`."""
    rows = session.execute(
        sa.select(Invitation.subject, OutboxMail.sent_at, Invitation.answered_at)
        .join(OutboxMail, OutboxMail.id == Invitation.mail_id)
        .where(Invitation.subject_trial_id == trial.id, OutboxMail.sent_at.is_not(None))
        .order_by(Invitation.id)
    )
    asked = [Asked(subject, sent_at, answered_at) for subject, sent_at, answered_at in rows if subject and sent_at]
    return judge(asked, trial.per_subject, now, is_over=trial.ended_at is not None)


def judge(asked: Iterable[Asked], per_subject: int, now: datetime, *, is_over: bool) -> TrialResult:
    """Return what the first `per_subject` surveys of each subject show; pure. `asked` is in the order of asking."""
    of: dict[Subject, list[Asked]] = {subject: [] for subject in Subject}
    for one in asked:
        if len(of[one.subject]) < per_subject:
            of[one.subject].append(one)
    a, b = (_response(of[subject]) for subject in Subject)
    everyone = [*of[Subject.A], *of[Subject.B]]
    is_full = len(everyone) == 2 * per_subject
    if not is_full and is_over:
        return TrialResult(Outcome.TOO_FEW, a, b)
    if not is_full or any(now < one.sent_at + ANSWER_DAYS for one in everyone):
        return TrialResult(Outcome.RUNNING, a, b)
    gap = difference(a, b)
    if gap is None or gap[0] <= 0 <= gap[1]:
        return TrialResult(Outcome.NO_DIFFERENCE, a, b, gap)
    return TrialResult(Outcome.B_BETTER if gap[0] > 0 else Outcome.A_BETTER, a, b, gap)


def _response(asked: Sequence[Asked]) -> Rate:
    return wilson(sum(one.is_answered() for one in asked), len(asked))
