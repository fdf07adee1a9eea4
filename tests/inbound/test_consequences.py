"""What a bounce, a complaint and an objection by mail have for consequences (R24, R27, R28)."""

import sqlalchemy as sa

from feedback_service.bootstrap import Services
from feedback_service.clock import ManualClock
from feedback_service.mail.incoming.kinds import MailClass
from feedback_service.mail.models import Audience, IncomingMail, OutboxMail, Suppression, SuppressionReason
from feedback_service.surveys.models import Invitation
from tests.inbound.conftest import send_again
from tests.support.returned_mail import complaint, delivery_report, written
from tests.support.surveys import token_of

FULL = ("5.2.2", "smtp; 552 5.2.2 Mailbox full")


def _take(services: Services, raw: bytes) -> MailClass:
    return services.inbound_desk.take_mail(raw, "pipe", services.clock.now()).kind


def _reasons(services: Services) -> list[SuppressionReason]:
    with services.database.reading() as session:
        return list(session.scalars(sa.select(Suppression.reason)))


def _stored(services: Services) -> list[IncomingMail]:
    with services.database.reading() as session:
        return list(session.scalars(sa.select(IncomingMail).order_by(IncomingMail.id)))


def test_a_hard_bounce_silences_the_address_at_once(services: Services, survey: OutboxMail) -> None:
    assert _take(services, delivery_report(survey)) is MailClass.HARD

    assert _reasons(services) == [SuppressionReason.HARD_BOUNCE]
    (incoming,) = _stored(services)
    assert (incoming.mail_id, incoming.status, incoming.shop_id) == (survey.id, "5.1.1", survey.shop_id)


def test_a_bounce_without_the_tag_is_matched_by_the_message_id_that_it_gives_back(
    services: Services, survey: OutboxMail
) -> None:
    _take(services, delivery_report(survey, to="bounces@mail.example.com"))

    assert _reasons(services) == [SuppressionReason.HARD_BOUNCE]


def test_of_a_report_about_several_the_class_of_the_one_we_wrote_to_counts(
    services: Services, survey: OutboxMail
) -> None:
    dead = b"\r\nFinal-Recipient: rfc822; other@example.net\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    ours = b"\r\nFinal-Recipient: rfc822; " + (survey.recipient or "").upper().encode()
    raw = delivery_report(survey, *FULL)
    head, _, tail = raw.partition(b"\r\nFinal-Recipient:")
    both = head + dead + ours + b"\r\n" + tail.partition(b"\r\n")[2]

    assert _take(services, both) is MailClass.SOFT
    assert _reasons(services) == []
    (incoming,) = _stored(services)
    assert (incoming.kind, incoming.status, incoming.mail_id) == (MailClass.SOFT, "5.2.2", survey.id)


def test_a_forged_bounce_silences_nobody(services: Services, survey: OutboxMail) -> None:
    forged = delivery_report(
        survey, to="bounces+0123456789abcdef@mail.example.com", message_id="<guessed@atelier-lumen.example.com>"
    )

    assert _take(services, forged) is MailClass.HARD
    assert _reasons(services) == []
    (incoming,) = _stored(services)
    assert incoming.mail_id is None


def test_a_full_mailbox_is_given_up_after_three_failed_sends(
    services: Services, clock: ManualClock, survey: OutboxMail
) -> None:
    second, third = (send_again(services, clock, survey, number) for number in (1, 2))

    assert _take(services, delivery_report(survey, *FULL)) is MailClass.SOFT
    assert _take(services, delivery_report(second, *FULL)) is MailClass.SOFT
    assert _reasons(services) == []
    _take(services, delivery_report(third, *FULL))
    assert _reasons(services) == [SuppressionReason.SOFT_BOUNCE]


def test_three_reports_about_one_mail_are_one_failed_send(services: Services, survey: OutboxMail) -> None:
    for number in range(3):
        _take(services, delivery_report(survey, "5.2.2", f"smtp; 552 5.2.2 Mailbox full ({number})"))

    assert len(_stored(services)) == 3
    assert _reasons(services) == []


