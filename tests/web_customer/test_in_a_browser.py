"""The mail and the pages in a real Chromium, with JavaScript switched off as well (R32, R42)."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from feedback_service.bootstrap import Services
from tests.support.browser import DESKTOP, PHONE, follow, scrolls_sideways, violations
from tests.support.sites import mail_file, opened
from tests.support.surveys import invite

# The pages are the same on either database, and the tests by HTTP run on both: here one is enough.
pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

LEAST_TARGET = 44
# A mail has no landmarks: readers show its body inside their own page.
_ONLY_PAGES = ("landmark-one-main", "region")
VIEWS = [pytest.param(PHONE, "light", id="phone-light"), pytest.param(DESKTOP, "dark", id="desktop-dark")]


def test_button_below_the_rating_is_in_sight_on_a_phone(site: tuple[Services, str], chromium: Browser) -> None:
    services, url = site
    token = invite(services)
    with opened(chromium) as page:
        page.goto(f"{url}/s/{token}?r=5")
        box = page.locator(".act button").first.bounding_box()
        assert box
        assert box["y"] + box["height"] <= PHONE["height"]
        follow(page, page.locator(".act button").first)
        assert page.url.endswith("/thanks")


def test_missing_rating_is_announced_and_the_input_kept(site: tuple[Services, str], chromium: Browser) -> None:
    services, url = site
    token = invite(services)
    with opened(chromium) as page:
        page.goto(f"{url}/s/{token}")
        page.locator("#text").fill("Rien de grave")
        follow(page, page.locator(".act button").last)
        assert page.locator(".summary").evaluate("element => element === document.activeElement")
        assert page.locator("#text").input_value() == "Rien de grave"
        assert violations(page) == []
        page.locator(".summary a").click()
        assert page.locator("#rating-1").evaluate("element => element === document.activeElement")
        page.keyboard.press("Space")
        assert page.locator("#rating-1").is_checked()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "/thanks" in url)


def test_keyboard_alone_answers_and_the_focus_is_always_seen(site: tuple[Services, str], chromium: Browser) -> None:
    services, url = site
    token = invite(services)
    with opened(chromium, viewport=DESKTOP) as page:
        page.goto(f"{url}/s/{token}")
        for _ in range(40):
            page.keyboard.press("Tab")
            name = page.evaluate("document.activeElement.name || ''")
            assert name != "website"
            if page.evaluate("document.activeElement === document.body"):
                break
            assert page.evaluate(
                """() => {
                    const element = document.activeElement;
                    const seen = [element, element.closest('label')].filter(Boolean);
                    return seen.some(each => getComputedStyle(each).outlineStyle !== 'none');
                }"""
            ), f"no visible focus on {name}"


@pytest.mark.parametrize(("size", "scheme"), VIEWS)
def test_every_page_is_accessible_and_fits(
    site: tuple[Services, str], chromium: Browser, tmp_path: Path, size: dict[str, int], scheme: str
) -> None:
    services, url = site
    token = invite(
        services, public_review_url="https://reviews.example.com/x", privacy_url="https://shop.example.com/p"
    )
    with opened(chromium, viewport=size, color_scheme=scheme) as page:
        page.goto(mail_file(services, tmp_path))
        assert [found for found in violations(page) if not found.startswith(_ONLY_PAGES)] == []
        assert not scrolls_sideways(page)
        for language in ("fr", "en"):
            for path in (f"/s/{token}?r=4&l={language}", f"/u/{token}?l={language}", "/s/wrong"):
                page.goto(url + path)
                assert violations(page) == [], path
                assert not scrolls_sideways(page), path
        page.goto(f"{url}/s/{token}?r=4")
        follow(page, page.locator(".act button").first)
        for language in ("fr", "en"):
            page.goto(f"{url}/s/{token}/thanks?l={language}")
            assert violations(page) == []
            assert not scrolls_sideways(page)
        page.goto(f"{url}/u/{token}")
        follow(page, page.locator(".act button"))
        assert violations(page) == []


def test_page_at_400_percent_is_read_without_scrolling_sideways(site: tuple[Services, str], chromium: Browser) -> None:
    services, url = site
    token = invite(services, name="Manufacture internationale des luminaires")
    with opened(chromium, viewport={"width": 320, "height": 256}) as page:  # WCAG 1.4.10: 1280 px at 400 %.
        for path in (f"/s/{token}", f"/u/{token}", "/s/wrong"):
            page.goto(url + path)
            assert not scrolls_sideways(page), path


def test_targets_are_large_enough_for_a_thumb(site: tuple[Services, str], chromium: Browser, tmp_path: Path) -> None:
    services, url = site
    token = invite(services)
    with opened(chromium) as page:
        page.goto(f"{url}/s/{token}")
        sizes = _sizes(page, ".scale-5 label, .choices label, button")
        assert min(min(size) for size in sizes) >= LEAST_TARGET
        assert min(width for width, _ in _sizes(page, ".scale-7 label")) >= 36
        page.goto(mail_file(services, tmp_path))
        links = _sizes(page, 'a[href*="?r="]')
        assert len(links) == 5
        assert min(min(size) for size in links) >= LEAST_TARGET


def _sizes(page: Page, selector: str) -> list[tuple[float, float]]:
    boxes = [element.bounding_box() for element in page.locator(selector).all()]
    return [(box["width"], box["height"]) for box in boxes if box]
