"""The pages of sources in a real browser: accessible, never wider than the window, usable by keyboard."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect
from pytest_httpserver import HTTPServer

from feedback_service.app import create_app
from feedback_service.bootstrap import Services
from feedback_service.shops.models import Role
from feedback_service.shops.staff import add_staff
from feedback_service.sources.models import SourceKind, SourceState
from tests.support.browser import DESKTOP, PHONE, follow, scrolls_sideways, serving, violations
from tests.support.builders import NOW, make_shop
from tests.support.feeds import rss, rss_item
from tests.support.staff import PASSWORD
from tests.support.stories import make_mention, make_source
from tests.web_staff.test_browser import LONG, Scheme, served_over_http, sign_in

TEXTS = (
    "Deux mois d'attente et jamais remboursé ! Le service client ne répond pas.",
    "Une lampe magnifique, livrée en deux jours.",
    "AtelierLumen" * 20,
)


def furnish(services: Services) -> None:
    """Fill an installation with sources in every state, and with one that brought something."""
    with services.database.writing() as session:
        shop = make_shop(session)
        add_staff(session, "camille@example.com", "Camille", Role.ADMIN, [shop], PASSWORD, NOW, language="fr")
        read: dict[str, Any] = {
            "last_read_at": NOW,
            "last_new_at": NOW - timedelta(hours=2),
            "due_at": NOW + timedelta(hours=1),
        }
        blog = make_source(session, shop, title="Le blog d’Aube", state_reason="Read: 12 items.", **read)
        for text in TEXTS:
            mention = make_mention(session, blog, text, rating=1.0, best_rating=5.0)
            mention.document.rating, mention.document.best_rating = 1.0, 5.0
            services.story_desk.mention_came_in(session, mention, NOW)
        trouble = "The site refuses to be read by programs (HTTP 403). It has failed 3 times in a row. Ask the site for a feed or an API; we do not work around it."  # noqa: E501 - as it is stored
        make_source(
            session,
            shop,
            LONG,
            state=SourceState.BLOCKED,
            state_reason=trouble,
            failures=3,
            possible_gap_at=NOW,
            due_at=NOW,
        )
        make_source(session, shop, "https://avis.example.net/lumen", kind=SourceKind.REVIEW_PAGE, **read)


def serve_blog(site: HTTPServer) -> str:
    """Serve a blog with its feed and that of its comments; return its address."""
    links = "".join(
        f"<link rel='alternate' type='application/rss+xml' href='/{name}'>" for name in ("feed", "comments/feed")
    )
    posts = [rss_item("Une lampe", title=f"Billet {n}", link=f"https://blog.example.com/{n}", at=NOW) for n in range(4)]
    comments = rss(rss_item(TEXTS[0], link="https://blog.example.com/1#c"), title="Commentaires sur : Le blog d’Aube")
    site.expect_request("/").respond_with_data(f"<html><head>{links}</head></html>", content_type="text/html")
    site.expect_request("/feed").respond_with_data(rss(*posts, title="Le blog d’Aube"))
    site.expect_request("/comments/feed").respond_with_data(comments)
    return site.url_for("/")


def find(page: Page, address: str, wanted: str) -> None:
    """Paste an address, and wait for what is found there."""
    page.goto(f"{address}/sources/new")
    page.get_by_label("Collez n’importe quelle adresse").fill(wanted)
    follow(page, page.get_by_role("button", name="Voir ce qu’il y a"))


@pytest.mark.browser
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_of_sources_are_accessible_and_fit(
    services: Services, chromium: Browser, httpserver: HTTPServer, size: ViewportSize, scheme: Scheme
) -> None:
    furnish(services)
    blog = serve_blog(httpserver)
    with serving(create_app(served_over_http(services))) as address:
        page = chromium.new_page(viewport=size, color_scheme=scheme, locale="fr-FR")
        sign_in(page, address)

        def look() -> None:
            assert violations(page) == [], page.url
            assert not scrolls_sideways(page), page.url

        for path in ("/sources", "/sources/1", "/sources/2", "/sources/1/remove", "/sources/new"):
            page.goto(f"{address}{path}")
            look()
        find(page, address, "rien")
        expect(page.get_by_role("alert")).to_be_visible()
        look()
        find(page, address, blog)
        expect(page.get_by_role("checkbox")).to_have_count(2)
        look()
        page.goto(f"{address}/sources/1")
        follow(page, page.get_by_role("button", name="Vérifier maintenant"))
        look()
        page.close()


@pytest.mark.browser
def test_a_blog_is_added_paused_and_removed_with_the_keyboard(
    services: Services, chromium: Browser, httpserver: HTTPServer
) -> None:
    furnish(services)
    blog = serve_blog(httpserver)
    with serving(create_app(served_over_http(services))) as address:
        page = chromium.new_page(viewport=DESKTOP, locale="fr-FR")
        sign_in(page, address)
        page.goto(f"{address}/sources")
        with page.expect_navigation():
            page.get_by_role("link", name="Ajouter une source").press("Enter")
        page.get_by_label("Collez n’importe quelle adresse").fill(blog)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        expect(page.get_by_role("checkbox", name="Le blog d’Aube").first).to_be_checked()
        page.get_by_role("checkbox", name="Commentaires").press("Space")
        with page.expect_navigation():
            page.get_by_role("button", name="Ajouter ce qui est choisi").press("Enter")
        expect(page.get_by_role("status")).to_contain_text("2 sources ajoutées.")
        with page.expect_navigation():
            page.get_by_role("link", name="Commentaires sur").press("Enter")
        for name, said in (
            ("Mettre en pause", "En pause"),
            ("Reprendre", "Reprise"),
            ("Tout relire", "relue en entier"),
        ):
            with page.expect_navigation():
                page.get_by_role("button", name=name).press("Enter")
            expect(page.get_by_role("status")).to_contain_text(said)
        with page.expect_navigation():
            page.get_by_role("link", name="Retirer cette source").press("Enter")
        with page.expect_navigation():
            page.get_by_role("button", name="La retirer").press("Enter")
        expect(page.get_by_role("status")).to_contain_text("Retirée")
        assert page.get_by_role("link", name="Commentaires sur").count() == 0
        page.close()
