"""One reminder, to those who neither answered nor objected and can be reached, and never a second one (R38)."""

import re
import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from feedback_service.bootstrap import Services
from feedback_service.clock import ManualClock
from feedback_service.errors import NotFoundError
from feedback_service.hashing import token_digest
from feedback_service.mail.models import MailState, OutboxMail, Suppression, SuppressionReason
from feedback_service.returns.models import Customer, Return, ReturnState
from feedback_service.shops.models import Shop
from feedback_service.surveys import objections, signs
from feedback_service.surveys.answers import AnswerDesk, AnswerIn
from feedback_service.surveys.invited import Invitations
from feedback_service.surveys.models import Answer, Invitation
from feedback_service.surveys.reminding import LAST_DAY, NotReminded, ReminderFacts, decide
from jobs import send_surveys
from tests.support.builders import NOW, make_order, make_return, make_shop
from tests.support.surveys import invite, the_invitation
from tests.surveys.test_rules import TERMS

REMINDED = replace(TERMS, remind_after=timedelta(days=5))
FACTS = ReminderFacts(
    sent_at=NOW,
    expires_at=NOW + timedelta(days=30),
    reminded=False,
    answered=False,
    objected=False,
    suppressed=False,
    address="client@example.com",
    asked_since=False,
    held=False,
)
DUE = NOW + timedelta(days=5)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"reminded": True}, NotReminded.REMINDED),
        ({"answered": True}, NotReminded.ANSWERED),
        ({"objected": True}, NotReminded.OBJECTED),
        ({"suppressed": True}, NotReminded.SUPPRESSED),
        ({"sent_at": None}, NotReminded.NOT_DELIVERED),
        ({"expires_at": DUE + timedelta(hours=23)}, NotReminded.EXPIRED),
        ({"address": None}, NotReminded.NO_ADDRESS),
        ({"asked_since": True}, NotReminded.ASKED_SINCE),
        ({"held": True}, NotReminded.HELD),
        ({}, None),
    ],
    ids=str,
)
def test_who_is_not_reminded_says_why(changed: dict[str, Any], reason: NotReminded | None) -> None:
    assert decide(replace(FACTS, **changed), REMINDED, DUE) is reason


def test_no_reminder_where_the_shop_wants_none_or_asks_nobody() -> None:
    assert decide(FACTS, replace(REMINDED, remind_after=timedelta(0)), DUE) is NotReminded.OFF
    assert decide(FACTS, replace(REMINDED, enabled=False), DUE) is NotReminded.OFF


@given(after=st.timedeltas(timedelta(0), timedelta(days=12)), days=st.integers(4, 7))
def test_reminder_goes_out_in_the_day_from_its_day_to_the_end_of_day_7(after: timedelta, days: int) -> None:
    reason = decide(FACTS, replace(REMINDED, remind_after=timedelta(days=days)), NOW + after)
    if after < timedelta(days=days):
        assert reason is NotReminded.TOO_EARLY
    elif after >= LAST_DAY:
        assert reason is NotReminded.TOO_LATE
    else:
        assert reason in {None, NotReminded.NIGHT}


def sent(services: Services, token: str) -> None:
    """Let the mail of the survey have been sent now."""
    with services.database.writing() as session:
        mail = the_invitation(session, token).mail
        assert mail
        mail.state, mail.sent_at, mail.text, mail.html, mail.due_at = (
            MailState.SENT,
            services.clock.now(),
            None,
            None,
            None,
        )


def reminder_of(services: Services) -> OutboxMail | None:
    """Return the one reminder, if it is queued."""
    with services.database.reading() as session:
        return session.scalar(sa.select(OutboxMail).where(OutboxMail.kind == "survey_reminder"))


def second_token(mail: OutboxMail) -> str:
    """Return the token in a reminder."""
    found = re.search(r"/s/([\w-]+)\?r=1", mail.text or "")
    assert found
    return found[1]


@pytest.fixture
def token(services: Services, clock: ManualClock) -> str:
    """A survey that was sent five days ago, in the morning."""
    given = invite(services, "en")
    sent(services, given)
    clock.advance(timedelta(days=5))
    return given