def test_a_mail_that_arrived_between_starts_the_count_anew(
    services: Services, clock: ManualClock, survey: OutboxMail
) -> None:
    mails = [survey, *(send_again(services, clock, survey, number) for number in range(1, 4))]

    for mail in (mails[0], mails[1], mails[3]):
        _take(services, delivery_report(mail, *FULL))
    assert _reasons(services) == []


def test_a_warning_that_the_server_goes_on_trying_counts_as_no_failure(
    services: Services, clock: ManualClock, survey: OutboxMail
) -> None:
    mails = [survey, *(send_again(services, clock, survey, number) for number in (1, 2))]

    for mail in mails:
        said = _take(services, delivery_report(mail, "4.1.1", "smtp; 450 4.1.1 User unknown", action="delayed"))
        assert said is MailClass.SOFT
    assert _reasons(services) == []
    assert all(incoming.is_delayed for incoming in _stored(services))


def test_a_refusal_by_policy_silences_nobody_and_is_kept_for_the_operator(
    services: Services, survey: OutboxMail
) -> None:
    raw = delivery_report(survey, "5.7.26", f"smtp; 550 5.7.26 DMARC fails for mail to {survey.recipient}")

    assert _take(services, raw) is MailClass.POLICY
    assert _reasons(services) == []
    (incoming,) = _stored(services)
    assert incoming.diagnosis == "550 5.7.26 DMARC fails for mail to the recipient"


def test_a_complaint_silences_for_good_and_outranks_a_bounce(services: Services, survey: OutboxMail) -> None:
    _take(services, delivery_report(survey))
    assert _take(services, complaint(survey)) is MailClass.COMPLAINT

    assert _reasons(services) == [SuppressionReason.COMPLAINT]


def test_not_spam_is_no_complaint(services: Services, survey: OutboxMail) -> None:
    assert _take(services, complaint(survey, kind="not-spam")) is MailClass.NONE
    assert _reasons(services) == []


def test_a_vacation_reply_has_no_consequence(services: Services, survey: OutboxMail) -> None:
    raw = written(survey, "Je suis absente. User unknown is not what I mean.", headers="Auto-Submitted: auto-replied\n")

    assert _take(services, raw) is MailClass.AUTO_REPLY
    assert _reasons(services) == []


def test_an_alert_that_comes_back_silences_nobody(services: Services, survey: OutboxMail) -> None:
    with services.database.writing() as session:
        session.get_one(OutboxMail, survey.id).audience = Audience.STAFF

    _take(services, delivery_report(survey))
    _take(services, complaint(survey))
    assert _reasons(services) == []
    assert [incoming.mail_id for incoming in _stored(services)] == [survey.id, survey.id]


def test_a_mail_to_the_unsubscribe_address_is_an_objection(services: Services, survey: OutboxMail) -> None:
    with services.database.reading() as session:
        mail = session.get_one(OutboxMail, survey.id)
        token = token_of(mail)
    raw = written(survey, "", to="bounces@mail.example.com", subject=f"unsubscribe {token}")

    _take(services, raw)
    assert _reasons(services) == [SuppressionReason.OBJECTION]
    with services.database.reading() as session:
        assert session.scalars(sa.select(Invitation)).one().objected_at is not None


def test_an_unsubscribe_mail_with_a_token_that_is_not_known_changes_nothing(
    services: Services, survey: OutboxMail
) -> None:
    _take(services, written(survey, "", subject="unsubscribe AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"))

    assert _reasons(services) == []


def test_the_same_mail_twice_is_taken_in_once_whatever_way_it_came(services: Services, survey: OutboxMail) -> None:
    raw = delivery_report(survey)
    again = b"Received: from elsewhere by mx.example.com; Mon, 23 Nov 2026 10:00:00 +0000\r\n" + raw

    first = services.inbound_desk.take_mail(raw, "pipe", services.clock.now())
    second = services.inbound_desk.take_mail(again, "mailbox", services.clock.now())
    assert (first.is_new, second.is_new) == (True, False)
    assert len(_stored(services)) == 1
