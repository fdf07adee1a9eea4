"""The periodic survey: asked by its own schedule, within the same caps, and never instead of one after a return."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.bootstrap import Services
from feedback_service.clock import ManualClock
from feedback_service.errors import InvalidInputError
from feedback_service.mail.models import OutboxMail, Suppression, SuppressionReason
from feedback_service.returns.models import Customer, Return, ReturnState
from feedback_service.shops.models import Shop
from feedback_service.surveys.answers import AnswerDesk, AnswerIn
from feedback_service.surveys.models import Answer, Invitation
from feedback_service.surveys.questions import Survey
from jobs import send_surveys
from tests.support.builders import NOW, make_customer, make_order, make_return, make_shop
from tests.support.surveys import RecordingStoryDesk
from tests.surveys.test_reminders import second_token


def customer_who_ordered(session: Session, days_ago: int = 30, **shop_values: Any) -> Shop:  # noqa: ANN401 - any column
    """Add a shop that asks periodically, and a customer with an order and no return."""
    shop = make_shop(session, **({"nps_enabled": True} | shop_values))
    customer = make_customer(session, shop, language="en")
    make_order(session, shop, customer_id=customer.id, ordered_at=NOW - timedelta(days=days_ago))
    return shop


def token_of_periodic(services: Services) -> str:
    """Return the token of the one periodic survey."""
    with services.database.reading() as session:
        return second_token(session.scalars(sa.select(OutboxMail)).one())


def test_customer_is_asked_once_in_the_schedule_and_again_when_it_has_passed(
    services: Services, clock: ManualClock
) -> None:
    with services.database.writing() as session:
        customer_who_ordered(session)
    assert [send_surveys.run(services) for _ in range(3)] == [1, 0, 0]
    with services.database.reading() as session:
        mail = session.scalars(sa.select(OutboxMail)).one()
        invitation = session.scalars(sa.select(Invitation)).one()
    assert (mail.kind, mail.subject) == ("survey_periodic", "Would you recommend Atelier Lumen?")
    assert (invitation.survey, invitation.return_id, invitation.customer_id is None) == (Survey.PERIODIC, None, False)
    assert all(f"?r={number}" in (mail.text or "") for number in range(11))
    assert all(f"?r={number}" in (mail.html or "") for number in range(11))
    assert "List-Unsubscribe" in mail.headers
    clock.advance(timedelta(days=90))
    with services.database.writing() as session:
        shop, customer = session.scalars(sa.select(Shop)).one(), session.scalars(sa.select(Customer.id)).one()
        make_order(session, shop, "AL-2", customer_id=customer, ordered_at=clock.now() - timedelta(days=20))
    assert send_surveys.run(services) == 1


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(sa.update(Shop).values(nps_enabled=False), id="not wanted"),
        pytest.param(sa.update(Shop).values(surveys_enabled=False), id="surveys off"),
        pytest.param(sa.update(Shop).values(daytime_from=14), id="night"),
        pytest.param(sa.update(Customer).values(email=None), id="no address"),
        pytest.param(sa.update(Customer).values(email="nobody"), id="bad address"),
        pytest.param(sa.update(Customer).values(country="DE"), id="no consent"),
    ],
)
def test_customer_who_is_not_asked(services: Services, change: sa.Update) -> None:
    with services.database.writing() as session:
        customer_who_ordered(session)
        session.execute(change)
    assert send_surveys.run(services) == 0


@pytest.mark.parametrize("days_ago", [5, 120])
def test_order_that_is_fresh_or_old_calls_for_no_opinion(services: Services, days_ago: int) -> None:
    with services.database.writing() as session:
        customer_who_ordered(session, days_ago)
    assert send_surveys.run(services) == 0


@pytest.mark.parametrize("reason", list(SuppressionReason))
def test_suppressed_customer_is_not_asked(services: Services, reason: SuppressionReason) -> None:
    with services.database.writing() as session:
        shop = customer_who_ordered(session)
        key = session.scalars(sa.select(Customer.email_key)).one()
        session.add(Suppression(shop_id=shop.id, address_key=key, reason=reason, created_at=NOW))
    assert send_surveys.run(services) == 0


def test_survey_after_a_return_comes_first_and_counts_in_the_cap(services: Services, clock: ManualClock) -> None:
    with services.database.writing() as session:
        shop = customer_who_ordered(session)
        order = make_order(session, shop, "AL-2", customer_id=session.scalars(sa.select(Customer.id)).one())
        make_return(session, shop, order)
    assert send_surveys.run(services) == 1
    clock.advance(timedelta(days=30))
    assert send_surveys.run(services) == 0
    with services.database.reading() as session:
        assert session.scalars(sa.select(Invitation.survey)).all() == [Survey.RETURN]


def test_customer_with_a_return_under_way_is_left_alone(services: Services) -> None:
    with services.database.writing() as session:
        shop = customer_who_ordered(session)
        order = make_order(session, shop, "AL-2", customer_id=session.scalars(sa.select(Customer.id)).one())
        make_return(session, shop, order, state=ReturnState.RECEIVED, closed_at=None)
    assert send_surveys.run(services) == 0


def test_periodic_survey_keeps_the_one_after_a_return_away(services: Services, clock: ManualClock) -> None:
    with services.database.writing() as session:
        shop = customer_who_ordered(session)
    assert send_surveys.run(services) == 1
    clock.advance(timedelta(days=10))
    with services.database.writing() as session:
        order = make_order(session, shop, "AL-2", customer_id=session.scalars(sa.select(Customer.id)).one())
        make_return(session, shop, order, closed_at=clock.now() - timedelta(hours=30))
    assert send_surveys.run(services) == 0


def test_answer_is_a_number_from_0_to_10_and_wakes_no_story_desk(
    services: Services, desk: AnswerDesk, story_desk: RecordingStoryDesk
) -> None:
    with services.database.writing() as session:
        customer_who_ordered(session)
    send_surveys.run(services)
    token = token_of_periodic(services)
    for wrong in (AnswerIn(), AnswerIn(rating=5), AnswerIn(nps=11), AnswerIn(nps=-1)):
        with pytest.raises(InvalidInputError) as refused, services.database.writing() as session:
            desk.record(session, token, wrong, NOW)
        assert refused.value.field == "nps"
    with services.database.writing() as session:
        desk.record(session, token, AnswerIn(nps=0, rating=1, effort=1, reasons=("late",), text="No"), NOW)
    with services.database.reading() as session:
        answer = session.scalars(sa.select(Answer)).one()
        assert session.scalar(sa.select(sa.func.count(Return.id))) == 0
    assert (answer.nps, answer.rating, answer.effort, answer.reasons, answer.text) == (0, None, None, [], "No")
    assert story_desk.ratings == []


def test_many_customers_who_cannot_be_asked_do_not_stand_in_the_way_of_the_others(services: Services) -> None:
    with services.database.writing() as session:
        shop = make_shop(session, nps_enabled=True)
        for number in range(205):
            address = f"bad {number}" if number < 203 else f"good{number}@example.com"
            customer = make_customer(session, shop, address)
            make_order(
                session, shop, f"AL-{number}", customer_id=customer.id, ordered_at=NOW - timedelta(days=30), lines=[]
            )
    assert services.periodic.queue_due(NOW) == 2
