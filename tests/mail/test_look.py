"""A shop's look reaches its customers: colour, names and logo in the mail; and a broken own template its operators."""

import dataclasses
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path

import pytest
import sqlalchemy as sa

from feedback_service.bootstrap import Services
from feedback_service.errors import InvalidInputError
from feedback_service.mail.models import Audience, MailImage, MailState, OutboxMail
from feedback_service.samples import Sampler
from feedback_service.shops import configuration
from feedback_service.shops.contrast import palette
from feedback_service.shops.look import look_of, remove_logo, sender_name, set_logo
from feedback_service.shops.models import Role, Shop, ShopLogo
from tests.mail.stack import Stack
from tests.support.builders import NOW, make_shop, make_staff
from tests.support.letters import return_letter, unwrapped

DATA = Path(__file__).parents[1] / "shops" / "data"
PNG, JPEG = (DATA / "logo.png").read_bytes(), (DATA / "logo.jpg").read_bytes()


def post(
    services: Services, logo: bytes | None = None, audience: Audience = Audience.CUSTOMER, **values: str
) -> OutboxMail:
    """Post the mail about a return of a shop with these settings; return its row."""
    with services.database.writing() as session:
        shop = make_shop(session)
        configuration.change(shop, values)
        if logo:
            set_logo(session, shop, logo, NOW)
        letter = return_letter(shop, "client@example.com", NOW, cause="test", audience=audience)
        mail = services.outbox.post(session, letter, NOW)
        assert mail
        return mail


def sent(stack: Stack) -> EmailMessage:
    """Send what waits; return the one mail that arrived."""
    assert stack.run() == 1
    (received,) = stack.server.received
    return message_from_bytes(received.data, policy=policy.default)


@pytest.mark.parametrize(("logo", "kind"), [(PNG, "image/png"), (JPEG, "image/jpeg")], ids=["png", "jpeg"])
def test_the_logo_is_attached_where_the_mail_is_sent_and_stored_once(stack: Stack, logo: bytes, kind: str) -> None:
    mail = post(stack.services, logo)
    with stack.database.reading() as session:
        assert session.scalars(sa.select(MailImage)).all() == []
        digest = session.scalars(sa.select(ShopLogo.digest)).one()
    assert f'src="cid:logo-{digest}" width="240" height="60" alt="Atelier Lumen"' in (mail.html or "")
    message = sent(stack)
    (image,) = [part for part in message.walk() if part.get_content_maintype() == "image"]
    assert image.get_content_type() == kind
    assert image["Content-ID"] == f"<logo-{digest}>"
    assert image.get_content() == logo
    assert "https" not in [str(part.get("Content-Location")) for part in message.walk()]


def test_a_logo_that_was_replaced_stays_in_the_mails_that_wait(stack: Stack) -> None:
    post(stack.services, PNG)
    with stack.database.writing() as session:
        set_logo(session, session.scalars(sa.select(Shop)).one(), JPEG, NOW)
    (image,) = [part for part in sent(stack).walk() if part.get_content_maintype() == "image"]
    assert image.get_content() == PNG


def test_the_colour_stands_in_the_mail_as_it_can_be_read(stack: Stack) -> None:
    html = post(stack.services, accent="#ffcc00").html or ""
    made = palette("#ffcc00")
    assert made.is_adjusted
    for colour in (made.brand, made.accent, made.accent_dark):
        assert colour in html
    assert "#1d5c4a" not in html


def test_mails_to_staff_have_our_look(stack: Stack) -> None:
    html = post(stack.services, PNG, Audience.STAFF, accent="#ffcc00").html or ""
    assert "cid:" not in html
    assert palette().accent in html


def test_each_kind_of_mail_may_have_a_name_of_its_own(stack: Stack) -> None:
    mail = post(stack.services, notice_sender_name="Retours Lumen", survey_sender_name="Camille, Atelier Lumen")
    assert mail.sender == "Retours Lumen <bonjour@atelier-lumen.example.com>"
    with stack.database.reading() as session:
        shop = session.scalars(sa.select(Shop)).one()
    assert sender_name(shop, "survey") == sender_name(shop, "survey_reminder") == "Camille, Atelier Lumen"
    assert sender_name(shop, "digest") == "Atelier Lumen"


@pytest.mark.parametrize(
    ("name", "read"),
    [
        pytest.param('Camille "Lumen", SAS', 'Camille "Lumen", SAS', id="quotes and a comma"),
        pytest.param("<b>Lumen</b> @ (Paris); a:b \\", "<b>Lumen</b> @ (Paris); a:b \\", id="signs of the syntax"),
        pytest.param("L’Atelier 💡 Lumen", "L’Atelier 💡 Lumen", id="emoji"),
        pytest.param("👩‍🔧 Réparations", "👩‍🔧 Réparations", id="emoji put together"),
        pytest.param("Atelier\u00a0Lumen\u202f!", "Atelier Lumen !", id="spaces of French typography"),
        pytest.param("=?utf-8?q?Lumen?=", "=?utf-8?q?Lumen?=", id="looks encoded"),
        pytest.param("متجر لومن", "متجر لومن", id="right to left"),
        pytest.param("é" * 100, "é" * 100, id="long"),
    ],
)
def test_a_sender_name_arrives_as_it_was_written(stack: Stack, name: str, read: str) -> None:
    post(stack.services, notice_sender_name=name)
    assert stack.run() == 1
    (received,) = stack.server.received
    raw = message_from_bytes(received.data)
    assert len(raw.get_all("From", [])) == 1
    encoded, address = parseaddr(str(raw["From"]))
    assert address == "bonjour@atelier-lumen.example.com"
    assert str(make_header(decode_header(encoded))) == read