def test_reminder_goes_out_once_with_a_link_that_opens_the_same_survey(
    services: Services, token: str, desk: AnswerDesk, clock: ManualClock
) -> None:
    assert [send_surveys.run(services) for _ in range(3)] == [1, 0, 0]
    mail = reminder_of(services)
    assert mail
    second = second_token(mail)
    assert second != token
    assert mail.subject == "A short reminder: how did your return go?"
    assert "Lampe Aube" in (mail.text or "")
    assert f"/u/{second}" in mail.headers["List-Unsubscribe"]
    invitations = Invitations(services.database)
    by_first, by_second = (desk.opened(invitations.find(link), clock.now()) for link in (token, second))
    assert by_first.id == by_second.id
    for link, rating in ((second, 4), (token, 5)):
        with services.database.writing() as session:
            desk.record(session, link, AnswerIn(rating=rating), clock.now())
        assert desk.thanked(invitations.find(link), clock.now())[0].id == by_first.id
    with services.database.reading() as session:
        assert session.scalars(sa.select(Answer.rating)).all() == [5]
    for _ in range(20):
        clock.advance(timedelta(days=1))
        assert send_surveys.run(services) == 0


def test_answer_before_the_reminder_stops_it(
    services: Services, token: str, desk: AnswerDesk, clock: ManualClock
) -> None:
    with services.database.writing() as session:
        desk.record(session, token, AnswerIn(rating=4), clock.now())
    assert send_surveys.run(services) == 0


def test_answer_drops_the_reminder_that_waits(
    services: Services, token: str, desk: AnswerDesk, clock: ManualClock
) -> None:
    assert send_surveys.run(services) == 1
    with services.database.writing() as session:
        desk.record(session, token, AnswerIn(rating=4), clock.now())
    mail = reminder_of(services)
    assert mail
    assert (mail.state, mail.text, mail.html, mail.due_at) == (MailState.DROPPED, None, None, None)


@pytest.mark.parametrize("which", ["first link", "link of the reminder"])
def test_objection_by_either_link_drops_the_reminder_that_waits(
    services: Services, token: str, clock: ManualClock, which: str
) -> None:
    assert send_surveys.run(services) == 1
    mail = reminder_of(services)
    assert mail
    link = token if which == "first link" else second_token(mail)
    with services.database.writing() as session:
        objections.record(session, link, clock.now())
    dropped = reminder_of(services)
    assert dropped
    assert dropped.state is MailState.DROPPED


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(sa.update(Invitation).values(objected_at=NOW), id="objected"),
        pytest.param(sa.update(OutboxMail).values(state=MailState.FAILED, sent_at=None), id="first mail failed"),
        pytest.param(sa.update(Invitation).values(expires_at=NOW + timedelta(days=5, hours=3)), id="expires soon"),
        pytest.param(sa.update(Customer).values(email=None), id="address forgotten"),
        pytest.param(sa.update(Customer).values(email="another@example.com"), id="another address"),
        pytest.param(sa.update(Return).values(flag="received after rejected"), id="disputed"),
        pytest.param(sa.update(Shop).values(reminder_days=0), id="shop wants none"),
        pytest.param(sa.update(Shop).values(surveys_enabled=False), id="shop asks nobody"),
        pytest.param(sa.update(Shop).values(reminder_days=6), id="a day later"),
    ],
)
def test_survey_without_reminder(services: Services, token: str, change: sa.Update) -> None:
    del token
    with services.database.writing() as session:
        session.execute(change)
    assert send_surveys.run(services) == 0


@pytest.mark.parametrize("reason", list(SuppressionReason))
def test_address_that_was_suppressed_meanwhile_gets_no_reminder(
    services: Services, token: str, reason: SuppressionReason
) -> None:
    with services.database.writing() as session:
        invitation = the_invitation(session, token)
        session.add(
            Suppression(shop_id=invitation.shop_id, address_key=invitation.recipient_key, reason=reason, created_at=NOW)
        )
    assert send_surveys.run(services) == 0


