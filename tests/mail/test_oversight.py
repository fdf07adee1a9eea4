"""What the operator sees and does: the queue, mails in trouble, sending again, dropping; by command too."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from feedback_service.errors import ConflictError, NotFoundError
from feedback_service.mail import oversight
from feedback_service.mail.models import MailImage, MailPace, MailState, OutboxMail
from feedback_service.mail.oversight import View
from feedback_service.mail.paces import EVERYTHING
from feedback_service.mail.pacing import DOMAIN_STRIKES, FIRST_PAUSE
from feedback_service.privacy.retention import remove_paces, wipe_mails
from feedback_service.settings import Settings
from feedback_service.shops.models import AuditEntry
from tests.mail.stack import Stack
from tests.support.builders import NOW
from tests.support.commands import environment, run
from tests.support.smtp import HANG_UP


def in_doubt(stack: Stack) -> int:
    """Return a mail that has arrived, though nobody knows."""
    [mail_id] = stack.queue()
    stack.server.replies["DATA"] = [HANG_UP]
    stack.run()
    return mail_id


def failed(stack: Stack, **values: object) -> int:
    """Return a mail that the server has refused for good."""
    [mail_id] = stack.queue(**values)  # type: ignore[arg-type]  # columns, not the count
    stack.server.replies["RCPT"] = ["554 5.4.6 Routing loop"]
    stack.run()
    return mail_id


def retry(stack: Stack, mail_id: int, *, twice_is_fine: bool = False) -> None:
    """Send one again."""
    with stack.database.writing() as session:
        mail = oversight.find(session, mail_id)
        oversight.retry(session, mail, stack.clock.now(), twice_is_fine=twice_is_fine, staff_id=None)


def drop(stack: Stack, mail_id: int) -> None:
    """Give one up."""
    with stack.database.writing() as session:
        oversight.drop(session, oversight.find(session, mail_id), stack.clock.now(), staff_id=None)


def test_the_queue_in_figures(stack: Stack) -> None:
    doubtful, lost = in_doubt(stack), failed(stack)
    stack.queue(2)
    stack.run()
    stack.clock.advance(timedelta(hours=2))
    stack.queue(3, created_at=NOW + timedelta(hours=1), due_at=NOW + timedelta(hours=1))
    stack.queue(1, created_at=NOW + timedelta(hours=2), due_at=NOW + timedelta(hours=9))
    with stack.database.reading() as session:
        found = oversight.queue(session, stack.clock.now())
        assert (found.due, found.later, found.oldest_at) == (3, 1, NOW + timedelta(hours=1))
        assert (found.failed, found.ambiguous, found.in_trouble) == (1, 1, 2)
        assert found.sent == (0, 0, 2)
        trouble = session.scalars(oversight.listing(View.TROUBLE)).all()
        assert {mail.id for mail in trouble} == {doubtful, lost}
        assert oversight.queue(session, NOW, shop_ids=[]).due == 0


def test_a_failed_mail_is_sent_again_with_the_same_message_id(stack: Stack) -> None:
    mail_id = failed(stack)
    retry(stack, mail_id)
    assert stack.run() == 1
    mail = stack.mail(mail_id)
    assert (mail.state, mail.last_error, mail.attempts) == (MailState.SENT, None, 1)
    [received] = stack.server.received
    assert received.message["Message-ID"] == mail.message_id
    with stack.database.reading() as session:
        entry = session.scalars(sa.select(AuditEntry)).one()
        assert (entry.action, entry.subject) == ("mail.retry", f"mail:{mail_id}")


def test_a_doubtful_mail_is_sent_again_only_on_a_persons_word(stack: Stack) -> None:
    mail_id = in_doubt(stack)
    with pytest.raises(ConflictError, match="It may have arrived already"):
        retry(stack, mail_id)
    assert stack.run() == 0
    retry(stack, mail_id, twice_is_fine=True)
    assert stack.run() == 1


def test_a_mail_with_an_image_is_sent_again_with_it(stack: Stack) -> None:
    html = '<p><img src="cid:chart" alt="Chart"></p>'
    mail_id = failed(stack, html=html, images=[MailImage(content_id="chart", png=b"png")])
    retry(stack, mail_id)
    assert stack.run() == 1
    assert b"image/png" in stack.server.received[0].data


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"state": MailState.SENT, "due_at": None}, "Only a mail that waits"),
        ({"state": MailState.DROPPED, "due_at": None}, "Only a mail that waits"),
        ({"state": MailState.SENDING}, "Only a mail that waits"),
        ({"state": MailState.FAILED, "due_at": None, "text": None}, "not kept any more"),
        ({"state": MailState.FAILED, "due_at": None, "recipient": None}, "not kept any more"),
        ({"state": MailState.FAILED, "due_at": None, "expires_at": NOW}, "It has expired"),
    ],
    ids=["sent", "dropped", "in-hand", "wiped", "forgotten", "expired"],
)
def test_what_cannot_be_sent_again_says_why(stack: Stack, values: dict[str, object], why: str) -> None:
    [mail_id] = stack.queue(**values)  # type: ignore[arg-type]  # columns, not the count
    with pytest.raises(ConflictError, match=why):
        retry(stack, mail_id)
    with stack.database.reading() as session:
        assert not oversight.can_retry(oversight.find(session, mail_id), NOW)


def test_a_dropped_mail_is_wiped_and_never_sent(stack: Stack) -> None:
    refused = failed(stack, images=[MailImage(content_id="chart", png=b"png")])
    drop(stack, refused)
    with stack.database.reading() as session:
        assert session.scalars(sa.select(MailImage)).all() == []
    mail = stack.mail(refused)
    assert (mail.state, mail.text, mail.html, mail.wire) == (MailState.DROPPED, None, None, None)
    assert str(mail.last_error).startswith("Dropped by hand. The mail server answered 554")
    with pytest.raises(ConflictError, match="It has ended"):
        drop(stack, refused)


def test_a_mail_dropped_while_a_worker_holds_it_is_not_sent(stack: Stack) -> None:
    [mail_id] = stack.queue()
    drop(stack, mail_id)
    assert stack.run() == 0
    assert stack.server.received == []
    assert stack.mail(mail_id).state is MailState.DROPPED


def test_a_mail_with_the_server_cannot_be_dropped(stack: Stack) -> None:
    [mail_id] = stack.queue(state=MailState.SENDING)
    with pytest.raises(ConflictError, match="with the mail server at this moment"):
        drop(stack, mail_id)


def test_a_mail_of_another_shop_is_not_found(stack: Stack) -> None:
    [mail_id] = stack.queue()
    with stack.database.reading() as session, pytest.raises(NotFoundError):
        oversight.find(session, mail_id, shop_ids=[])


def test_pauses_are_told_with_their_reason(stack: Stack) -> None:
    stack.queue(8, recipient="client@strict.example.com")
    stack.server.replies["RCPT"] = ["451 4.7.1 Slow down"] * DOMAIN_STRIKES
    stack.run()
    with stack.database.reading() as session:
        [pause] = oversight.pauses(session, NOW)
        assert (pause.scope, pause.refusals, pause.until) == ("strict.example.com", DOMAIN_STRIKES, NOW + FIRST_PAUSE)
        assert pause.why.endswith("451 4.7.1 Slow down")
        assert oversight.pauses(session, NOW + FIRST_PAUSE) == []


def test_the_content_of_failed_mails_is_wiped_after_a_fortnight(stack: Stack) -> None:
    mail_id = failed(stack)
    settings = stack.services.settings
    with stack.database.writing() as session:
        assert wipe_mails(session, settings, NOW + timedelta(days=13)) == 0
        assert wipe_mails(session, settings, NOW + timedelta(days=14)) == 1
        assert wipe_mails(session, settings, NOW + timedelta(days=14)) == 0
    assert stack.mail(mail_id).text is None
    assert stack.mail(mail_id).state is MailState.FAILED


def test_what_is_noted_of_domains_goes_after_days(stack: Stack) -> None:
    stack.queue()
    stack.over(1, mail_domain_per_hour=100).run()
    with stack.database.writing() as session:
        remove_paces(session, stack.services.settings, NOW + timedelta(days=2))
        assert set(session.scalars(sa.select(MailPace.scope))) == {EVERYTHING, "example.com"}
        remove_paces(session, stack.services.settings, NOW + timedelta(days=3))
        assert session.scalars(sa.select(MailPace.scope)).all() == []


@pytest.mark.slow
def test_the_commands_list_send_again_and_drop(stack: Stack, settings: Settings) -> None:
    doubtful, lost = in_doubt(stack), failed(stack)
    environ = environment(settings, smtp_port=stack.server.port, mail_per_hour=500, mail_domain_per_minute=30)
    shown = run("mail", "list", environ=environ).stdout
    assert "In trouble: 1 failed, 1 in doubt" in shown
    assert "Rate: 500 a hour in all." in shown
    assert "Rate: 30 a minute to any one domain." in shown
    assert f"{doubtful:>6}  ambiguous return_received  client1@example.com" in shown
    asked = run("mail", "retry", str(doubtful), environ=environ)
    assert asked.returncode == 2
    assert "may get it twice" in asked.stderr
    assert run("mail", "retry", str(doubtful), "--yes", environ=environ).returncode == 0
    assert "Dropped mail" in run("mail", "drop", str(lost), "--yes", environ=environ).stdout
    assert "No mail is in trouble." in run("mail", "list", environ=environ).stdout
    assert f"{doubtful:>6}  queued" in run("mail", "list", "waiting", environ=environ).stdout
    unknown = run("mail", "retry", "99", environ=environ)
    assert (unknown.returncode, unknown.stderr) == (2, "feedback-service: There is no mail 99.\n")
    with stack.database.reading() as session:
        assert session.get_one(OutboxMail, lost).state is MailState.DROPPED
