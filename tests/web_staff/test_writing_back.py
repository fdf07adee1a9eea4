"""An agent sees on the page of a story whether its customer may be written to, and does it by one click."""

from datetime import timedelta
from urllib.parse import unquote

import pytest
import sqlalchemy as sa

from feedback_service.alerts.models import Story
from feedback_service.hashing import address_key
from feedback_service.mail.models import OutboxMail
from feedback_service.returns.models import Customer
from feedback_service.shops.models import Shop
from feedback_service.surveys.models import Invitation
from tests.support.builders import NOW, make_customer, make_return
from tests.support.staff import Visitor
from tests.support.stories import make_answer
from tests.web_staff.conftest import House

INES = "ines@example.com"


def answered(house: House, *, permitted: bool, asked: str = INES) -> str:
    """Let a customer answer badly; return the address of the story's page."""
    with house.services.database.writing() as session:
        shop = session.get_one(Shop, house.shop_id)
        customer = make_customer(session, shop, email=INES)
        returned = make_return(session, shop, customer_id=customer.id)
        invitation = Invitation(
            shop_id=shop.id,
            return_id=returned.id,
            token_digest="t",  # noqa: S106 - no secret
            recipient_key=address_key(house.services.secret, asked),
            language="fr",
            created_at=NOW,
            expires_at=NOW + timedelta(days=30),
        )
        session.add(invitation)
        session.flush()
        at = NOW if permitted else None
        answer = make_answer(session, shop, returned, invitation_id=invitation.id, contact_permitted_at=at)
        story = house.services.story_desk.answer_came_in(session, answer, NOW)
        assert story is not None
        return f"/stories/{story.id}"


def test_a_customer_who_wants_it_is_written_to_by_one_click_with_the_reply(house: House, camille: Visitor) -> None:
    page = camille.read(answered(house, permitted=True))
    assert "The customer may be written to about it." in page
    link = unquote(page.partition('href="mailto:')[2].partition('"')[0])
    assert link.startswith(f"{INES}?body=Bonjour,\r\n\r\n")
    assert "Répondez simplement à ce message" in link
    assert "public replies" not in page


def test_a_customer_who_did_not_ask_for_it_is_left_alone(house: House, camille: Visitor) -> None:
    page = camille.read(answered(house, permitted=False))
    assert "did not ask to be written to" in page
    assert "mailto:" not in page


def test_only_the_address_that_got_the_survey_is_written_to(house: House, camille: Visitor) -> None:
    page = camille.read(answered(house, permitted=True, asked="before@example.com"))
    assert "The customer may be written to about it." in page
    assert "mailto:" not in page


def test_nobody_is_written_to_after_the_address_is_forgotten(house: House, camille: Visitor) -> None:
    address = answered(house, permitted=True)
    with house.services.database.writing() as session:
        session.execute(sa.update(Customer).values(email=None))
    assert "mailto:" not in camille.read(address)


@pytest.mark.parametrize(("permitted", "words"), [(True, "may be written to"), (False, "did not ask to be written to")])
def test_the_alert_says_so_in_both_parts(house: House, *, permitted: bool, words: str) -> None:
    answered(house, permitted=permitted)
    with house.services.database.reading() as session:
        assert session.scalars(sa.select(Story)).one().return_id
        mail = session.scalars(sa.select(OutboxMail).where(OutboxMail.kind == "story_alert")).one()
        assert words in " ".join((mail.text or "").split())
        assert words in " ".join((mail.html or "").split())
