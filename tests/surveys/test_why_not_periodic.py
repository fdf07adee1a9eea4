"""For every reason there is a customer without a periodic survey who shows it: in the log and by the command (R38)."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.bootstrap import Services
from feedback_service.clock import ManualClock
from feedback_service.hashing import address_key
from feedback_service.mail.models import MailState, OutboxMail, SuppressionReason
from feedback_service.returns.models import Customer, Order, Return, ReturnState
from feedback_service.shops.models import Shop
from feedback_service.surveys.models import Invitation, NotSentReason, PeriodicNotSent
from feedback_service.surveys.periodic_not_sent import PeriodicStanding
from jobs import send_surveys
from tests.support.builders import NOW, SECRET, make_customer, make_order, make_return, make_shop
from tests.surveys.cases import Case, customer_with, shop_with, suppressed

KEY = address_key(SECRET, "client@example.com")


def _returned(**values: object) -> Case:
    """Give the customer a return beside the order."""
    return lambda session, shop: make_return(
        session, shop, None, customer_id=session.scalars(sa.select(Customer.id)).one(), **values
    )


def _ordered(days_ago: int) -> Case:
    return lambda session, _shop: session.execute(sa.update(Order).values(ordered_at=NOW - timedelta(days=days_ago)))


def _asked(slug: str) -> Case:
    """Let the person have been asked after a return ten days ago, by the shop `slug`."""

    def add(session: Session, shop: Shop) -> None:
        asking = shop if slug == shop.slug else make_shop(session, slug)
        session.add(
            Invitation(
                shop_id=asking.id, token_digest="before", recipient_key=KEY, language="fr",  # noqa: S106 - no secret
                created_at=NOW - timedelta(days=10), expires_at=NOW + timedelta(days=20),
            )
        )  # fmt: skip

    return add


PERIODIC_CASES: dict[str, tuple[NotSentReason, Case]] = {
    "not wanted": (NotSentReason.PERIODIC_OFF, shop_with(nps_enabled=False)),
    "surveys off": (NotSentReason.SURVEYS_OFF, shop_with(surveys_enabled=False)),
    "night": (NotSentReason.NIGHT, shop_with(daytime_from=14)),
    "fresh order": (NotSentReason.NO_ORDER, _ordered(5)),
    "old order": (NotSentReason.NO_ORDER, _ordered(120)),
    "return under way": (NotSentReason.RETURNING, _returned(state=ReturnState.APPROVED, closed_at=None)),
    "return just closed": (NotSentReason.RETURNING, _returned(closed_at=NOW - timedelta(days=10))),
    "dispute": (NotSentReason.DISPUTED, _returned(state=ReturnState.RECEIVED, closed_at=None, flag="twice received")),
    "refund late": (
        NotSentReason.REFUND_LATE,
        _returned(state=ReturnState.RECEIVED, closed_at=None, requested_at=NOW - timedelta(days=20)),
    ),
    "no address": (NotSentReason.NO_ADDRESS, customer_with(email=None, email_key=None)),
    "bad address": (NotSentReason.BAD_ADDRESS, customer_with(email="nobody")),
    "Germany": (NotSentReason.CONSENT_MISSING, customer_with(country="DE")),
    "objected": (NotSentReason.OBJECTED, suppressed(KEY, SuppressionReason.OBJECTION)),
    "bounced": (NotSentReason.SUPPRESSED, suppressed(KEY, SuppressionReason.HARD_BOUNCE)),
    "asked by this shop": (NotSentReason.QUARANTINE, _asked("atelier")),
    "asked by another shop": (NotSentReason.OTHER_SURVEY, _asked("maison")),
}
NOT_LOOKED_AT = {"not wanted", "surveys off", "night", "fresh order", "old order"}


def _customer_who_ordered(services: Services, case: Case | None = None) -> None:
    with services.database.writing() as session:
        shop = make_shop(session, nps_enabled=True)
        customer = make_customer(session, shop)
        make_order(session, shop, customer_id=customer.id, ordered_at=NOW - timedelta(days=30))
        if case:
            case(session, shop)


def _standing(services: Services) -> PeriodicStanding:
    with services.database.reading() as session:
        shop = session.scalars(sa.select(Shop).where(Shop.slug == "atelier")).one()
        customer = session.scalars(sa.select(Customer)).one()
        return services.periodic.standing(session, shop, customer, services.clock.now())


@pytest.mark.parametrize(("reason", "case"), PERIODIC_CASES.values(), ids=PERIODIC_CASES)
def test_customer_who_gets_no_periodic_survey_says_why(
    services: Services, reason: NotSentReason, case: Case, request: pytest.FixtureRequest
) -> None:
    _customer_who_ordered(services, case)
    assert services.periodic.queue_due(NOW) == 0
    assert _standing(services) == PeriodicStanding(None, None, reason)
    is_looked_at = not any(f"-{name}]" in request.node.name for name in NOT_LOOKED_AT)
    with services.database.reading() as session:
        assert session.scalars(sa.select(PeriodicNotSent.reason)).all() == ([reason] if is_looked_at else [])


def test_verdict_of_the_time_when_it_could_have_been_sent_is_kept(services: Services, clock: ManualClock) -> None:
    _customer_who_ordered(services, PERIODIC_CASES["asked by another shop"][1])
    assert send_surveys.run(services) == 0
    clock.advance(timedelta(days=80))
    assert _standing(services) == PeriodicStanding(None, None, NotSentReason.NO_ORDER, NotSentReason.OTHER_SURVEY)


def test_customer_is_looked_at_once_a_day(services: Services, clock: ManualClock) -> None:
    _customer_who_ordered(services, _returned(state=ReturnState.APPROVED, closed_at=None))
    assert services.periodic.queue_due(NOW) == 0
    with services.database.writing() as session:
        session.execute(sa.delete(Return))
    clock.advance(timedelta(hours=6))
    assert services.periodic.queue_due(clock.now()) == 0
    clock.advance(timedelta(hours=18))
    assert services.periodic.queue_due(clock.now()) == 1


def test_survey_that_was_written_says_what_became_of_its_mail(services: Services) -> None:
    _customer_who_ordered(services)
    assert services.periodic.queue_due(NOW) == 1
    assert _standing(services).undelivered is NotSentReason.WAITING
    for state, undelivered in ((MailState.FAILED, NotSentReason.UNDELIVERED), (MailState.SENT, None)):
        with services.database.writing() as session:
            session.execute(sa.update(OutboxMail).values(state=state, sent_at=NOW, due_at=None))
        standing = _standing(services)
        assert (standing.undelivered, standing.reason) == (undelivered, NotSentReason.QUARANTINE)
        assert standing.invitation is not None


@pytest.mark.parametrize("days", [30, 60])
def test_schedule_holds_where_there_is_neither_quarantine_nor_cap(
    services: Services, clock: ManualClock, days: int
) -> None:
    uncapped = Services(services.settings.model_copy(update={"survey_cap_days": 0}), clock, services.database)
    _customer_who_ordered(uncapped, shop_with(quarantine_days=0, nps_every_days=days))
    assert uncapped.periodic.queue_due(NOW) == 1
    with services.database.writing() as session:
        shop, customer = session.scalars(sa.select(Shop)).one(), session.scalars(sa.select(Customer.id)).one()
        make_order(session, shop, "AL-2", customer_id=customer, ordered_at=NOW)
    clock.advance(timedelta(days=days, seconds=-1))
    assert uncapped.periodic.queue_due(clock.now()) == 0
    clock.advance(timedelta(days=1))
    assert uncapped.periodic.queue_due(clock.now()) == 1