@pytest.mark.parametrize("name", ["a\nb", "a\rBcc: x", "a\u2028b", "a\x00b", "\u202egnp.exe", "\x7f", "\u200b"])
def test_a_sender_name_with_what_nobody_sees_is_refused(services: Services, name: str) -> None:
    with services.database.writing() as session, pytest.raises(InvalidInputError, match="one line"):
        configuration.change(make_shop(session), {"notice_sender_name": name})


def test_a_logo_may_be_taken_away_and_given_again(services: Services) -> None:
    with services.database.writing() as session:
        shop = make_shop(session)
        first = set_logo(session, shop, PNG, NOW)
        remove_logo(shop)
        assert look_of(shop).logo is None
        assert set_logo(session, shop, PNG, NOW) == first == look_of(shop).logo


def test_a_bad_logo_changes_nothing_and_is_a_sentence(services: Services) -> None:
    with services.database.writing() as session:
        shop = make_shop(session)
        with pytest.raises(InvalidInputError, match=r"^The file is neither PNG nor JPEG; .*\.$"):
            set_logo(session, shop, b"<svg/>", NOW)
        assert look_of(shop).logo is None


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        pytest.param({"accent": "green"}, "accent: 'green' is not a colour", id="colour"),
        pytest.param({"survey_sender_name": "a\nBcc: x"}, "one line", id="line break"),
        pytest.param({"sender_name": "x" * 101}, "at most 100", id="long"),
    ],
)
def test_a_look_that_cannot_be_is_refused(services: Services, values: dict[str, str], complaint: str) -> None:
    with services.database.writing() as session:
        shop = make_shop(session)
        with pytest.raises(InvalidInputError, match=complaint):
            configuration.change(shop, values)


def test_a_broken_own_template_stops_no_mail_and_is_told_to_the_operator_once(stack: Stack) -> None:
    own = stack.services.settings.instance / "templates" / "mail" / "return_received"
    own.mkdir(parents=True)
    (own / "body.txt").write_text("{{ nmae }}", encoding="utf-8")
    with stack.database.writing() as session:
        shop = make_shop(session)
        make_staff(session, shop, "chef@example.com", role=Role.ADMIN)
        make_staff(session, shop, "agent@example.com")
        for number in (1, 2):
            letter = return_letter(shop, "client@example.com", NOW, cause=f"test:{number}")
            stack.services.outbox.post(session, letter, NOW)
    with stack.database.reading() as session:
        mails = session.scalars(sa.select(OutboxMail).order_by(OutboxMail.id)).all()
    customers = [mail for mail in mails if mail.kind == "return_received"]
    (told,) = [mail for mail in mails if mail.kind == "template_broken"]
    assert all("Lampe Aube" in (mail.text or "") for mail in customers)
    assert told.recipient == "chef@example.com"
    assert "mail/return_received/body.txt, ligne 1\u202f: «\u202fnmae\u202f» n’existe pas" in unwrapped(told.text)
    assert stack.run() == 3
    assert stack.states() == {MailState.SENT: 3}


def test_the_reason_is_told_in_the_operators_language_once_for_all_mails_and_without_their_tokens(stack: Stack) -> None:
    own = stack.services.settings.instance / "templates" / "mail" / "survey"
    own.mkdir(parents=True)
    (own / "body.txt").write_text("{{ token }}", encoding="utf-8")
    with stack.database.writing() as session:
        shop = make_shop(session)
        make_staff(session, shop, "chef@example.com", role=Role.ADMIN, language="fr")
        for number in (1, 2):
            sample = Sampler(shop, stack.services.settings, stack.services.links, "en", NOW).survey()
            tokens = {**sample.context, "token": f"{number}0123456789abcdefghijkl"}
            letter = dataclasses.replace(sample, cause=f"test:{number}", context=tokens)
            stack.services.outbox.post(session, letter, NOW)
    with stack.database.reading() as session:
        (told,) = session.scalars(sa.select(OutboxMail).where(OutboxMail.kind == "template_broken")).all()
    assert "Il manque à la partie texte le lien" in unwrapped(told.text)
    assert "0123456789abcdefghijkl" not in (told.text or "") + (told.html or "")


def test_the_operator_is_told_even_by_a_broken_layout(stack: Stack) -> None:
    own = stack.services.settings.instance / "templates" / "mail"
    own.mkdir(parents=True)
    (own / "layout.html").write_text("{% broken %}", encoding="utf-8")
    with stack.database.writing() as session:
        shop = make_shop(session)
        make_staff(session, shop, "chef@example.com", role=Role.ADMIN)
        stack.services.outbox.post(session, return_letter(shop, "client@example.com", NOW, cause="test"), NOW)
    assert stack.run() == 2
