"""From the mail to the stored answer in a real Chromium, in each way people use it, and every page on the way."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, Response

from feedback_service.bootstrap import Services
from feedback_service.surveys.models import Answer
from tests.support.browser import DESKTOP, PHONE, follow, scrolls_sideways, violations
from tests.support.sites import mail_file, opened
from tests.support.surveys import invite

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

ZOOMED = {"width": 320, "height": 256}  # WCAG 1.4.10: 1280 px by 1024 px at 400 %.
Site = tuple[Services, str]
WAYS = [
    pytest.param({"viewport": PHONE}, id="360 px"),
    pytest.param({"viewport": DESKTOP}, id="1280 px"),
    pytest.param({"viewport": PHONE, "java_script_enabled": False}, id="without JavaScript"),
    pytest.param({"viewport": ZOOMED}, id="400 percent"),
    pytest.param({"viewport": PHONE, "color_scheme": "dark"}, id="dark"),
    pytest.param({"viewport": DESKTOP, "forced_colors": "active", "reduced_motion": "reduce"}, id="forced colours"),
]


def stored(services: Services) -> tuple[int | None, list[str], str | None]:
    """Return the one answer there is."""
    with services.database.reading() as session:
        answer = session.scalars(sa.select(Answer)).one()
    return answer.rating, answer.reasons, answer.text


def assert_fine(page: Page, *, has_script: bool) -> None:
    """Axe can look only where scripts run; whether a page fits, the browser says in any case."""
    if has_script:
        assert violations(page) == [], page.url
    assert not scrolls_sideways(page), page.url


@pytest.mark.parametrize("options", WAYS)
def test_customer_comes_from_the_mail_to_a_stored_answer(
    site: Site, chromium: Browser, tmp_path: Path, options: dict[str, Any]
) -> None:
    services, url = site
    token = invite(services, public_review_url="https://reviews.example.com/atelier")
    has_script = options.get("java_script_enabled", True)
    with opened(chromium, **options) as page:
        page.goto(mail_file(services, tmp_path))
        follow(page, page.locator(f'a[href="{url}/s/{token}?r=4"]'))
        assert page.locator("#rating-4").is_checked()
        assert_fine(page, has_script=has_script)
        page.locator('input[name="reasons"]').nth(1).check()
        page.locator("#text").fill("Tout s’est bien passé")
        follow(page, page.locator(".act button").last)
        assert page.url == f"{url}/s/{token}/thanks"
        assert_fine(page, has_script=has_script)
        assert page.context.cookies() == []
    rating, reasons, text = stored(services)
    assert (rating, len(reasons), text) == (4, 1, "Tout s’est bien passé")


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["360 px", "1280 px"])
def test_customer_comes_from_the_mail_to_a_stored_answer_by_the_keyboard_alone(
    site: Site, chromium: Browser, tmp_path: Path, size: dict[str, int]
) -> None:
    services, url = site
    token = invite(services)
    with opened(chromium, viewport=size) as page:
        page.goto(mail_file(services, tmp_path))
        _tab_to(page, f'a[href="{url}/s/{token}?r=3"]')
        with page.expect_navigation():
            page.keyboard.press("Enter")
        _tab_to(page, "#rating-3")
        page.keyboard.press("ArrowRight")
        assert page.locator("#rating-4").is_checked()
        _tab_to(page, 'input[name="reasons"][value="defective"]')
        page.keyboard.press("Space")
        _tab_to(page, "#text")
        page.keyboard.type("Au clavier")
        page.keyboard.press("Tab")
        _tab_to(page, ".act:last-of-type button")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert page.url == f"{url}/s/{token}/thanks"
    assert stored(services) == (4, ["defective"], "Au clavier")


def _tab_to(page: Page, selector: str) -> None:
    """Press Tab until an element that fits `selector` has the focus."""
    for _ in range(60):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"Tab never comes to {selector}")


def test_choice_is_seen_where_the_system_forces_its_colours(site: Site, chromium: Browser) -> None:
    services, url = site
    token = invite(services)
    with opened(chromium, forced_colors="active") as page:
        page.goto(f"{url}/s/{token}?r=4")
        outlines = page.evaluate(
            "[...document.querySelectorAll('.scale-5 label')].map(label => getComputedStyle(label).outlineStyle)"
        )
        assert [outline != "none" for outline in outlines] == [False, False, False, True, False]


def test_nothing_moves_where_the_system_asks_for_less_motion(site: Site, chromium: Browser) -> None:
    services, url = site
    token = invite(services)
    with opened(chromium, reduced_motion="reduce") as page:
        page.goto(f"{url}/s/{token}")
        durations = page.evaluate(
            "[...document.querySelectorAll('*')].map(each => getComputedStyle(each)).flatMap("
            "style => [style.transitionDuration, style.animationDuration])"
        )
        assert set(durations) == {"0s"}


@pytest.mark.parametrize(
    ("size", "language"), [pytest.param(PHONE, "fr", id="360 px"), pytest.param(ZOOMED, "de", id="400 percent")]
)
def test_pages_of_errors_are_the_customers_own(
    site: Site, chromium: Browser, size: dict[str, int], language: str
) -> None:
    services, url = site
    token = invite(services, language)
    with opened(chromium, viewport=size, locale=language) as page:
        _assert_own_page(page, page.goto(f"{url}/s/wrong"), 404, language)
        for change, status in (("", 422), ("form.text.value = 'x'.repeat(300000);", 413)):
            page.goto(f"{url}/s/{token}")
            with page.expect_navigation() as navigation:
                page.evaluate(f"const form = document.forms[0]; {change} form.submit()")
            _assert_own_page(page, navigation.value, status, language)
        with services.database.writing() as session:
            session.execute(sa.text("ALTER TABLE answer RENAME TO out_of_reach"))
        _assert_own_page(page, page.goto(f"{url}/s/{token}"), 503, language)


def _assert_own_page(page: Page, response: Response | None, status: int, language: str) -> None:
    assert response
    assert response.status == status
    assert page.locator("html").get_attribute("lang") == language
    assert page.locator("h1").count() == 1
    assert "customer.css" in (page.locator('link[rel="stylesheet"]').first.get_attribute("href") or "")
    assert violations(page) == [], status
    assert not scrolls_sideways(page), status
