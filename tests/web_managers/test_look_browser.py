"""The look page and the mails themselves in a real browser: phone and desk, light and dark, in any colour."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from feedback_service.app import create_app
from feedback_service.bootstrap import Services
from feedback_service.shops import configuration
from feedback_service.shops.look import set_logo
from feedback_service.shops.models import Shop
from tests.support.browser import DESKTOP, PHONE, follow, scrolls_sideways, serving, violations
from tests.support.builders import NOW, make_shop
from tests.support.staff import PASSWORD
from tests.web_managers.conftest import EMAIL, join

pytestmark = pytest.mark.browser

Scheme = Literal["light", "dark"]
LOGO = Path(__file__).parents[1] / "shops" / "data" / "logo.png"
# What a mail program shows is no page of a site: it has no landmarks.
_OF_PAGES = ("region", "landmark-one-main", "page-has-heading-one")


@pytest.fixture
def database_url(tmp_path: Path, sqlite_template: Path) -> str:
    """One kind of database is enough for what is seen."""
    path = tmp_path / "feedback.sqlite"
    path.write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{path}"


@pytest.fixture
def address(services: Services) -> Iterator[str]:
    """The address of an installation with a shop and its manager."""
    with services.database.writing() as session:
        shop = make_shop(session, privacy_url="https://atelier-lumen.example.com/privacy")
    join(services, shop)
    with serving(create_app(services)) as address:
        yield address


def dress(services: Services, accent: str) -> None:
    """Give the shop a logo and a colour."""
    with services.database.writing() as session:
        shop = session.query(Shop).one()
        configuration.change(shop, {"accent": accent})
        set_logo(session, shop, LOGO.read_bytes(), NOW)


def signed_in(chromium: Browser, address: str, scheme: Scheme, size: ViewportSize) -> Page:
    """Return a page of a signed-in manager."""
    page = chromium.new_context(viewport=size, color_scheme=scheme).new_page()
    page.goto(f"{address}/login")
    page.get_by_label(re.compile("mail", re.IGNORECASE)).fill(EMAIL)
    page.locator("input[type=password]").fill(PASSWORD)
    follow(page, page.get_by_role("button").last)
    return page


def unreadable(page: Page) -> list[str]:
    """Return what axe-core finds wrong, but for what only whole sites have."""
    return [line for line in violations(page) if not line.startswith(_OF_PAGES)]


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desk"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_manager_dresses_the_shop_and_sees_it(
    chromium: Browser, address: str, scheme: Scheme, size: ViewportSize
) -> None:
    page = signed_in(chromium, address, scheme, size)
    page.goto(f"{address}/look")
    page.get_by_label("A picture in place of the shop's name").set_input_files(LOGO)
    page.get_by_label("For links, numbers and buttons").fill("#7a2e5d")
    page.get_by_label("Surveys come from").fill("Camille")
    follow(page, page.get_by_role("button", name="Keep this look"))
    assert page.get_by_role("img", name="The logo of Atelier Lumen").evaluate("image => image.naturalWidth") == 480
    frame = page.frame_locator("iframe.mail")
    assert frame.get_by_role("img", name="Atelier Lumen").evaluate("image => image.naturalWidth") == 480
    wanted = "rgb(122, 46, 93)" if scheme == "light" else "rgb(213, 144, 187)"
    assert frame.get_by_role("link").first.evaluate("link => getComputedStyle(link).color") == wanted
    assert violations(page) == []
    assert not scrolls_sideways(page)
    page.context.close()


@pytest.mark.parametrize("accent", ["#ffcc00", "#0a0a0a"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_mail_can_be_read_whatever_the_shops_colour(
    services: Services, chromium: Browser, address: str, scheme: Scheme, accent: str
) -> None:
    dress(services, accent)
    page = signed_in(chromium, address, scheme, PHONE)
    for kind in ("survey", "return_refunded"):  # The others have the same layout and styles.
        # Without the cage: in it no script runs, and axe-core is one.
        mail = page.context.new_page()
        mail.set_content(page.request.get(f"{address}/look/atelier/{kind}/fr").text())
        assert unreadable(mail) == [], kind
        assert not scrolls_sideways(mail), kind
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_survey_page_wears_the_shops_look(
    services: Services, chromium: Browser, address: str, scheme: Scheme
) -> None:
    dress(services, "#ffcc00")
    page = signed_in(chromium, address, scheme, PHONE)
    page.goto(f"{address}/look/atelier/survey/fr")
    survey = page.locator("a[href*='/s/']").first.get_attribute("href") or ""
    page.goto(address + survey[survey.index("/s/") :])
    assert page.get_by_role("img", name="Atelier Lumen").evaluate("image => image.naturalWidth") == 480
    wanted = "rgb(133, 106, 0)" if scheme == "light" else "rgb(255, 204, 0)"
    assert page.get_by_role("button").last.evaluate("it => getComputedStyle(it).backgroundColor") == wanted
    assert unreadable(page) == []
    page.context.close()
