"""What came back, as staff see it: on a page of its own, and on that of the return."""

import sqlalchemy as sa

from feedback_service.mail.incoming.kinds import MailClass
from feedback_service.mail.models import Audience
from feedback_service.shops.models import Shop
from tests.support.arrivals import add_arrivals, make_arrival, make_sent
from tests.support.builders import NOW, make_return, make_shop
from tests.support.staff import Visitor
from tests.web_staff.conftest import House


def test_the_page_says_what_will_appear_where_nothing_has_come(camille: Visitor) -> None:
    assert "Nothing has come back yet." in camille.read("/mail-in")


def test_the_page_says_what_came_and_what_to_do(house: House, camille: Visitor) -> None:
    with house.services.database.writing() as session:
        shop = session.get_one(Shop, house.shop_id)
        add_arrivals(session, shop, make_return(session, shop), NOW)

    page = camille.read("/mail-in")
    assert "1 mail to the staff came back in the last 7 days" in page
    assert "Unauthenticated_email" in page
    assert "Called spam" in page
    assert "delayed, not lost" in page
    assert "Amazon SES" in page
    assert "1 more that is about no mail" in page


def test_complaints_are_told_from_the_share_on_at_which_providers_refuse(house: House, camille: Visitor) -> None:
    with house.services.database.writing() as session:
        shop = session.get_one(Shop, house.shop_id)
        for number in range(20):
            own = {"cause": f"survey:{number}", "message_id": f"<{number}@example.com>", "recipient_key": f"p{number}"}
            mail = make_sent(session, shop, NOW, **own)
            if number < 2:
                make_arrival(session, mail, NOW, MailClass.COMPLAINT, key=f"c{number}")

    assert "10.00% of the mails were called spam" in camille.read("/mail-in")


def test_another_shop_s_arrivals_are_not_shown(house: House, camille: Visitor) -> None:
    with house.services.database.writing() as session:
        other = make_shop(session, "other")
        mail = make_sent(session, other, NOW, subject="Secret", audience=Audience.STAFF)
        make_arrival(session, mail, NOW, MailClass.HARD, diagnosis="secret words")

    page = camille.read("/mail-in")
    assert "Secret" not in page
    assert "secret" not in page
    assert "to the staff" not in page


def test_the_page_of_a_return_shows_its_mails_that_came_back_and_what_the_customer_wrote(
    house: House, camille: Visitor
) -> None:
    with house.services.database.writing() as session:
        shop = session.get_one(Shop, house.shop_id)
        returned = make_return(session, shop)
        add_arrivals(session, shop, returned, NOW)
        quiet = make_return(session, shop, external_id="R-2")
        assert session.scalar(sa.select(sa.func.count()).select_from(Shop)) == 1

    page = camille.read(f"/returns/{returned.id}")
    assert "Toujours rien reçu." in page
    assert "The address is dead" in page
    assert "Which mails came back?" not in camille.read(f"/returns/{quiet.id}")
