"""A real Chromium and a real server on the loopback, for tests marked `browser`.

The fixture `chromium` is known to every test by tests/conftest.py; `serving(app)` gives the app an address;
`violations(page)` is what axe-core finds on a page; `follow` clicks and waits for the page it leads to.
"""

import contextlib
import os
import threading
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from axe_playwright_python import base as axe
from flask import Flask
from playwright.sync_api import Browser, Locator, Page, ViewportSize, sync_playwright
from werkzeug.serving import make_server

CHROMIUM = Path("/usr/bin/chromium")
PHONE: ViewportSize = {"width": 360, "height": 740}
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A running Chromium; without one the test is skipped, but on CI (CI=true) it fails."""
    if not CHROMIUM.exists():
        reason = f"needs Chromium at {CHROMIUM} (Debian: apt-get install chromium)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@contextlib.contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve `app` on a free port of 127.0.0.1 in threads; yield its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@cache
def _axe_source() -> str:
    return str(axe.AXE_FILE_PATH.read_text(encoding="utf-8"))


def violations(page: Page) -> list[str]:
    """Return what axe-core finds wrong, one line each: rule, help, and the elements at fault.

    The source is evaluated, not added as a script: the page's own policy allows no script.
    """
    page.evaluate(_axe_source())
    result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{found['id']}: {found['help']}: {', '.join(str(node['target']) for node in found['nodes'])}"
        for found in result["violations"]
    ]


def follow(page: Page, element: Locator) -> None:
    """Click what leads to another page, and wait until it is there: the click alone returns before."""
    with page.expect_navigation():
        element.click()


def scrolls_sideways(page: Page) -> bool:
    """Tell whether the page is wider than its window."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))
