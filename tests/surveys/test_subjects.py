"""Two subject lines: split evenly by a keyed hash, ended by a number fixed before, and judged only then."""

import random
from datetime import timedelta

import pytest
import sqlalchemy as sa

from feedback_service.bootstrap import Services
from feedback_service.clock import ManualClock
from feedback_service.errors import ConflictError
from feedback_service.mail.models import MailState, OutboxMail
from feedback_service.reports.statistics import cases_per_group
from feedback_service.reports.subject_trials import ANSWER_DAYS, Asked, Outcome, judge, plans, result, usual_rate
from feedback_service.shops.models import Shop
from feedback_service.surveys import subjects
from feedback_service.surveys.models import Invitation, Subject, SubjectTrial
from feedback_service.surveys.subjects import Plan, subject_of
from feedback_service.web.managers import survey_words
from jobs import send_surveys
from tests.support.builders import NOW, SECRET, make_shop
from tests.support.surveys import refunded_return

LATE = NOW + ANSWER_DAYS


def asked(subject: Subject, count: int, answered: int) -> list[Asked]:
    """Return `count` surveys of one subject, of which the first `answered` were answered a day later."""
    return [Asked(subject, NOW, NOW + timedelta(days=1) if number < answered else None) for number in range(count)]


def both(count: int, a: int, b: int) -> list[Asked]:
    """Return `count` surveys of each subject."""
    return [*asked(Subject.A, count, a), *asked(Subject.B, count, b)]


@pytest.mark.parametrize(
    ("rate", "gap", "cases"),
    # 0.20 against 0.30 at 5 % and 80 % is the textbook's 294 without continuity correction.
    [(0.2, 0.1, 294), (0.2, 0.05, 1094), (0.5, 0.1, 388), (0.95, 0.1, 141)],
)
def test_number_of_cases_is_that_of_the_textbook(rate: float, gap: float, cases: int) -> None:
    assert cases_per_group(rate, gap) == cases


@pytest.mark.parametrize(("rate", "gap"), [(0, 0.1), (1, 0.1), (0.5, 0), (0.5, 1), (0.5, -0.1)])
def test_what_is_no_share_cannot_be_planned_with(rate: float, gap: float) -> None:
    with pytest.raises(ValueError, match="no share"):
        cases_per_group(rate, gap)


@pytest.mark.parametrize(
    ("surveys", "is_over", "now", "outcome"),
    [
        pytest.param(both(300, 60, 90), False, LATE, Outcome.B_BETTER, id="10 points more"),
        pytest.param(both(300, 90, 60), False, LATE, Outcome.A_BETTER, id="10 points less"),
        pytest.param(both(300, 60, 66), False, LATE, Outcome.NO_DIFFERENCE, id="2 points more"),
        pytest.param(both(300, 0, 0), False, LATE, Outcome.NO_DIFFERENCE, id="nobody answers"),
        pytest.param(both(299, 10, 290), False, LATE, Outcome.RUNNING, id="one of each is missing"),
        pytest.param(both(300, 60, 90), False, LATE - timedelta(seconds=1), Outcome.RUNNING, id="a second too early"),
        pytest.param(both(299, 10, 290), True, LATE, Outcome.TOO_FEW, id="ended by hand"),
        pytest.param(both(300, 60, 90), True, LATE, Outcome.B_BETTER, id="ended by itself"),
        pytest.param([], False, LATE, Outcome.RUNNING, id="nothing yet"),
    ],
)
def test_verdict(surveys: list[Asked], is_over: bool, now: object, outcome: Outcome) -> None:  # noqa: FBT001 - a table case
    assert judge(surveys, 300, now, is_over=is_over).outcome is outcome  # type: ignore[arg-type]  # a table of cases


def test_surveys_beyond_the_number_and_late_answers_do_not_count() -> None:
    late = [Asked(Subject.A, NOW, NOW + ANSWER_DAYS)] * 10
    more = asked(Subject.B, 500, 500)
    found = judge([*late, *asked(Subject.B, 10, 0), *more], 10, LATE, is_over=False)
    assert (found.a.k, found.a.n, found.b.k, found.b.n) == (0, 10, 0, 10)


def test_subjects_that_do_not_differ_are_found_different_one_time_in_twenty_at_most() -> None:
    chance, found = random.Random(7), 0  # noqa: S311 - a simulation
    (plan,) = [plan for plan in plans(0.2) if plan.least_gap == 0.1]
    for _ in range(1000):
        a, b = (sum(chance.random() < 0.2 for _ in range(plan.per_subject)) for _ in range(2))
        outcome = judge(both(plan.per_subject, a, b), plan.per_subject, LATE, is_over=True).outcome
        found += outcome is not Outcome.NO_DIFFERENCE
    assert 20 <= found <= 65


