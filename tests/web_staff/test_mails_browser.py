"""The page of the outbox in a real browser: accessible, never wider than the window."""

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, ViewportSize, expect

from feedback_service.app import create_app
from feedback_service.bootstrap import Services
from feedback_service.mail.models import Audience, MailPace, MailState
from feedback_service.mail.paces import EVERYTHING
from feedback_service.shops.models import Role
from feedback_service.shops.staff import add_staff
from tests.mail.stack import letter
from tests.support.browser import DESKTOP, PHONE, follow, scrolls_sideways, serving, violations
from tests.support.builders import NOW, make_shop
from tests.support.staff import PASSWORD
from tests.web_staff.test_browser import Scheme, served_over_http, sign_in

REFUSED = "The mail server answered 554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using a list"
BUSY = "The mail server answered 451 4.7.1 Too many mails from your address, see https://postmaster.example.com/limits"
DOUBT = "The process ended while this mail was with the server: it may have arrived."
LONG = "un-nom-d-adresse-vraiment-tres-long.et-plus-encore@sous-domaine-tout-aussi-long.boutique.example.com"


def furnish(services: Services) -> None:
    """Fill an installation with mails in every state, a domain that waits, and everything that waits."""
    with services.database.writing() as session:
        shop = make_shop(session)
        add_staff(session, "camille@example.com", "Camille", Role.ADMIN, [shop], PASSWORD, NOW, language="fr")
        session.add_all(
            [
                letter(shop.id, 1, kind="survey", state=MailState.AMBIGUOUS, due_at=None, last_error=DOUBT),
                letter(
                    shop.id, 2, kind="digest", state=MailState.FAILED, due_at=None, last_error=REFUSED, recipient=LONG
                ),
                letter(shop.id, 3, kind="survey", last_error=BUSY, due_at=NOW + timedelta(hours=2), recipient=LONG),
                letter(shop.id, 4, kind="story_alert", audience=Audience.STAFF, created_at=NOW - timedelta(hours=5)),
                letter(shop.id, 5, state=MailState.SENT, due_at=None, sent_at=NOW - timedelta(minutes=3)),
            ]
        )
        for scope, strikes in ((EVERYTHING, 20), ("sous-domaine-tout-aussi-long.boutique.example.com", 5)):
            until = NOW + timedelta(minutes=15)
            session.add(MailPace(scope=scope, strikes=strikes, paused_until=until, why=BUSY, changed_at=NOW))


@pytest.mark.browser
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_of_the_outbox_are_accessible_and_fit(
    services: Services, chromium: Browser, size: ViewportSize, scheme: Scheme
) -> None:
    furnish(services)
    changed = {"mail_per_minute": 600, "mail_domain_per_hour": 5000, "mail_warm_up_on": NOW.date()}
    served = served_over_http(services)
    served = Services(served.settings.model_copy(update=changed), served.clock, served.database)
    with serving(create_app(served)) as address:
        page = chromium.new_page(viewport=size, color_scheme=scheme, locale="fr-FR")
        sign_in(page, address)
        for path in ("/mails", "/mails?view=waiting", "/mails?view=ended", "/mails/1/retry"):
            page.goto(f"{address}{path}")
            assert violations(page) == [], page.url
            assert not scrolls_sideways(page), page.url
        follow(page, page.get_by_role("button", name="Le renvoyer"))
        expect(page.get_by_role("status")).to_contain_text("Le message repart")
        page.close()
