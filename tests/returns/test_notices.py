"""Notices: the customer is told once, of news only, in French or English, of what comes next."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from feedback_service import i18n
from feedback_service.hashing import address_key
from feedback_service.mail.models import Audience, OutboxMail, Suppression, SuppressionReason
from feedback_service.paths import templates_folder
from feedback_service.returns.models import ReturnState
from feedback_service.returns.payloads import CustomerIn, ReturnLineIn
from feedback_service.shops.models import Shop
from tests.returns.conftest import CAMILLE, Counter, happened, order_in, return_in
from tests.support.builders import NOW, SECRET
from tests.support.letters import unwrapped

S = ReturnState
_STEPS = {S.RECEIVED: "return_received", S.REFUNDED: "return_refunded", S.REPLACED: "return_replaced"}


def _set(counter: Counter, **values: object) -> None:
    with counter.services.database.writing() as session:
        session.execute(sa.update(Shop).values(**values))
    for name, value in values.items():
        setattr(counter.shop, name, value)


def _only(counter: Counter) -> OutboxMail:
    mails = counter.mails()
    assert len(mails) == 1
    return mails[0]


@pytest.mark.parametrize(("state", "template"), _STEPS.items(), ids=_STEPS.values())
def test_the_customer_is_told_of_each_step_that_matters(counter: Counter, state: ReturnState, template: str) -> None:
    counter.order()
    counter.returned(return_in(happened(state)))
    mail = _only(counter)
    assert (mail.kind, mail.audience, mail.language) == (template, Audience.CUSTOMER, "fr")
    assert (mail.recipient, mail.reply_to) == ("client@example.com", "support@atelier-lumen.example.com")
    assert mail.priority == 30


@pytest.mark.parametrize("state", [S.APPROVED, S.IN_TRANSIT, S.REJECTED])
def test_other_steps_send_nothing(counter: Counter, state: ReturnState) -> None:
    counter.order()
    counter.returned(return_in(happened(state)))
    assert counter.mails() == []


def test_receiving_and_refunding_are_told_one_after_the_other_and_never_twice(counter: Counter) -> None:
    counter.order()
    counter.returned(return_in())
    for event in (happened(S.RECEIVED, 9), happened(S.RECEIVED, 8), happened(S.REFUNDED, 2), happened(S.REFUNDED, 1)):
        counter.event(event)
        counter.event(event)
    assert [mail.kind for mail in counter.mails()] == ["return_received", "return_refunded"]


def test_of_steps_that_arrive_together_only_the_last_is_told(counter: Counter) -> None:
    counter.order()
    counter.returned(return_in(happened(S.RECEIVED, 9), happened(S.REFUNDED, 2)))
    assert _only(counter).kind == "return_refunded"


def test_a_receipt_that_arrives_after_the_refund_is_not_told(counter: Counter) -> None:
    counter.order()
    counter.returned(return_in(happened(S.REFUNDED, 2)))
    counter.event(happened(S.RECEIVED, 9))
    assert _only(counter).kind == "return_refunded"


@pytest.mark.parametrize(("hours", "count"), [(7 * 24, 1), (7 * 24 + 1, 0)], ids=["seven days", "an hour more"])
def test_history_is_not_told(counter: Counter, hours: int, count: int) -> None:
    counter.order()
    counter.returned(return_in(happened(S.REFUNDED, hours)))
    assert len(counter.mails()) == count


def test_a_shop_whose_platform_tells_switches_notices_off(counter: Counter) -> None:
    _set(counter, notices_enabled=False)
    counter.order()
    counter.returned(return_in(happened(S.REFUNDED)))
    assert counter.mails() == []


def test_a_silent_import_tells_nobody(counter: Counter) -> None:
    counter.order()
    counter.returned(return_in(happened(S.REFUNDED)), notify=False)
    assert counter.mails() == []


@pytest.mark.parametrize("customer", [None, CustomerIn(external_id="c1")], ids=["no customer", "no address"])
def test_without_an_address_nothing_is_sent(counter: Counter, customer: CustomerIn | None) -> None:
    counter.order(order_in(customer=customer))
    counter.returned(return_in(happened(S.REFUNDED)))
    assert counter.mails() == []


@pytest.mark.parametrize(
    ("reason", "count"),
    [
        (SuppressionReason.OBJECTION, 1),
        (SuppressionReason.HARD_BOUNCE, 0),
        (SuppressionReason.ERASURE, 0),
    ],
)
def test_an_objection_to_surveys_does_not_stop_service_mail_but_a_dead_address_does(
    counter: Counter, reason: SuppressionReason, count: int
) -> None:
    key = address_key(SECRET, "client@example.com")
    with counter.services.database.writing() as session:
        session.add(Suppression(shop_id=counter.shop.id, address_key=key, reason=reason, created_at=NOW))
    counter.order()
    counter.returned(return_in(happened(S.REFUNDED)))
    assert len(counter.mails()) == count


def test_the_received_mail_names_the_last_day_of_the_refund_in_french(counter: Counter) -> None:
    counter.order()
    counter.returned(return_in(happened(S.RECEIVED)))
    mail = _only(counter)
    assert mail.subject.split() == ["Votre", "retour", "est", "bien", "arrivé", ":", "voici", "la", "suite"]
    assert mail.text is not None
    assert "Bonjour Camille Exemple," in mail.text
    assert "Commande\u202f: AL-10001" in mail.text
    assert "1 × Lampe Aube" in mail.text
    assert "au plus tard le 30 novembre 2026" in unwrapped(mail.text)


def test_a_refund_that_is_due_already_is_promised_without_delay_not_for_a_past_day(counter: Counter) -> None:
    counter.order()
    counter.returned(return_in(happened(S.RECEIVED), requested_at=NOW - timedelta(days=16)))
    mail = _only(counter)
    assert mail.text is not None
    assert "sans tarder" in mail.text
    assert "au plus tard" not in mail.text


@pytest.mark.parametrize(("sku", "words"), [("LAMP", "1 × Lampe Aube"), ("OTHER", "1 × OTHER")])
def test_an_article_without_a_name_has_that_of_the_order_else_its_number(
    counter: Counter, sku: str, words: str
) -> None:
    counter.order()
    counter.returned(return_in(happened(S.RECEIVED), lines=(ReturnLineIn(sku, 1),)))
    assert words in (_only(counter).text or "")


def test_the_refunded_mail_names_the_amount_in_english(counter: Counter) -> None:
    counter.order(order_in(language="en-GB"))
    counter.returned(return_in(happened(S.REFUNDED), refund_amount=Decimal("1250.5")))
    mail = _only(counter)
    assert (mail.language, mail.subject) == ("en", "Your return has been refunded")
    assert mail.text is not None
    assert "Amount refunded: €1,250.50." in mail.text
    assert "within ten days" in mail.text


def test_the_language_is_the_orders_then_the_customers_then_the_shops(counter: Counter) -> None:
    counter.order(order_in(language="pl", customer=CAMILLE))
    counter.returned(return_in(happened(S.REFUNDED)))
    assert _only(counter).language == "fr"


def test_outside_text_never_becomes_markup(counter: Counter) -> None:
    evil = "<b>Lampe</b> {{ 7*7 }} %(name)s"
    counter.order(order_in(customer=CustomerIn(email="client@example.com", name="<script>alert(1)</script>")))
    counter.returned(return_in(happened(S.RECEIVED), lines=(ReturnLineIn("LAMP", 1, product=evil),)))
    mail = _only(counter)
    assert mail.html is not None
    assert "<script" not in mail.html
    assert "<b>" not in mail.html
    assert "&lt;b&gt;Lampe&lt;/b&gt; {{ 7*7 }} %(name)s" in mail.html


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("state", _STEPS, ids=_STEPS.values())
def test_each_mail_is_complete_small_and_does_not_track(counter: Counter, state: ReturnState, language: str) -> None:
    counter.order(order_in(language=language))
    counter.returned(return_in(happened(state), refund_amount=Decimal(50)))
    mail = _only(counter)
    assert mail.html is not None
    assert mail.text is not None
    assert f'<html lang="{language}">' in mail.html
    assert "<img" not in mail.html
    assert "http" not in mail.text
    assert len(mail.html.encode()) < 100_000
    assert not re.search(r"\n{4,}", mail.text)
    assert "Atelier Lumen SAS" in mail.text


def test_every_sentence_of_the_mails_has_its_french() -> None:
    french = i18n.translations("fr")
    for template in _STEPS.values():
        for path in (templates_folder() / "mail" / template).iterdir():
            for sentence in re.findall(r'_\("([^"]+)"', path.read_text(encoding="utf-8")):
                assert french.gettext(sentence) != sentence, f"{path.name}: {sentence}"