def test_planned_difference_is_found_four_times_in_five() -> None:
    chance, found = random.Random(11), 0  # noqa: S311 - a simulation
    (plan,) = [plan for plan in plans(0.2) if plan.least_gap == 0.1]
    for _ in range(400):
        a = sum(chance.random() < 0.2 for _ in range(plan.per_subject))
        b = sum(chance.random() < 0.3 for _ in range(plan.per_subject))
        outcome = judge(both(plan.per_subject, a, b), plan.per_subject, LATE, is_over=True).outcome
        found += outcome is Outcome.B_BETTER
    assert 0.74 <= found / 400 <= 0.87


def test_split_is_even_and_fixed_for_each_survey() -> None:
    split = [subject_of(SECRET, 1, number) for number in range(4000)]
    assert 1880 <= split.count(Subject.A) <= 2120
    assert split == [subject_of(SECRET, 1, number) for number in range(4000)]
    assert split != [subject_of(SECRET, 2, number) for number in range(4000)]


def begin(services: Services, per_subject: int) -> SubjectTrial:
    """Begin a trial in French at the one shop."""
    with services.database.writing() as session:
        shop_id = session.scalars(sa.select(Shop.id)).one()
        plan = Plan(0.2, 0.1, per_subject)
        return subjects.start(session, shop_id, "fr", ("Premier objet", "Second objet\u202f?"), plan, NOW)


def test_surveys_carry_the_subject_of_their_lot_until_enough_of_each_were_sent(
    services: Services, clock: ManualClock
) -> None:
    with services.database.writing() as session:
        shop = make_shop(session)
        for number in range(1, 13):
            refunded_return(session, shop, number)
        refunded_return(session, shop, 99, language="en")
    trial = begin(services, 2)
    with pytest.raises(ConflictError):
        begin(services, 2)
    assert send_surveys.run(services) == 13
    with services.database.reading() as session:
        rows = session.execute(
            sa.select(OutboxMail.subject, Invitation.subject, Invitation.language).join(
                Invitation, Invitation.mail_id == OutboxMail.id
            )
        ).all()
    words = {Subject.A: "Premier objet", Subject.B: "Second objet\u202f?"}
    for line, subject, language in rows:
        assert (language == "fr" and subject is not None and line == words[subject]) or subject is None
    _let_them(services, state=MailState.FAILED)
    clock.advance(timedelta(hours=1))
    assert _next_subject(services, 20) is not None
    _let_them(services, state=MailState.SENT, sent_at=NOW)
    assert _next_subject(services, 21) is None
    with services.database.reading() as session:
        assert session.get_one(SubjectTrial, trial.id).ended_at == clock.now()
        assert result(session, session.get_one(SubjectTrial, trial.id), LATE).outcome is Outcome.NO_DIFFERENCE


@pytest.mark.parametrize("is_over", [False, True])
def test_how_a_trial_stands_is_not_shown_before_its_verdict(is_over: bool) -> None:  # noqa: FBT001 - a table case
    tried = SubjectTrial(subject_a="One", subject_b="Two", per_subject=300)
    on_the_way = survey_words.trial(tried, judge(both(100, 5, 60), 300, LATE, is_over=is_over), "en")
    assert on_the_way.rows == (("One", "100 surveys sent so far"), ("Two", "100 surveys sent so far"))
    judged = survey_words.trial(tried, judge(both(300, 30, 90), 300, LATE, is_over=is_over), "en")
    assert judged.rows == (("One", "30 of 300 answered (10.0%)"), ("Two", "90 of 300 answered (30.0%)"))


def _let_them(services: Services, **values: object) -> None:
    """Let this have become of all mails so far."""
    with services.database.writing() as session:
        session.execute(sa.update(OutboxMail).values(due_at=None, **values))


def _next_subject(services: Services, number: int) -> Subject | None:
    """Return the subject that one more survey in French carries."""
    with services.database.writing() as session:
        returned = refunded_return(session, session.scalars(sa.select(Shop)).one(), number)
    assert send_surveys.run(services) == 1
    with services.database.reading() as session:
        return session.scalars(sa.select(Invitation.subject).where(Invitation.return_id == returned.id)).one()


def test_result_reads_what_was_sent_and_answered(services: Services) -> None:
    with services.database.writing() as session:
        shop = make_shop(session)
        for number in range(1, 9):
            refunded_return(session, shop, number)
    trial = begin(services, 3)
    send_surveys.run(services)
    with services.database.writing() as session:
        session.execute(sa.update(OutboxMail).values(sent_at=NOW))
        session.execute(
            sa.update(Invitation).where(Invitation.subject == Subject.B).values(answered_at=NOW + timedelta(days=2))
        )
    with services.database.reading() as session:
        found = result(session, session.get_one(SubjectTrial, trial.id), LATE)
        assert usual_rate(session, trial.shop_id, LATE) == 0.2
    assert found.a.k == 0
    assert found.b.k == found.b.n > 0
