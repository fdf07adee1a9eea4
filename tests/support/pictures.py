"""Pictures of the running product for the README: `python -m tests.support.pictures` (or `make pictures`).

It starts the demo, plays the tour in Chromium, and writes what a reader would see to `docs/images/`.
"""

import contextlib
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.support.browser import ARGUMENTS, CHROMIUM, DESKTOP, PHONE

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "images"
_SURVEY, _ALERT, _DIGEST = "Comment s’est passé votre retour", "Avis négatif", "Atelier Lumen :"
_LOGO, _ACCENT = Path(__file__).resolve().parents[1] / "shops" / "data" / "logo.png", "#7a2e5d"
_WAIT_MS = 60_000
_SIGN_IN = re.compile(r"(\S+@\S+)\s+(\S+)\s+\(admin\)")


@contextlib.contextmanager
def _demo() -> Iterator[tuple[str, str, tuple[str, str]]]:
    """Run the demo; yield its start page, the product's address and the administrator's sign-in."""
    command = [sys.executable, "-m", "feedback_service", "demo"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        tour = ""
        for line in process.stdout:
            tour += line
            if "Ctrl-C" in line:
                break
        addresses = re.findall(r"http://127\.0\.0\.1:\d+", tour)
        login = _SIGN_IN.search(tour)
        assert login
        try:
            product = next(address for address in addresses if address != addresses[0])
            yield addresses[0], product, (login[1], login[2])
        finally:
            process.send_signal(signal.SIGINT)


def _mail(desk: BrowserContext, start: str, subject: str) -> str:
    """Wait for a mail whose subject holds `subject`; return the address of its HTML part alone."""
    page = desk.new_page()  # Its own, and closed again: the mailbox loads itself anew, whatever comes after it.
    page.goto(f"{start}/mailbox")
    link = page.get_by_role("link", name=re.compile(re.escape(subject))).last
    link.wait_for(timeout=_WAIT_MS)
    address = f"{start}{link.get_attribute('href')}/html"
    page.close()
    return address


def _take(context: BrowserContext, address: str, name: str, *, whole: bool = True) -> None:
    page = context.new_page()
    page.goto(address)
    page.screenshot(path=FOLDER / f"{name}.png", full_page=whole)
    page.close()


def _phone(browser: Browser, scheme: str = "light") -> BrowserContext:
    return browser.new_context(
        viewport=PHONE,
        locale="fr-FR",
        device_scale_factor=2,
        color_scheme="dark" if scheme == "dark" else "light",
    )


def _answer_badly(page: Page, mail: str) -> str:
    """Follow the link of rating 1 in the mail, answer, and return the page's address."""
    page.goto(mail)
    survey = page.locator("a[href*='/s/']").first.get_attribute("href") or ""
    page.goto(survey)
    page.get_by_role("textbox").last.fill("Reçu abîmé, et personne ne répond.")
    page.get_by_role("button").last.click()
    return survey


def take_all() -> None:
    """Play the tour and write every picture."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with _demo() as (start, product, (user, password)), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        desk, phone = browser.new_context(viewport=DESKTOP, locale="fr-FR"), _phone(browser)
        page = desk.new_page()
        survey_mail = _mail(desk, start, _SURVEY)
        _take(phone, survey_mail, "mail-survey", whole=False)
        _take(_phone(browser, "dark"), survey_mail, "mail-survey-dark", whole=False)
        page.goto(survey_mail)
        _take(phone, page.locator("a[href*='/s/']").first.get_attribute("href") or "", "survey-page", whole=False)
        _answer_badly(page, survey_mail)
        _take(phone, _mail(desk, start, _ALERT), "mail-alert", whole=False)
        _take(desk, _mail(desk, start, _DIGEST), "mail-digest", whole=False)
        page.goto(f"{product}/login")
        page.get_by_label(re.compile("mail|adresse", re.IGNORECASE)).fill(user)
        page.locator("input[type=password]").fill(password)
        page.get_by_role("button").last.click()
        page.wait_for_url(re.compile("inbox"))
        _take(desk, f"{product}/inbox", "inbox", whole=False)
        page.goto(f"{product}/inbox")
        # A mention in the language of the page, with its evidence marked.
        story = page.locator("a[href*='/stories/']", has_text="remboursement").get_attribute("href") or ""
        _take(desk, f"{product}{story}", "story", whole=False)
        for name in ("dashboard", "sources"):
            _take(desk, f"{product}/{name}", name, whole=False)
        page.goto(f"{product}/digests")
        digest = page.locator("a[href*='/digests/']").first.get_attribute("href") or ""
        _take(desk, f"{product}{digest}", "digest", whole=False)
        _take_look(page, browser, product)
        browser.close()


def _take_look(page: Page, browser: Browser, product: str) -> None:
    """Dress the shop on the page of a signed-in manager; take the page, and the survey mail as it looks then."""
    page.goto(f"{product}/look?kind=survey&language=fr")
    page.locator("input[name=logo]").set_input_files(_LOGO)
    page.locator("input[name=accent]").fill(_ACCENT)
    page.locator("form[enctype] button").click()
    page.wait_for_selector(".plate img")
    page.screenshot(path=FOLDER / "look.png")
    address = page.locator("iframe.mail").get_attribute("src") or ""
    html = page.request.get(f"{product}{address}").text()
    for scheme, name in (("light", "mail-survey-look"), ("dark", "mail-survey-look-dark")):
        mail = _phone(browser, scheme).new_page()
        mail.set_content(html)
        mail.screenshot(path=FOLDER / f"{name}.png")


if __name__ == "__main__":
    take_all()
