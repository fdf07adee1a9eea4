"""The page of the surveys in a real browser: accessible, never wider than the window, from a word to its preview."""

import pytest
from playwright.sync_api import Browser, ViewportSize, expect

from feedback_service.app import create_app
from feedback_service.bootstrap import Services
from feedback_service.shops.models import Role
from feedback_service.shops.staff import add_staff
from feedback_service.surveys import subjects
from feedback_service.surveys.subjects import Plan
from tests.support.browser import DESKTOP, PHONE, follow, scrolls_sideways, serving, violations
from tests.support.builders import NOW, make_shop
from tests.support.staff import PASSWORD
from tests.web_staff.test_browser import Scheme, served_over_http, sign_in


@pytest.mark.browser
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_manager_words_a_question_sees_it_as_a_customer_and_saves_it(
    services: Services, chromium: Browser, size: ViewportSize, scheme: Scheme
) -> None:
    with services.database.writing() as session:
        shop = make_shop(session)
        add_staff(session, "camille@example.com", "Camille", Role.MANAGER, [shop], PASSWORD, NOW, language="fr")
        subjects.start(session, shop.id, "fr", ("Votre retour", "Une question"), Plan(0.2, 0.1, 294), NOW)
    with serving(create_app(served_over_http(services))) as address:
        page = chromium.new_page(viewport=size, color_scheme=scheme, locale="fr-FR")
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        sign_in(page, address)
        page.goto(f"{address}/surveys")
        expect(page.get_by_role("heading", level=1)).to_have_text("Que demandons-nous, et quand\u202f?")
        page.get_by_text("Les motifs proposés, douze au plus").click()
        assert violations(page) == []
        assert not scrolls_sideways(page)
        page.get_by_role("group", name="Satisfaction").get_by_label("Question").fill("Alors, ce retour\u202f?")
        with page.expect_popup() as opened:
            page.get_by_role("button", name="Voir la page", exact=True).click()
        preview = opened.value
        expect(preview.get_by_role("group", name="Alors, ce retour\u202f?")).to_be_visible()
        expect(preview.get_by_role("complementary")).to_have_text(
            "Aperçu\u202f: rien de ce que vous faites ici n’est enregistré."
        )
        assert violations(preview) == []
        assert not scrolls_sideways(preview)
        preview.close()
        follow(page, page.locator("form[action$=questions]").get_by_role("button", name="Enregistrer"))
        expect(page.get_by_role("status").first).to_contain_text("Enregistré.")
        expect(page.get_by_role("group", name="Satisfaction").get_by_label("Question")).to_have_value(
            "Alors, ce retour\u202f?"
        )
        assert complaints == []
        page.close()
