"""The page of a story shows what a mention said before it was edited, and that its page does not show it any more."""

from datetime import timedelta

import sqlalchemy as sa

from feedback_service.mentions.models import Document, DocumentVersion, version_digest
from feedback_service.shops.models import Shop
from tests.support.builders import NOW
from tests.support.staff import Visitor
from tests.web_staff.conftest import House
from tests.web_staff.test_pages import open_story

OLD = "Jamais reçu ! <b>Ecrivez-moi</b> : camille@example.com"


def edited_story(house: House) -> int:
    """Open a story whose mention was edited once, and is gone; return its id."""
    story_id = open_story(house)
    with house.services.database.writing() as session:
        document = session.scalars(sa.select(Document)).one()
        document.edits, document.gone_at = 1, NOW + timedelta(days=1)
        old = {"title": "Colis perdu", "text": OLD, "digest": version_digest("Colis perdu", OLD)}
        session.add(DocumentVersion(document_id=document.id, replaced_at=NOW, **old))
    return story_id


def test_earlier_texts_are_shown_masked_with_their_digest_and_day(house: House, camille: Visitor) -> None:
    page = camille.read(f"/stories/{edited_story(house)}")
    raw = camille.get("/stories/1").text
    assert "What it said before it was edited" in page
    assert "Colis perdu" in page
    assert version_digest("Colis perdu", OLD)[:12] in page
    assert version_digest("Colis perdu", OLD)[:13] not in page
    assert "No longer shown on its page since" in page
    assert "camille@example.com" not in raw
    assert "<b>Ecrivez-moi" not in raw


def test_a_story_without_an_order_says_whether_orders_are_looked_for(house: House, camille: Visitor) -> None:
    address = f"/stories/{open_story(house)}"
    assert "No order number stands in the text." in camille.read(address)
    with house.services.database.writing() as session:
        session.get_one(Shop, house.shop_id).order_number_pattern = ""
    assert "Order numbers are not looked for yet" in camille.read(address)


def test_a_mention_as_it_was_found_has_no_history(house: House, camille: Visitor) -> None:
    page = camille.read(f"/stories/{open_story(house)}")
    assert "before it was edited" not in page
    assert "No longer shown" not in page
