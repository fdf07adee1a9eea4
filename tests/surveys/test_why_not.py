"""For every reason there is a return that shows it: on its page, in the log, and by the command (R38)."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.bootstrap import Services
from feedback_service.clock import ManualClock
from feedback_service.hashing import address_key
from feedback_service.mail.incoming.kinds import MailClass
from feedback_service.mail.models import IncomingMail, MailState, OutboxMail, SuppressionReason
from feedback_service.returns import consents
from feedback_service.returns.consents import ConsentIn, How
from feedback_service.returns.models import Customer, Return, ReturnState
from feedback_service.shops.models import Shop
from feedback_service.surveys import objections
from feedback_service.surveys.models import NotSentReason
from feedback_service.surveys.not_sent import why_not_sent
from feedback_service.web.staff import words
from jobs import send_surveys
from tests.mail.stack import letter
from tests.support.builders import NOW, SECRET, make_order, make_return, make_shop
from tests.support.surveys import refunded_return, token_of
from tests.surveys.cases import Case, customer_with, shop_with, suppressed
from tests.surveys.test_why_not_periodic import PERIODIC_CASES

KEY = address_key(SECRET, "client1@example.com")


def _return(**values: object) -> Case:
    return lambda session, _shop: session.execute(sa.update(Return).values(**values))


def _other_return(**values: object) -> Case:
    """Give the same customer another return that is still open."""

    def add(session: Session, shop: Shop) -> None:
        order = make_order(session, shop, "AL-2", customer_id=session.scalars(sa.select(Customer.id)).one())
        make_return(
            session, shop, order, external_id="R-other", state=ReturnState.RECEIVED, closed_at=None,
            **({"requested_at": NOW - timedelta(days=2), "received_at": NOW - timedelta(days=1)} | values),
        )  # fmt: skip

    return add


def _asked_before(slug: str) -> Case:
    """Let the person have been asked ten days ago, by the shop `slug`."""

    def add(session: Session, shop: Shop) -> None:
        asking = shop if slug == shop.slug else make_shop(session, slug)
        invitation = {
            "shop_id": asking.id, "survey": "periodic", "token_digest": "before", "recipient_key": KEY,
            "language": "fr", "created_at": NOW - timedelta(days=10), "expires_at": NOW + timedelta(days=20),
        }  # fmt: skip
        session.execute(sa.insert(sa.table("invitation", *map(sa.column, invitation))).values(invitation))

    return add


def _withdrawn(session: Session, shop: Shop) -> None:
    given, taken_back = NOW - timedelta(days=9), NOW - timedelta(days=1)
    consents.record(session, shop.id, KEY, ConsentIn(How.API, given, taken_back, "Box on the order form"), NOW)


def _complained_of(session: Session, shop: Shop) -> None:
    """Let two of ten people have called the shop's mails spam."""
    sent: dict[str, Any] = {"state": MailState.SENT, "sent_at": NOW - timedelta(days=1), "due_at": None}
    session.add_all(letter(shop.id, number, **sent) for number in range(10))
    come = {"channel": "pipe", "kind": MailClass.COMPLAINT, "shop_id": shop.id, "came_at": NOW - timedelta(hours=1)}
    session.add_all(IncomingMail(key=f"complaint {number}", **come) for number in range(2))


CASES: dict[str, tuple[NotSentReason, Case]] = {
    "still open": (NotSentReason.OPEN, _return(state=ReturnState.RECEIVED, closed_at=None)),
    "surveys off": (NotSentReason.SURVEYS_OFF, shop_with(surveys_enabled=False)),
    "rejected": (NotSentReason.REJECTED, _return(state=ReturnState.REJECTED)),
    "no address": (NotSentReason.NO_ADDRESS, customer_with(email=None, email_key=None)),
    "bad address": (NotSentReason.BAD_ADDRESS, customer_with(email="nobody")),
    "objected": (NotSentReason.OBJECTED, suppressed(KEY, SuppressionReason.OBJECTION)),
    "consent withdrawn": (NotSentReason.OBJECTED, _withdrawn),
    "bounced": (NotSentReason.SUPPRESSED, suppressed(KEY, SuppressionReason.HARD_BOUNCE)),
    "complained": (NotSentReason.SUPPRESSED, suppressed(KEY, SuppressionReason.COMPLAINT)),
    "erased": (NotSentReason.SUPPRESSED, suppressed(KEY, SuppressionReason.ERASURE)),
    "asked by this shop": (NotSentReason.QUARANTINE, _asked_before("atelier")),
    "asked by another shop": (NotSentReason.OTHER_SURVEY, _asked_before("maison")),
    "an hour too late": (NotSentReason.TOO_LATE, _return(closed_at=NOW - timedelta(hours=49))),
    "years too late": (NotSentReason.TOO_LATE, _return(closed_at=NOW - timedelta(days=400))),
    "too early": (NotSentReason.TOO_EARLY, _return(closed_at=NOW - timedelta(hours=2))),
    "night": (NotSentReason.NIGHT, shop_with(daytime_from=14)),
    "disputed": (NotSentReason.DISPUTED, _return(flag="received after rejected")),
    "another disputed": (NotSentReason.DISPUTED, _other_return(flag="received after rejected")),
    "another refund late": (NotSentReason.REFUND_LATE, _other_return(requested_at=NOW - timedelta(days=20))),
    "called spam": (NotSentReason.COMPLAINTS, _complained_of),
    "Germany": (NotSentReason.CONSENT_MISSING, customer_with(country="DE")),
}


