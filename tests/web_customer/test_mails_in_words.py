"""What a list of mails shows of ours, and what web mail leaves of them, in every language."""

from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser
from selectolax.lexbor import LexborHTMLParser

from feedback_service import paths
from feedback_service.i18n import LANGUAGES
from feedback_service.links import Links
from feedback_service.mail.render import Rendered, Renderer
from feedback_service.returns.models import Order, Return, ReturnLine
from feedback_service.samples import CUSTOMER_KINDS, Sampler
from feedback_service.settings import load_settings
from feedback_service.shops.models import Shop
from feedback_service.surveys.letter import what_came_back
from tests.support.browser import PHONE, scrolls_sideways, violations
from tests.support.builders import NOW, SECRET
from tests.support.letters import unwrapped

LINKS = Links("https://feedback.example.com")
LONGEST_SUBJECT = 50
every_mail = pytest.mark.parametrize("kind", CUSTOMER_KINDS)
every_language = pytest.mark.parametrize("language", LANGUAGES)


def mail(kind: str, language: str) -> Rendered:
    """A sample mail of a shop that is in no database."""
    shop = Shop(
        slug="lumen", name="Atelier Lumen", sender_address="b@example.com", time_zone="Europe/Paris", currency="EUR"
    )
    shop.controller, shop.reply_to, shop.privacy_url, shop.accent, shop.logo_digest = "", "", "", "", ""
    shop.refund_days = 14
    letter = Sampler(shop, load_settings({}, secret_key=SECRET), LINKS, language, NOW).to_customer(kind)
    renderer = Renderer((paths.templates_folder(),), LINKS)
    return renderer.render(letter.template, language, shop.time_zone, {**letter.context, "shop": shop})


@every_language
@every_mail
def test_a_subject_is_seen_whole_on_a_phone(kind: str, language: str) -> None:
    subject = mail(kind, language).subject
    assert len(subject) < LONGEST_SUBJECT, subject


@every_language
@every_mail
def test_what_stands_behind_the_subject_is_said_in_the_mail_too_and_is_no_second_subject(
    kind: str, language: str
) -> None:
    rendered = mail(kind, language)
    hidden = LexborHTMLParser(rendered.html).css("[aria-hidden=true]")
    assert len(hidden) == 1
    assert "display: none" in (hidden[0].attributes["style"] or "")
    words = unwrapped(hidden[0].text().strip())
    assert len(words) > len(rendered.subject) / 2
    assert words != rendered.subject
    assert words in unwrapped(rendered.text)


@every_mail
def test_the_language_survives_web_mail_which_drops_the_page_s_own_element(kind: str) -> None:
    body = LexborHTMLParser(mail(kind, "de").html).css_first("body > table")
    assert body is not None
    assert (body.attributes["lang"], body.attributes["dir"], body.attributes["role"]) == ("de", "ltr", "presentation")


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@every_mail
def test_a_mail_is_readable_on_a_phone_by_day_and_by_night(
    chromium: Browser, tmp_path: Path, kind: str, scheme: Literal["light", "dark"]
) -> None:
    path = tmp_path / "mail.html"
    path.write_text(mail(kind, "de").html, encoding="utf-8")
    page = chromium.new_page(viewport=PHONE, color_scheme=scheme)
    page.goto(path.as_uri())
    # A mail has no landmarks: readers show its body inside their own page.
    assert [found for found in violations(page) if not found.startswith(("landmark-one-main", "region"))] == []
    assert not scrolls_sideways(page)
    page.close()


@pytest.mark.parametrize(
    ("products", "number", "expected"),
    [
        (["Lampe Aube"], "AL-1", "Lampe Aube, commande AL-1"),
        (["Lampe Aube", "Cordon"], "AL-1", "Lampe Aube et 1 autre article, commande AL-1"),
        (["Lampe Aube", "Cordon", "Pied"], "", "Lampe Aube et 2 autres articles"),
        ([], "AL-1", "commande AL-1"),
        ([], "", "R-1"),
    ],
)
def test_a_return_is_named_by_what_is_known_of_it(products: list[str], number: str, expected: str) -> None:
    lines = [ReturnLine(position=place, sku="X", product=product, quantity=1) for place, product in enumerate(products)]
    order = Order(external_id="1", number=number) if number else None
    assert what_came_back(Return(external_id="R-1", order=order, lines=lines), "fr") == expected
