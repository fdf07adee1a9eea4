"""What the survey's script adds, in a real Chromium: a dropped connection or a closed page loses nothing."""

import json

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect

from feedback_service.bootstrap import Services
from feedback_service.surveys.models import Answer
from tests.support.browser import violations
from tests.support.sites import opened
from tests.support.surveys import invite

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

Site = tuple[Services, str]


def fill_in(page: Page) -> None:
    page.locator("#rating-2").check()
    page.locator('input[name="reasons"][value="defective"]').check()
    page.locator("#text").fill("Cassée à l’arrivée")


def assert_filled_in(page: Page) -> None:
    expect(page.locator("#rating-2")).to_be_checked()
    expect(page.locator('input[name="reasons"][value="defective"]')).to_be_checked()
    expect(page.locator("#text")).to_have_value("Cassée à l’arrivée")


def kept(page: Page) -> dict[str, str]:
    """Return what the browser keeps for our pages."""
    found: dict[str, str] = page.evaluate("Object.fromEntries(Object.entries(localStorage))")
    return found


def stored(services: Services) -> list[tuple[int | None, str | None]]:
    with services.database.reading() as session:
        return [(answer.rating, answer.text) for answer in session.scalars(sa.select(Answer))]


def test_what_was_filled_in_is_back_after_the_page_was_closed(site: Site, chromium: Browser) -> None:
    services, url = site
    token = invite(services, "en")
    with opened(chromium) as page:
        page.goto(f"{url}/s/{token}")
        expect(page.get_by_text("kept on this device alone, for 12 hours at most")).to_be_visible()
        assert kept(page) == {}
        fill_in(page)
        again = page.context.new_page()
        again.goto(f"{url}/s/{token}")
        assert_filled_in(again)
        expect(again.get_by_text("has been restored")).to_be_visible()
        assert violations(again) == []
        (name, value), *others = kept(again).items()
        assert others == []
        assert token not in name + value


def test_what_was_filled_in_can_be_emptied_and_is_gone_from_the_device(site: Site, chromium: Browser) -> None:
    services, url = site
    token = invite(services, "en")
    with opened(chromium) as page:
        page.goto(f"{url}/s/{token}")
        fill_in(page)
        page.reload()
        page.get_by_role("button", name="Clear the form").click()
        expect(page.locator("#text")).to_have_value("")
        expect(page.locator("#rating-2")).not_to_be_checked()
        assert kept(page) == {}


def test_number_of_the_mails_link_is_newer_than_what_was_kept(site: Site, chromium: Browser) -> None:
    services, url = site
    token = invite(services)
    with opened(chromium) as page:
        page.goto(f"{url}/s/{token}")
        fill_in(page)
        page.goto(f"{url}/s/{token}?r=5")
        expect(page.locator("#rating-5")).to_be_checked()
        expect(page.locator("#text")).to_have_value("Cassée à l’arrivée")


def test_what_is_kept_is_forgotten_after_hours_whatever_page_is_opened(site: Site, chromium: Browser) -> None:
    services, url = site
    token = invite(services)
    with opened(chromium) as page:
        page.goto(f"{url}/s/{token}")
        fill_in(page)
        ((name, value),) = kept(page).items()
        hours = (json.loads(value)["until"] - page.evaluate("Date.now()")) / 3_600_000
        assert 11.9 < hours <= 12
        page.evaluate(
            "([name, values]) => localStorage.setItem(name, JSON.stringify({values, until: Date.now() - 1}))",
            [name, json.loads(value)["values"]],
        )
        page.goto(f"{url}/s/wrong")
        assert kept(page) == {}
        page.goto(f"{url}/s/{token}")
        expect(page.locator("#text")).to_have_value("")


def test_dropped_connection_is_said_and_the_answer_sent_once_it_is_back(site: Site, chromium: Browser) -> None:
    services, url = site
    token = invite(services, "en")
    with opened(chromium) as page:
        page.goto(f"{url}/s/{token}")
        fill_in(page)
        page.context.set_offline(True)
        expect(page.locator("[data-alert]")).to_contain_text("There is no connection")
        page.locator(".act button").last.click()
        expect(page.locator(".act + [data-alert]")).to_contain_text("has not been sent yet")
        assert violations(page) == []
        assert_filled_in(page)
        assert stored(services) == []
        page.context.set_offline(False)
        expect(page.locator("[data-alert]")).to_contain_text("connected again")
        assert stored(services) == []  # Nothing is sent but by the button (R31).
        page.locator(".act button").last.click()
        page.wait_for_url("**/thanks")
        assert kept(page) == {}
    assert stored(services) == [(2, "Cassée à l’arrivée")]


def test_answer_whose_thanks_were_lost_can_be_sent_again_and_is_one(site: Site, chromium: Browser) -> None:
    services, url = site
    token = invite(services, "en")
    with opened(chromium) as page:
        page.goto(f"{url}/s/{token}")
        fill_in(page)
        # The form arrives, and what comes back does not.
        page.route(f"**/s/{token}", lambda route: (route.fetch(max_redirects=0), route.abort()), times=1)
        page.locator(".act button").last.click()
        expect(page.locator("[data-alert]")).to_contain_text("There is no connection")
        assert len(stored(services)) == 1
        page.locator(".act button").last.click()
        page.wait_for_url("**/thanks")
    assert stored(services) == [(2, "Cassée à l’arrivée")]


def test_fault_on_our_side_keeps_the_form_and_says_so(site: Site, chromium: Browser) -> None:
    services, url = site
    token = invite(services, "en")
    with opened(chromium) as page:
        page.goto(f"{url}/s/{token}")
        fill_in(page)
        _rename(services, "answer", "out_of_reach")
        page.locator(".act button").last.click()
        expect(page.locator("[data-alert]")).to_contain_text("the fault is on our side")
        assert_filled_in(page)
        _rename(services, "out_of_reach", "answer")
        page.locator(".act button").last.click()
        page.wait_for_url("**/thanks")
    assert stored(services) == [(2, "Cassée à l’arrivée")]


def _rename(services: Services, old: str, new: str) -> None:
    with services.database.writing() as session:
        session.execute(sa.text(f"ALTER TABLE {old} RENAME TO {new}"))


def test_browser_that_keeps_nothing_answers_all_the_same(site: Site, chromium: Browser) -> None:
    services, url = site
    token = invite(services)
    with opened(chromium) as page:
        page.add_init_script(
            "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError'); }})"
        )
        page.goto(f"{url}/s/{token}")
        expect(page.locator("[data-kept]")).to_be_hidden()
        fill_in(page)
        page.locator(".act button").last.click()
        page.wait_for_url("**/thanks")
    assert stored(services) == [(2, "Cassée à l’arrivée")]


def test_nothing_of_the_script_is_seen_without_one(site: Site, chromium: Browser) -> None:
    services, url = site
    token = invite(services, "en")
    with opened(chromium, java_script_enabled=False) as page:
        page.goto(f"{url}/s/{token}")
        for part in ("[data-kept]", "[data-restored]", "[data-alert]"):
            expect(page.locator(part)).to_be_hidden()