@pytest.mark.parametrize(("reason", "case"), CASES.values(), ids=CASES)
def test_return_that_gets_no_survey_says_why(services: Services, reason: NotSentReason, case: Case) -> None:
    with services.database.writing() as session:
        shop = make_shop(session)
        returned = refunded_return(session, shop)
        session.flush()
        case(session, shop)
    assert send_surveys.run(services) == 0
    with services.database.reading() as session:
        assert why_not_sent(session, session.get_one(Return, returned.id), NOW) is reason
        assert session.scalar(sa.select(sa.func.count(OutboxMail.id)).where(OutboxMail.kind == "survey")) == 0


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        pytest.param({"state": MailState.QUEUED}, NotSentReason.WAITING, id="queued"),
        pytest.param({"state": MailState.SENDING}, NotSentReason.WAITING, id="being sent"),
        pytest.param({"state": MailState.FAILED}, NotSentReason.UNDELIVERED, id="failed"),
        pytest.param({"state": MailState.DROPPED}, NotSentReason.UNDELIVERED, id="dropped"),
        pytest.param({"state": MailState.SENT, "sent_at": NOW}, None, id="sent"),
        pytest.param({"state": MailState.AMBIGUOUS}, None, id="may have arrived"),
    ],
)
def test_return_whose_survey_was_written_says_what_became_of_the_mail(
    services: Services, values: dict[str, object], reason: NotSentReason | None
) -> None:
    with services.database.writing() as session:
        returned = refunded_return(session, make_shop(session))
    assert send_surveys.run(services) == 1
    with services.database.writing() as session:
        session.execute(sa.update(OutboxMail).values(**values))
    with services.database.reading() as session:
        assert why_not_sent(session, returned, NOW) is reason


def test_objection_before_the_mail_went_out_is_the_reason(services: Services, clock: ManualClock) -> None:
    with services.database.writing() as session:
        returned = refunded_return(session, make_shop(session))
    send_surveys.run(services)
    with services.database.writing() as session:
        objections.record(session, token_of(session.scalars(sa.select(OutboxMail)).one()), clock.now())
    with services.database.reading() as session:
        assert why_not_sent(session, returned, NOW) is NotSentReason.OBJECTED


def test_every_reason_has_a_case_here_and_a_sentence_in_both_languages() -> None:
    of_the_mail = {NotSentReason.WAITING, NotSentReason.UNDELIVERED}
    of_the_periodic_survey = {reason for reason, _ in PERIODIC_CASES.values()}
    assert {reason for reason, _ in CASES.values()} | of_the_mail | of_the_periodic_survey == set(NotSentReason)
    for reason in NotSentReason:
        assert words.not_sent(reason, "en") != words.not_sent(reason, "fr")


@pytest.mark.parametrize(
    "settle",
    [
        pytest.param(_return(state=ReturnState.REFUNDED, closed_at=NOW - timedelta(hours=30)), id="refunded"),
        pytest.param(_return(requested_at=NOW, received_at=NOW), id="date corrected"),
    ],
)
def test_survey_held_for_another_late_refund_goes_out_once_that_is_settled(
    services: Services, clock: ManualClock, settle: Case
) -> None:
    with services.database.writing() as session:
        shop = make_shop(session)
        refunded_return(session, shop)
        _other_return(requested_at=NOW - timedelta(days=20))(session, shop)
    assert send_surveys.run(services) == 0
    with services.database.writing() as session:
        settle(session, shop)
    clock.advance(timedelta(hours=1))
    assert send_surveys.run(services) == 1


def test_stored_consent_lets_a_german_customer_be_asked_and_the_mail_says_so(services: Services) -> None:
    with services.database.writing() as session:
        shop = make_shop(session)
        refunded_return(session, shop, language="en")
        customer_with(country="DE")(session, shop)
        consent = ConsentIn(How.CSV, NOW - timedelta(days=9), proof="Box on the order form, version 3")
        consents.record(session, shop.id, KEY, consent, NOW)
    assert send_surveys.run(services) == 1
    with services.database.reading() as session:
        text = session.scalars(sa.select(OutboxMail.text)).one() or ""
    assert "Your consent, which you may withdraw at any time" in text
    assert "legitimate interest" not in text


def test_countries_that_want_a_consent_are_a_setting(services: Services) -> None:
    countries = {"survey_consent_countries": ("DE", "fr")}
    careful = Services(services.settings.model_copy(update=countries), services.clock, services.database)
    with services.database.writing() as session:
        returned = refunded_return(session, make_shop(session))
    assert send_surveys.run(careful) == 0
    with services.database.reading() as session:
        assert why_not_sent(session, returned, NOW) is NotSentReason.CONSENT_MISSING
