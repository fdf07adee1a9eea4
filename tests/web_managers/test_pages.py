"""The dashboard and the digests: who may see them, what they show, and what they show when empty."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page

from feedback_service.app import create_app
from feedback_service.bootstrap import Services
from feedback_service.digest.models import Digest
from feedback_service.links import Links
from feedback_service.mail.models import OutboxMail
from feedback_service.shops.models import Role, Shop
from jobs import send_digests
from tests.support.browser import DESKTOP, PHONE, scrolls_sideways, serving, violations
from tests.support.builders import NOW, make_order, make_return, make_shop
from tests.support.staff import PASSWORD
from tests.support.voices import make_answer, make_sent_survey, make_source, make_story
from tests.web_managers.conftest import EMAIL, SignIn, join


def _shop(services: Services, slug: str = "atelier", orders: int = 40, returns: int = 12) -> Shop:
    with services.database.writing() as session:
        shop = make_shop(session, slug, name=slug.title())
        for number in range(orders):
            order = make_order(session, shop, f"AL-1{number:04}", ordered_at=NOW - timedelta(days=3))
            if number < returns:
                at = NOW - timedelta(days=2)
                returned = make_return(session, shop, order, external_id=f"R-{number}", requested_at=at)
                make_sent_survey(session, returned, at, answered_at=at)
                make_answer(session, shop, 5 if number % 4 else 2, at, effort=6)
        if orders:
            make_source(session, shop)
            make_story(session, shop, NOW - timedelta(days=4), title="<b>Jamais</b> arrivé")
    return shop


def test_a_stranger_is_sent_to_the_login(services: Services) -> None:
    client = create_app(services).test_client()
    for address in ("/dashboard", "/digests", "/digests/1"):
        answer = client.get(address)
        assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, "/login")


def test_an_agent_may_not_see_the_figures(services: Services, sign_in: SignIn) -> None:
    client = sign_in(_shop(services), role=Role.AGENT)
    assert [client.get(address).status_code for address in ("/dashboard", "/digests", "/digests/1")] == [403] * 3


@pytest.mark.parametrize("role", [Role.MANAGER, Role.ADMIN])
def test_a_manager_reads_the_number_its_n_and_its_interval(services: Services, sign_in: SignIn, role: Role) -> None:
    text = sign_in(_shop(services), role=role).get("/dashboard").text
    assert "Why do items come back?" in text
    assert "Faulty or not working" in text
    assert "of orders came back: 12 of 40 (95% interval 18–45%)." in text
    assert text.count("<svg") >= 3


def test_the_page_speaks_the_readers_language(services: Services, sign_in: SignIn) -> None:
    page = sign_in(_shop(services), language="fr").get("/dashboard").text
    assert "Pourquoi les articles reviennent-ils" in page
    assert "12 sur 40" in page


@pytest.mark.parametrize(
    ("period", "orders"), [("4w", "0 of 20"), ("12w", "0 of 20"), ("12m", "0 of 21"), ("x", "0 of 20")]
)
def test_the_period_is_chosen_by_a_link(services: Services, sign_in: SignIn, period: str, orders: str) -> None:
    shop = _shop(services, orders=20, returns=0)
    with services.database.writing() as session:
        make_order(session, session.merge(shop), "AL-old", ordered_at=NOW - timedelta(days=200))
    assert f"came back: {orders}" in sign_in(shop).get(f"/dashboard?period={period}").text


def test_an_empty_shop_is_told_what_will_appear_and_what_to_do(services: Services, sign_in: SignIn) -> None:
    client = sign_in(_shop(services, orders=0))
    page = client.get("/dashboard").text
    assert "There are no figures for this period yet." in page
    assert "feedback-service import orders FILE" in page
    assert "Each Monday from eight" in client.get("/digests").text


def test_the_choice_of_shop_is_hidden_while_there_is_one(services: Services, sign_in: SignIn) -> None:
    assert "shop=atelier" in (text := sign_in(_shop(services)).get("/dashboard").text)
    assert 'aria-label="Shop"' not in text


def test_each_shop_has_its_own_figures_and_others_do_not_exist(services: Services, sign_in: SignIn) -> None:
    one, two = _shop(services), _shop(services, "brume", orders=20, returns=0)
    _shop(services, "foreign")
    client = sign_in(one, two)
    assert "12 of 40" in client.get("/dashboard").text
    assert "0 of 20" in client.get("/dashboard?shop=brume").text
    assert client.get("/dashboard?shop=foreign").status_code == 404


def test_a_digest_has_the_figures_of_its_mail(services: Services, sign_in: SignIn) -> None:
    client = sign_in(_shop(services))
    assert send_digests.run(services) == 1
    with services.database.reading() as session:
        mail = session.scalars(sa.select(OutboxMail).where(OutboxMail.kind == "digest")).one()
        number = session.scalars(sa.select(Digest.id)).one()
    page = client.get(f"/digests/{number}").text
    assert mail.text is not None
    for sentence in ("of orders came back: 12 of 40 (95% interval 18–45%).", "12 of 12", "Nobody has taken this story"):
        assert sentence in page
        assert sentence in mail.text
    assert f'href="/digests/{number}"' in client.get("/digests").text


def test_outside_text_never_becomes_markup(services: Services, sign_in: SignIn) -> None:
    client = sign_in(_shop(services))
    send_digests.run(services)
    pages = client.get("/digests/1").text + client.get("/digests").text
    assert "<b>Jamais" not in pages
    assert "&lt;b&gt;Jamais" in pages


def test_older_digests_stand_on_further_pages(services: Services, sign_in: SignIn) -> None:
    shop = _shop(services)
    client = sign_in(shop)
    assert send_digests.run(services) == 1
    with services.database.writing() as session:
        first = session.scalars(sa.select(Digest)).one()
        for weeks in range(1, 27):
            at = {"week_on": first.week_on - timedelta(weeks=weeks), "built_at": first.built_at}
            session.add(Digest(shop_id=shop.id, contents=first.contents, **at))
    page = client.get("/digests").text
    assert "Page 1 of 2" in page
    assert page.count('href="/digests/') == 26
    assert client.get("/digests?page=2").text.count('href="/digests/') == 1


def test_a_shop_that_is_not_named_is_the_readers_first(services: Services, sign_in: SignIn) -> None:
    assert sign_in(_shop(services)).get("/dashboard?shop=").status_code == 200


def test_another_shops_digest_does_not_exist(services: Services, sign_in: SignIn) -> None:
    client = sign_in(_shop(services))
    other = _shop(services, "foreign")
    with services.database.writing() as session:
        digest = Digest(shop_id=other.id, week_on=NOW.date(), contents={}, built_at=NOW)
        session.add(digest)
        session.flush()
        number = digest.id
    assert client.get(f"/digests/{number}").status_code == 404
    assert client.get("/digests/999").status_code == 404


def test_the_links_of_the_mails_lead_to_the_pages(services: Services, sign_in: SignIn) -> None:
    client = sign_in(_shop(services))
    send_digests.run(services)
    links = Links("")
    assert [client.get(address).status_code for address in (links.dashboard(), links.digest(1))] == [200, 200]


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_are_accessible_and_fit_a_phone(services: Services, chromium: Browser, scheme: str) -> None:
    shop = _shop(services)
    join(services, shop, language="fr")
    send_digests.run(services)
    with serving(create_app(services)) as address:
        for window in (PHONE, DESKTOP):
            context = chromium.new_context(viewport=window, color_scheme=scheme, locale="fr-FR")  # type: ignore[arg-type]  # a table of options
            _look_around(context.new_page(), address)
            context.close()


def _look_around(page: Page, address: str) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"{address}/login?next=/dashboard")
    page.fill("[name=email]", EMAIL)
    page.fill("[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url("**/dashboard")
    for path in ("/dashboard", "/dashboard?period=12m", "/digests", "/digests/1"):
        page.goto(address + path)
        for summary in page.locator("summary").all():
            summary.click()
        assert violations(page) == [], path
        assert not scrolls_sideways(page), path
    assert complaints == []
