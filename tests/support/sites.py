"""The customers' pages at an address of their own, and a browser's page that complains aloud."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page

from feedback_service.app import create_app
from feedback_service.bootstrap import Services
from feedback_service.mail.models import OutboxMail
from tests.support.browser import PHONE, serving


@contextmanager
def opened(browser: Browser, **options: Any) -> Iterator[Page]:  # noqa: ANN401 - playwright's options
    """Open a page in a context of its own; what the page's console complains of fails the test."""
    context = browser.new_context(**({"viewport": PHONE} | options))
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    # The status of our own error pages is noted by the browser, too; a policy that blocks is what counts.
    assert [text for text in complaints if "Failed to load resource" not in text] == []


@pytest.fixture
def site(services: Services) -> Iterator[tuple[Services, str]]:
    """The application at an address of its own, which the mails' links name."""
    with serving(create_app(services)) as url:
        yield replace(services, settings=services.settings.model_copy(update={"public_url": url})), url


def mail_file(services: Services, folder: Path) -> str:
    """Write the survey mail's HTML part to a file; return its address."""
    with services.database.reading() as session:
        html = session.scalars(sa.select(OutboxMail.html).where(OutboxMail.kind == "survey")).one()
    path = folder / "mail.html"
    path.write_text(html or "", encoding="utf-8")
    return path.as_uri()
