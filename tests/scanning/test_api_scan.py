"""A review API is scanned like every other source."""

import json
from pathlib import Path

import pytest
import structlog
from click.testing import CliRunner
from pytest_httpserver import HTTPServer

from feedback_service.cli import cli
from feedback_service.clock import ManualClock
from feedback_service.db import Database
from feedback_service.settings import Settings
from feedback_service.shops.models import Shop
from feedback_service.sources.apis.desk import ApiDesk
from feedback_service.sources.http.robots import Robots
from feedback_service.sources.models import SourceKind, SourceState
from feedback_service.sources.reading import SourceReader
from tests.scanning.steps import mentions, scan_all
from tests.sources.apis.conftest import trustpilot_account
from tests.sources.apis.servers import TrustpilotServer, numbered
from tests.support.builders import make_shop
from tests.support.environment import installation
from tests.support.scans import ScanStage

__all__ = ["installation"]


@pytest.fixture
def api_stage(stage: ScanStage, settings: Settings, clock: ManualClock, database: Database) -> ScanStage:
    """A scan that reads accounts too."""
    del database
    apis = ApiDesk(settings, stage.fetcher, clock)
    stage.source_reader = SourceReader(stage.fetcher, Robots(stage.fetcher, clock), lambda: apis.adapters)
    return stage


def write_accounts(folder: Path, text: str) -> None:
    path = folder / "accounts.toml"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)


def test_new_reviews_of_an_account_are_told(
    api_stage: ScanStage, shop: Shop, httpserver: HTTPServer, settings: Settings
) -> None:
    write_accounts(settings.instance, trustpilot_account(httpserver))
    server = TrustpilotServer(httpserver, numbered(31003, 31001))
    source_id = api_stage.add(shop, "trustpilot:main", SourceKind.TRUSTPILOT)
    assert scan_all(api_stage) == 1
    assert (len(mentions(api_stage.database)), api_stage.story_desk.told) == (3, [])
    source = api_stage.source(source_id)
    assert (source.state, source.title) == (SourceState.OK, "Trustpilot (main)")
    server.reviews[:0] = numbered(31004, 31004)
    scan_all(api_stage)
    new = mentions(api_stage.database)[-1]
    assert api_stage.story_desk.told == [new.id]
    assert (new.rating, new.author, new.thread) == (2.0, "M. D.", "https://www.trustpilot.com/reviews/r31004")
    scan_all(api_stage)
    assert "unchanged" in api_stage.source(source_id).state_reason


def test_an_account_that_is_refused_is_blocked_and_says_what_to_do(
    api_stage: ScanStage, shop: Shop, httpserver: HTTPServer, settings: Settings
) -> None:
    write_accounts(settings.instance, trustpilot_account(httpserver))
    TrustpilotServer(httpserver, []).tokens.status = 401
    source_id = api_stage.add(shop, "trustpilot:main", SourceKind.TRUSTPILOT)
    scan_all(api_stage)
    source = api_stage.source(source_id)
    assert source.state is SourceState.BLOCKED
    assert source.state_reason == (
        "Trustpilot gives no token for the account main (HTTP 401): what it holds is wrong or expired. "
        "Correct the account in accounts.toml (docs/sources-apis.md)."
    )
    assert source.due_at is not None
    assert "the-secret" not in source.state_reason


def test_an_account_is_checked_and_added_by_the_command(
    installation: Database, httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEEDBACK_FETCH_ALLOW_PRIVATE", "127.0.0.0/8")
    with installation.writing() as session:
        make_shop(session)
    write_accounts(tmp_path, trustpilot_account(httpserver))
    TrustpilotServer(httpserver, numbered(3, 1))
    found = json.loads(CliRunner().invoke(cli, ["source", "check", "trustpilot:main", "--json"]).stdout)
    assert (found["url"], found["kind"], len(found["items"])) == ("trustpilot:main", "trustpilot", 3)
    assert (found["robots"][:9], found["robots_line"]) == ("not asked", "")
    assert all(request.path != "/robots.txt" for request, _ in httpserver.log)
    added = CliRunner().invoke(cli, ["source", "add", "trustpilot:main", "trustpilot:other"])
    structlog.reset_defaults()
    assert added.exit_code == 1
    assert "Trustpilot Business API “Trustpilot (main)”, 3 items now." in added.stdout
    assert "There is no account [trustpilot.other] in accounts.toml." in added.stderr
    assert "the-secret" not in added.output
