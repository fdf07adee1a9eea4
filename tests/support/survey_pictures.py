"""Pictures of the customers' pages for docs/survey-page.md: `python -m tests.support.survey_pictures [FOLDER]`."""

import sys
import tempfile
from pathlib import Path

import sqlalchemy as sa
from playwright.sync_api import Browser, Page, sync_playwright

from feedback_service import schema
from feedback_service.app import create_app
from feedback_service.bootstrap import Services, build
from feedback_service.clock import ManualClock
from feedback_service.settings import load_settings
from tests.support.browser import ARGUMENTS, CHROMIUM, DESKTOP, PHONE, follow, serving
from tests.support.builders import NOW, SECRET
from tests.support.surveys import invite

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "images"


def main() -> None:
    """Write every picture."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        services = build(load_settings({}, instance=Path(name), secret_key=SECRET)).with_clock(ManualClock(NOW))
        schema.upgrade(services.database)
        token = invite(services, "fr", public_review_url="https://reviews.example.com/atelier")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        with serving(create_app(services)) as url:
            _take_all(browser, services, f"{url}/s/{token}", folder)
        browser.close()
        services.close()


def _take_all(browser: Browser, services: Services, survey: str, folder: Path) -> None:
    def picture(page: Page, name: str, *, whole: bool = True) -> None:
        page.screenshot(path=folder / f"survey-{name}.png", full_page=whole)

    for name, page in (
        ("phone", browser.new_page(viewport=PHONE)),
        ("wide-dark", browser.new_page(viewport=DESKTOP, color_scheme="dark")),
    ):
        page.goto(f"{survey}?r=4")
        picture(page, name)
    page = browser.new_page(viewport=PHONE, locale="fr")
    page.goto(f"{survey}?r=2")
    page.locator("#text").fill("Cassée à l’arrivée")
    page.context.set_offline(True)
    page.locator(".act button").first.click()
    page.locator(".act + [data-alert]").wait_for()
    picture(page, "offline", whole=False)
    page.context.set_offline(False)
    follow(page, page.locator(".act button").first)
    picture(page, "thanks")
    with services.database.writing() as session:
        session.execute(sa.text("ALTER TABLE answer RENAME TO out_of_reach"))
    page.goto(survey)
    picture(page, "later", whole=False)


if __name__ == "__main__":
    main()
