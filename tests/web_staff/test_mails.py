"""The page of the outbox: for administrators, in their language; sending again asks where it may arrive twice."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from feedback_service.mail.models import MailPace, MailState, OutboxMail
from feedback_service.mail.paces import EVERYTHING
from feedback_service.shops.models import AuditEntry, Role
from tests.mail.stack import letter
from tests.support.builders import NOW, make_shop
from tests.support.staff import Visitor
from tests.web_staff.conftest import House

DOUBT = "The process ended while this mail was with the server: it may have arrived."


def administrator(house: House, language: str = "en") -> Visitor:
    """Return an administrator, signed in."""
    return house.joined_by("Ana", Role.ADMIN, language)


def put(house: House, number: int, shop_id: int | None = None, **values: Any) -> int:  # noqa: ANN401 - any column
    """Put one mail into the outbox; return its id."""
    with house.services.database.writing() as session:
        mail = letter(shop_id or house.shop_id, number, **values)
        session.add(mail)
        session.flush()
        return mail.id


def doubtful(house: House) -> int:
    """Return a mail that may have arrived."""
    return put(house, 1, kind="survey", state=MailState.AMBIGUOUS, due_at=None, last_error=DOUBT)


def state_of(house: House, mail_id: int) -> MailState:
    """Return where a mail stands."""
    with house.services.database.reading() as session:
        return session.get_one(OutboxMail, mail_id).state


def test_only_administrators_see_the_outbox(house: House, camille: Visitor) -> None:
    assert camille.get("/mails").status_code == 403
    assert camille.press("/inbox", "/mails/1/drop").status_code == 403
    assert "/mails" not in camille.get("/inbox").text
    assert 'href="/mails"' in administrator(house).get("/inbox").text


def test_an_outbox_in_good_order_says_so(house: House) -> None:
    shown = administrator(house).get("/mails").text
    assert "Yes: nothing waits, and nothing is in trouble." in shown
    assert "No mail is in trouble." in shown
    assert "none: as fast as the mail server takes them" in shown


def test_a_doubtful_mail_is_sent_again_after_a_question(house: House) -> None:
    mail_id, ana = doubtful(house), administrator(house)
    shown = ana.get("/mails").text
    assert "1 mail needs a look." in shown
    assert f'href="/mails/{mail_id}/retry"' in shown
    assert "it may arrive twice" in ana.get(f"/mails/{mail_id}/retry").text
    assert ana.press("/mails", f"/mails/{mail_id}/retry").status_code == 409
    assert state_of(house, mail_id) is MailState.AMBIGUOUS
    assert ana.press("/mails", f"/mails/{mail_id}/retry", twice="yes").status_code == 303
    assert state_of(house, mail_id) is MailState.QUEUED
    with house.services.database.reading() as session:
        entry = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "mail.retry")).one()
        assert entry.staff_id is not None


def test_a_failed_mail_is_dropped(house: House) -> None:
    why = "The mail server answered 554 5.7.1 <b>No</b>"
    mail_id = put(house, 1, state=MailState.FAILED, due_at=None, last_error=why)
    ana = administrator(house)
    assert "The mail server answered: 554 5.7.1 &lt;b&gt;No&lt;/b&gt;" in ana.get("/mails").text
    assert ana.press("/mails", f"/mails/{mail_id}/drop").status_code == 303
    assert state_of(house, mail_id) is MailState.DROPPED
    assert ana.press("/mails", f"/mails/{mail_id}/drop").status_code == 409
    assert "Dropped by hand." in ana.get("/mails?view=ended").text


def test_pauses_and_old_mails_are_told(house: House) -> None:
    put(house, 1, created_at=NOW - timedelta(hours=3))
    with house.services.database.writing() as session:
        until = NOW + timedelta(minutes=15)
        session.add(
            MailPace(scope=EVERYTHING, strikes=20, paused_until=until, why="451 4.7.0 Try later", changed_at=NOW)
        )
    shown = administrator(house).get("/mails?view=waiting").text
    assert "No: all mail waits, because the mail server refuses it." in shown
    assert "20 mails in a row were refused" in shown
    assert "451 4.7.0 Try later" in shown
    assert "the oldest was written 3 hours ago" in shown


def test_the_page_in_french(house: House) -> None:
    doubtful(house)
    shown = administrator(house, "fr").get("/mails").text
    assert "Tous les messages partent-ils" in shown
    assert "Le processus s’est arrêté pendant que ce message était remis au serveur" in shown


@pytest.mark.parametrize("address", ["/mails?view=nonsense", "/mails/99/retry"])
def test_what_is_not_there_is_not_found(house: House, address: str) -> None:
    assert administrator(house).get(address).status_code == 404


def test_mails_of_another_shop_stay_out_of_sight(house: House) -> None:
    with house.services.database.writing() as session:
        other = make_shop(session, slug="other").id
    mail_id = put(house, 1, shop_id=other, state=MailState.FAILED, due_at=None)
    ana = administrator(house)
    assert "No mail is in trouble." in ana.get("/mails").text
    assert ana.press("/mails", f"/mails/{mail_id}/drop").status_code == 404
    assert ana.press("/mails", "/mails/1/nonsense").status_code == 404