def test_survey_of_another_shop_meanwhile_stands_for_the_reminder(services: Services, token: str) -> None:
    with services.database.writing() as session:
        key = the_invitation(session, token).recipient_key
        session.add(
            Invitation(
                shop_id=make_shop(session, "maison").id, survey="periodic", token_digest="x", recipient_key=key,  # noqa: S106 - no password
                language="fr", created_at=NOW + timedelta(days=2), expires_at=NOW + timedelta(days=32),
            )
        )  # fmt: skip
    assert send_surveys.run(services) == 0


def test_reminder_counts_in_the_quarantine(services: Services, token: str, clock: ManualClock) -> None:
    del token
    assert send_surveys.run(services) == 1
    clock.move_to(NOW + timedelta(days=91))
    with services.database.writing() as session:
        shop = session.scalars(sa.select(Shop)).one()
        order = make_order(session, shop, "AL-2", customer_id=session.scalars(sa.select(Customer.id)).one())
        make_return(session, shop, order, external_id="R-2", closed_at=clock.now() - timedelta(hours=30))
    assert send_surveys.run(services) == 0
    clock.move_to(NOW + timedelta(days=95))
    with services.database.writing() as session:
        session.execute(sa.text("DELETE FROM survey_not_sent"))
        session.execute(sa.update(Return).values(closed_at=clock.now() - timedelta(hours=30)))
    assert send_surveys.run(services) == 1


def test_late_refund_of_another_return_holds_the_reminder_and_lets_it_go_in_time(
    services: Services, token: str, clock: ManualClock
) -> None:
    del token
    with services.database.writing() as session:
        shop = session.scalars(sa.select(Shop)).one()
        order = make_order(session, shop, "AL-2", customer_id=session.scalars(sa.select(Customer.id)).one())
        make_return(
            session, shop, order, external_id="R-2", state=ReturnState.RECEIVED, closed_at=None,
            requested_at=NOW - timedelta(days=30), received_at=NOW - timedelta(days=20),
        )  # fmt: skip
    assert send_surveys.run(services) == 0
    clock.advance(timedelta(days=1))
    with services.database.writing() as session:
        session.execute(
            sa.update(Return).where(Return.external_id == "R-2").values(state="rejected", closed_at=clock.now())
        )
    assert send_surveys.run(services) == 1


def test_processes_at_once_remind_once(services: Services, token: str) -> None:
    del token
    counts: list[int] = []
    start = threading.Barrier(4)

    def work() -> None:
        start.wait()
        counts.append(send_surveys.run(services))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counts) == [0, 0, 0, 1]


def test_answer_by_the_reminder_is_held_to_the_moment_the_reminder_was_sent(
    services: Services, token: str, desk: AnswerDesk, clock: ManualClock
) -> None:
    del token
    send_surveys.run(services)
    mail = reminder_of(services)
    assert mail
    with services.database.writing() as session:
        session.execute(sa.update(OutboxMail).where(OutboxMail.id == mail.id).values(sent_at=clock.now()))
    clock.advance(timedelta(seconds=4))
    seen = signs.Signs(rendered_at=clock.now() - timedelta(seconds=3), hidden_field=False)
    with services.database.writing() as session:
        desk.record(session, second_token(mail), AnswerIn(rating=4, signs=seen), clock.now())
        assert session.scalars(sa.select(Answer.flags)).one() == [signs.Flag.SOON_AFTER_MAIL]


def test_token_of_the_reminder_is_kept_only_as_a_digest_and_wrong_ones_open_nothing(
    services: Services, token: str, desk: AnswerDesk, clock: ManualClock
) -> None:
    send_surveys.run(services)
    mail = reminder_of(services)
    assert mail
    with services.database.reading() as session:
        assert the_invitation(session, token).reminder_digest == token_digest(second_token(mail))
    for wrong in ("", "None", token_digest(token)):
        with pytest.raises(NotFoundError):
            desk.opened(Invitations(services.database).find(wrong), clock.now())
