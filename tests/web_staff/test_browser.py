"""The pages in a real browser: accessible, never wider than the window, usable by keyboard, quiet in the console."""

from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from feedback_service.alerts.models import StoryEvent
from feedback_service.app import create_app
from feedback_service.bootstrap import Services
from feedback_service.mentions.models import DocumentVersion
from feedback_service.mentions.relevance import Standing
from feedback_service.sentiment.judgement import Label
from feedback_service.shops.models import Role, Shop
from feedback_service.shops.staff import add_staff
from feedback_service.sources.models import SourceKind
from tests.support.arrivals import add_arrivals
from tests.support.browser import DESKTOP, PHONE, scrolls_sideways, serving, violations
from tests.support.builders import NOW, make_order, make_return, make_shop
from tests.support.lessons import add_answers
from tests.support.staff import PASSWORD
from tests.support.stories import make_answer, make_mention, make_source

Scheme = Literal["light", "dark"]
LONG = "https://avis.example.net/" + "tres-long-nom-de-page-" * 6
PAGES = (
    "/inbox",
    "/inbox?shelf=closed",
    "/stories/1",
    "/stories/3",
    "/review",
    "/returns",
    "/returns/1",
    "/answers",
    "/sources",
    "/learning",
    "/mail-in",
)
CLUES = [
    {"kind": "market", "weight": -4.5, "words": ["Lumen Wax Market"]},
    {"kind": "name", "weight": 2.0, "words": ["Lumen"]},
    {"kind": "trade", "weight": 1.0, "words": ["delivery", "refund"]},
    {"kind": "verdicts", "weight": -0.8, "words": ["cire", "cours-de-la-bougie-parfumée-en-gros"]},
]


def furnish(services: Services) -> None:
    """Fill an installation with one of each, and with names that do not want to break."""
    with services.database.writing() as session:
        shop: Shop = make_shop(session)
        add_staff(session, "camille@example.com", "Camille", Role.ADMIN, [shop], PASSWORD, NOW, language="fr")
        order = make_order(session, shop)
        returned = make_return(session, shop, order)
        source = make_source(session, shop, url=LONG)
        told: dict[str, Any] = {"clues": CLUES, "relevance": 0.9, "topics": ["refund", "customer_service"]}
        mention = make_mention(session, source, rating=1, best_rating=5, order_id=order.id, **told)
        services.story_desk.mention_came_in(session, mention, NOW)
        mention.document.gone_at = NOW
        earlier = {"title": "Colis perdu", "text": "Jamais livré, jamais remboursé. " * 12, "digest": "0" * 64}
        session.add(DocumentVersion(document_id=mention.document_id, replaced_at=NOW, **earlier))
        services.story_desk.mention_changed(session, mention, NOW)
        services.story_desk.answer_came_in(session, make_answer(session, shop, returned), NOW)
        account = make_source(session, shop, url="trustpilot:main", kind=SourceKind.TRUSTPILOT)
        review = make_mention(session, account, "Colis perdu, et personne ne répond !", rating=1, best_rating=5)
        review.document.identity = "id:r7"
        told_there = services.story_desk.mention_came_in(session, review, NOW)
        assert told_there
        posting = {"kind": "answer_unsure", "note": "Bonjour, nous vous remboursons.", "mention_id": review.id}
        session.add(StoryEvent(story_id=told_there.id, at=NOW, **posting))
        text = "Lumen Wax Market : les cours de la cire montent, un fournisseur n’a jamais livré ses clients."
        doubtful: dict[str, Any] = {
            "standing": Standing.REVIEW,
            "relevance": 0.43,
            "clues": CLUES,
            "topics": ["delivery"],
        }
        make_mention(session, source, text, evidence=["jamais livré"], **doubtful)
        unsure: dict[str, Any] = {"label": Label.NEUTRAL, "negative": 0.42, "clues": CLUES[1:2], "relevance": 0.88}
        make_mention(session, source, "Atelier Lumen : un peu lent, mais joli.", evidence=["lent"], **unsure)
        add_answers(session, shop, 80)
        add_arrivals(session, shop, returned, NOW)
    services.learning_desk.learn_now(shop, NOW)


def served_over_http(services: Services) -> Services:
    """Return the services as a plain HTTP installation: a browser keeps no secure cookie on the loopback."""
    settings = services.settings.model_copy(update={"public_url": "http://127.0.0.1"})
    return Services(settings, services.clock, services.database)


def sign_in(page: Page, address: str) -> None:
    page.goto(f"{address}/login")
    page.keyboard.press("Tab")
    page.get_by_label("Adresse e-mail").fill("camille@example.com")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/inbox")


@pytest.mark.browser
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_accessible_and_fit(
    services: Services, chromium: Browser, size: ViewportSize, scheme: Scheme
) -> None:
    furnish(services)
    with serving(create_app(served_over_http(services))) as address:
        page = chromium.new_page(viewport=size, color_scheme=scheme, locale="fr-FR")
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{address}/login")
        assert violations(page) == []
        assert not scrolls_sideways(page)
        sign_in(page, address)
        for path in PAGES:
            page.goto(f"{address}{path}")
            assert violations(page) == [], path
            assert not scrolls_sideways(page), path
        page.close()
    assert not complaints


@pytest.mark.browser
def test_a_story_is_taken_with_the_keyboard(services: Services, chromium: Browser) -> None:
    furnish(services)
    with serving(create_app(served_over_http(services))) as address:
        page = chromium.new_page(viewport=ViewportSize(width=1280, height=900), locale="fr-FR")
        sign_in(page, address)
        page.keyboard.press("Tab")
        expect(page.get_by_text("Aller au contenu")).to_be_focused()
        page.get_by_role("link", name="jamais remboursé").focus()
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Je m’en occupe").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_have_text("L’affaire est à vous.")
        assert page.locator("mark").all_inner_texts() == ["jamais remboursé"]
        page.close()


@pytest.mark.browser
def test_what_waits_is_decided_with_the_keyboard(services: Services, chromium: Browser) -> None:
    furnish(services)
    with serving(create_app(served_over_http(services))) as address:
        page = chromium.new_page(viewport=DESKTOP, locale="fr-FR")
        sign_in(page, address)
        page.get_by_role("link", name="À vérifier 2").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Est-ce bien de nous qu’il s’agit\u202f?")
        first = page.get_by_role("article", name="Est-il question de nous")
        first.get_by_role("button", name="Une plainte qui nous concerne").focus()
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        expect(first.get_by_role("button", name="Pas nous")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_have_text("C’est noté\u202f: il ne s’agit pas de nous.")
        assert page.get_by_role("article").count() == 1
        expect(page.get_by_role("article", name="Est-ce une plainte")).to_be_visible()
        page.close()


@pytest.mark.browser
def test_learning_is_switched_off_and_a_reason_is_opened_with_the_keyboard(
    services: Services, chromium: Browser
) -> None:
    furnish(services)
    with serving(create_app(served_over_http(services))) as address:
        page = chromium.new_page(viewport=DESKTOP, locale="fr-FR")
        sign_in(page, address)
        page.goto(f"{address}/learning")
        page.get_by_role("button", name="Désactiver").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text("Apprentissage désactivé")
        page.goto(f"{address}/stories/1")
        reasons = page.get_by_text("«\u202fLumen Wax Market\u202f» désigne une marchandise")
        expect(reasons).to_be_hidden()
        page.locator("summary", has_text="Pourquoi nous pensons").focus()
        page.keyboard.press("Enter")
        expect(reasons).to_be_visible()
        assert violations(page) == []
        page.close()
