"""The learning page: what was learned, whether it is used, and who may change that."""

import re

import pytest
import sqlalchemy as sa

from feedback_service.bootstrap import Services
from feedback_service.learning.desk import model_of
from feedback_service.learning.models import ShopModel
from feedback_service.shops.models import AuditEntry, Role, Shop
from tests.support.builders import make_shop
from tests.support.lessons import add_answers
from tests.support.staff import Visitor
from tests.web_managers.conftest import SignIn


def learned_shop(services: Services, count: int = 80) -> Shop:
    with services.database.writing() as session:
        shop = make_shop(session)
        add_answers(session, shop, count)
    services.learning_desk.learn_now(shop, services.clock.now())
    return shop


def model(services: Services, shop: Shop) -> ShopModel:
    with services.database.reading() as session:
        return model_of(session, shop.id)


def test_the_page_says_in_figures_whether_own_words_help(services: Services, sign_in: SignIn) -> None:
    shop = learned_shop(services)
    page = Visitor(sign_in(shop)).read("/learning")
    assert "<h1>Do we judge better with our own words?</h1>" in page
    assert "Yes. With them the service judged better on texts it had not seen, so it uses them." in page
    assert "80 (at least 60 are needed)" in page
    assert "23 Nov 2026, 10:30" in page
    assert "30 Nov 2026, 10:30" in page
    row = page.split("Of 100 pairs of a complaint and another text")[1].split("</tr>")[0]
    learned = model(services, shop)
    assert learned.base_auc is not None
    assert learned.auc is not None
    assert f"<td>{100 * learned.base_auc:.1f}</td><td>{100 * learned.auc:.1f}</td>" in row


def test_the_page_speaks_french(services: Services, sign_in: SignIn) -> None:
    page = Visitor(sign_in(learned_shop(services), language="fr")).read("/learning")
    assert "Jugeons-nous mieux avec nos propres mots\u202f?" in page
    assert re.search(r"<td>\d+,\d</td><td>\d+,\d</td>", page)


def test_a_shop_that_has_learned_nothing_says_what_is_missing(services: Services, sign_in: SignIn) -> None:
    with services.database.writing() as session:
        shop = make_shop(session)
    visitor = Visitor(sign_in(shop))
    assert "Not yet: the shop has not learned so far." in visitor.read("/learning")
    services.learning_desk.learn_now(shop, services.clock.now())
    page = visitor.read("/learning")
    assert "Not yet: there are too few texts." in page
    assert "0 (at least 60 are needed)" in page
    assert "<table" not in page


def test_only_administrators_have_buttons(services: Services, sign_in: SignIn) -> None:
    shop = learned_shop(services)
    visitor = Visitor(sign_in(shop))
    assert "formaction" not in visitor.read("/learning")
    assert visitor.press("/learning", f"/learning/{shop.slug}/off").status_code == 403
    assert model(services, shop).is_on


def test_agents_do_not_see_the_page(services: Services, sign_in: SignIn) -> None:
    visitor = Visitor(sign_in(learned_shop(services, 3), role=Role.AGENT))
    assert visitor.get("/learning").status_code == 403
    assert 'href="/learning"' not in visitor.read("/inbox")


def test_an_administrator_switches_off_and_on_deletes_and_lets_learn(services: Services, sign_in: SignIn) -> None:
    shop = learned_shop(services)
    visitor = Visitor(sign_in(shop, role=Role.ADMIN))

    def press(action: str) -> str:
        assert f'formaction="/learning/atelier/{action}"' in visitor.read("/learning")
        assert visitor.press("/learning", f"/learning/atelier/{action}").status_code == 303
        return visitor.read("/learning")

    assert "Switched off: mentions are judged as for every shop." in press("off")
    assert not model(services, shop).is_used
    assert "Switched on: what was learned is used where it judges better." in press("on")
    assert model(services, shop).is_used
    page = press("learn")
    assert "at the next run, within the hour" in page
    assert model(services, shop).due_at == services.clock.now()
    page = press("delete")
    assert "Deleted, and switched off." in page
    assert 'formaction="/learning/atelier/delete"' not in page
    assert model(services, shop).weights is None
    with services.database.reading() as session:
        written = session.execute(
            sa.select(AuditEntry.action, AuditEntry.staff_id).where(AuditEntry.action.startswith("learning."))
        ).all()
    assert [action for action, _ in written] == ["learning.off", "learning.on", "learning.asked", "learning.forgotten"]
    assert all(staff_id for _, staff_id in written)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        pytest.param("/learning/other/off", 404, id="another_shop"),
        pytest.param("/learning/nowhere/off", 404, id="no_shop"),
        pytest.param("/learning/atelier/explode", 404, id="no_action"),
    ],
)
def test_other_shops_and_unknown_actions_are_not_there(
    services: Services, sign_in: SignIn, address: str, status: int
) -> None:
    with services.database.writing() as session:
        shop = make_shop(session)
        other = make_shop(session, "other", name="Other")
    visitor = Visitor(sign_in(shop, role=Role.ADMIN))
    assert "Other</h2>" not in visitor.read("/learning")
    assert visitor.press("/learning", address).status_code == status
    assert model(services, other).is_on


def test_buttons_need_the_token(services: Services, sign_in: SignIn) -> None:
    shop = learned_shop(services, 3)
    client = sign_in(shop, role=Role.ADMIN)
    assert client.post(f"/learning/{shop.slug}/off").status_code == 400
    assert client.get(f"/learning/{shop.slug}/off").status_code == 405
    assert model(services, shop).is_on
