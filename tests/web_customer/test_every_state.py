"""Each state of each customer's page, as an auditor goes through them (WCAG 2.2 AA, RGAA 4)."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from feedback_service.bootstrap import Services
from feedback_service.surveys.previews import Preview, preview_token
from feedback_service.surveys.questions import Survey
from tests.support.browser import DESKTOP, PHONE, follow, scrolls_sideways, violations
from tests.support.builders import SECRET
from tests.support.sites import opened
from tests.support.surveys import invite

Site = tuple[Services, str]
pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

SHOP = {"privacy_url": "https://shop.example.com/p", "public_review_url": "https://reviews.example.com/x"}
LEAST_TARGET = 24  # WCAG 2.5.8
# Whether axe-core judges a view: it sees colours, names and roles, which neither zoom nor a missing script changes.
VIEWS = [
    pytest.param({"viewport": PHONE}, True, id="360 px"),
    pytest.param({"viewport": DESKTOP, "color_scheme": "dark"}, True, id="1280 px, dark"),
    pytest.param({"viewport": PHONE, "forced_colors": "active"}, True, id="forced colours"),
    pytest.param({"viewport": {"width": 320, "height": 256}}, False, id="400 percent"),
    pytest.param({"viewport": PHONE, "java_script_enabled": False}, False, id="without JavaScript"),
]
_SPACED = """() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
                           word-spacing: 0.16em !important }
                       p { margin-bottom: 2em !important }`);
    document.adoptedStyleSheets = [sheet];
}"""  # WCAG 1.4.12
_CUT_OFF = """() => [...document.querySelectorAll('body *')].filter(each =>
    each.offsetParent && !each.closest('.unseen') && getComputedStyle(each).overflow !== 'visible' &&
    !each.matches('input, textarea') &&
    (each.scrollWidth > each.clientWidth + 1 || each.scrollHeight > each.clientHeight + 1)
).map(each => each.outerHTML.slice(0, 80))"""
_TARGETS = """() => [...document.querySelectorAll('a:not(.skip), button, summary, input, textarea')]
    .filter(each => each.offsetParent && !each.closest('.unseen'))
    .map(each => [each.outerHTML.slice(0, 80), (each.closest('label') || each).getBoundingClientRect()])
    .map(([text, box]) => [text, Math.min(box.width, box.height)])"""
_SHIFTS = """async () => {
    let sum = 0;
    const observer = new PerformanceObserver(list => list.getEntries().forEach(each => { sum += each.value }));
    observer.observe({type: 'layout-shift', buffered: true});
    await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))));
    return sum;
}"""


def states(services: Services, url: str, page: Page) -> Iterator[str]:
    """Bring the page into one state after the other; yield the name of each."""
    token = invite(services, "fr", **SHOP)
    preview = preview_token(SECRET, Preview(1, Survey.RETURN, "de"), services.clock.now())
    visits = {
        "form": f"/s/{token}?r=4",
        "language list": f"/s/{token}?r=4",
        "objection": f"/u/{token}",
        "no such link": "/s/wrong",
        "preview": f"/s/{preview}?r=4",
    }
    for name, path in visits.items():
        page.goto(url + path)
        if name == "language list":
            page.locator(".languages summary").click()
        yield name
    for name, path, field, text in (
        ("rating missing", f"/s/{token}", "#text", "Cassée"),
        ("text too long", f"/s/{token}?r=4", "#text", "x " * 1500),
        ("other reason too long", f"/s/{token}?r=4", "#other_reason", "x " * 150),
    ):
        page.goto(url + path)
        page.locator(field).fill(text)
        follow(page, page.locator(".act button").last)
        yield name
    page.goto(f"{url}/s/{token}?r=2")
    for field in ("#text", "#other_reason"):  # What was too long is still in the form: the browser kept it.
        page.locator(field).fill("Bien")
    follow(page, page.locator(".act button").first)
    page.wait_for_url("**/thanks")
    yield "thanks"
    page.locator(f'a[href="/s/{token}"]').click()
    page.locator("h1", has_text="Modifier votre réponse").wait_for()
    yield "edit"
    page.goto(f"{url}/u/{token}")
    follow(page, page.locator(".act button"))
    yield "objected"


@pytest.mark.parametrize(("view", "by_axe"), VIEWS)
def test_every_state_is_read_found_and_hit(
    site: Site, chromium: Browser, view: dict[str, object], *, by_axe: bool
) -> None:
    services, url = site
    seen = []
    with opened(chromium, locale="fr", **view) as page:
        for state in states(services, url, page):
            seen.append(state)
            if by_axe:
                assert violations(page) == [], state
            small = [text for text, size in page.evaluate(_TARGETS) if size < LEAST_TARGET]
            assert small == [], state
            page.evaluate(_SPACED)
            assert not scrolls_sideways(page), state
            assert page.evaluate(_CUT_OFF) == [], state
    assert len(seen) == 11


def test_the_page_can_be_entered_at_its_content(site: Site, chromium: Browser) -> None:
    services, url = site
    token = invite(services, "fr")
    with opened(chromium) as page:
        page.goto(f"{url}/s/{token}?r=4")
        page.keyboard.press("Tab")
        link = page.locator(":focus")
        assert link.text_content() == "Aller au contenu"
        assert link.bounding_box() == {**(link.bounding_box() or {}), "x": 0, "y": 0}
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.id") == "rating-4"


def test_what_is_missing_is_said_in_the_same_words_above_and_at_the_field(site: Site, chromium: Browser) -> None:
    services, url = site
    token = invite(services, "fr")
    with opened(chromium) as page:
        page.goto(f"{url}/s/{token}")
        follow(page, page.locator(".act button").first)
        assert page.title().startswith("Votre réponse n’est pas encore envoyée")
        group = page.get_by_role("group", name="Globalement")
        described = group.get_attribute("aria-describedby") or ""
        words = page.locator(".summary a").text_content()
        assert words == "Choisissez une note de 1 à 5."
        assert page.locator(f"#{described}").text_content() == words


def test_a_preview_says_in_which_language_its_mark_is(site: Site, chromium: Browser) -> None:
    services, url = site
    invite(services)
    with opened(chromium) as page:
        page.goto(f"{url}/s/{preview_token(SECRET, Preview(1, Survey.RETURN, 'de'), services.clock.now())}")
        assert page.locator("html").get_attribute("lang") == "de"
        assert page.locator(".preview-mark").get_attribute("lang") == "en"


def test_only_what_went_wrong_interrupts_who_listens(site: Site, chromium: Browser) -> None:
    services, url = site
    token = invite(services, "fr")
    with opened(chromium) as page:
        page.goto(f"{url}/s/{token}?r=4")
        page.context.set_offline(True)
        page.locator(".act button").first.click()
        page.get_by_role("alert").filter(has_text="Pas de connexion").wait_for()
        page.context.set_offline(False)
        page.get_by_role("status").filter(has_text="de nouveau en ligne").wait_for()


def test_the_page_is_light_and_stands_still(site: Site, chromium: Browser) -> None:
    services, url = site
    token = invite(services, "fr", **SHOP)
    with opened(chromium) as page:
        sizes: dict[str, int] = {}
        page.on("response", lambda got: sizes.update({got.url: len(got.body())}) if got.ok else None)
        page.goto(f"{url}/s/{token}?r=4", wait_until="networkidle")
        assert len(sizes) == 3
        assert sum(sizes.values()) < 32_000
        assert page.evaluate(_SHIFTS) == 0
        page.evaluate("document.querySelector('h1').style.marginTop = '200px'")
        assert page.evaluate(_SHIFTS) > 0  # The measure does see a page that moves.
