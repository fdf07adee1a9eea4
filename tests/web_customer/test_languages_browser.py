"""Every page and mail in each language on a phone: nothing sticks out, and axe-core finds nothing (R32, R42)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page

from feedback_service.app import create_app
from feedback_service.bootstrap import Services
from feedback_service.i18n import LANGUAGES, OWN_NAMES
from feedback_service.mail.models import OutboxMail
from feedback_service.returns.models import ReturnState
from feedback_service.returns.notices import tell_customer
from feedback_service.shops.models import Shop
from tests.support.browser import PHONE, follow, scrolls_sideways, serving, violations
from tests.support.builders import make_customer, make_order, make_return
from tests.support.surveys import invite

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
every_language = pytest.mark.parametrize("language", LANGUAGES)
SHOP = {"privacy_url": "https://lumen.example.com/privacy", "public_review_url": "https://reviews.example.com/lumen"}
# What is cut off or hangs over would be wider than the window, whether or not the page scrolls.
_STICKING_OUT = """() => [...document.querySelectorAll('body *')].filter(element => {
    const box = element.getBoundingClientRect();
    return box.width > 1 && (box.right > innerWidth + 1 || box.left < -1) && !element.closest('.unseen');
}).map(element => element.textContent.trim().slice(0, 60))"""


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Page]:
    """A page as wide as a small phone."""
    context = chromium.new_context(viewport=PHONE)
    yield context.new_page()
    context.close()


def assert_fits(page: Page) -> None:
    """Nothing is wider than the window."""
    assert not scrolls_sideways(page)
    assert page.evaluate(_STICKING_OUT) == []


@every_language
def test_pages_fit_and_are_accessible(services: Services, phone: Page, language: str) -> None:
    token = invite(services, language, **SHOP)
    with serving(create_app(services)) as url:
        phone.goto(f"{url}/s/{token}?r=4")
        phone.locator(".languages summary").click()
        assert phone.locator(".languages a").count() == len(LANGUAGES) - 1
        assert_fits(phone)
        assert violations(phone) == []
        phone.goto(f"{url}/u/{token}")
        assert_fits(phone)
        phone.goto(f"{url}/s/{token}")
        follow(phone, phone.locator("button").last)
        assert_fits(phone)
        phone.locator("#rating-4").check()
        follow(phone, phone.locator("button").last)
        assert_fits(phone)
        assert phone.locator("html").get_attribute("lang") == language


def test_the_language_is_changed_by_keyboard_and_the_rating_kept(services: Services, phone: Page) -> None:
    token = invite(services, "fr")
    with serving(create_app(services)) as url:
        phone.goto(f"{url}/s/{token}?r=2")
        phone.locator(".languages summary").focus()
        phone.keyboard.press("Enter")
        link = phone.locator(".languages a", has_text=OWN_NAMES["pt"])
        link.focus()
        with phone.expect_navigation():
            phone.keyboard.press("Enter")
        assert phone.locator("html").get_attribute("lang") == "pt"
        assert phone.locator("#rating-2").is_checked()


@every_language
def test_mails_fit(services: Services, phone: Page, tmp_path: Path, language: str) -> None:
    invite(services, language, **SHOP)
    now = services.clock.now()
    with services.database.writing() as session:
        shop = session.scalars(sa.select(Shop)).one()
        for number, state in enumerate((ReturnState.RECEIVED, ReturnState.REFUNDED, ReturnState.REPLACED)):
            customer = make_customer(session, shop, f"k{number}@example.com", language=language)
            order = make_order(session, shop, f"AL-{number}", customer_id=customer.id, language=language)
            returned = make_return(session, shop, order, external_id=f"N-{number}", state=state, language=language)
            assert tell_customer(session, services.outbox, shop, returned, services.secret, now)
        mails = [(mail.kind, mail.html) for mail in session.scalars(sa.select(OutboxMail))]
    assert len(mails) == 4
    for kind, html in mails:
        path = tmp_path / f"{kind}.html"
        path.write_text(html or "", encoding="utf-8")
        phone.goto(path.as_uri())
        assert_fits(phone)
