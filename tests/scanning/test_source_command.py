"""The commands `source add|list|check|pause|resume` and `scan`."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from click.testing import CliRunner, Result
from pytest_httpserver import HTTPServer

from feedback_service.cli import cli
from feedback_service.db import Database
from tests.support.builders import SECRET, make_shop
from tests.support.feeds import review, review_page, rss, rss_item


@pytest.fixture
def shop(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The environment of an installation with one shop."""
    monkeypatch.setenv("FEEDBACK_INSTANCE", str(tmp_path))
    monkeypatch.setenv("FEEDBACK_SECRET_KEY", SECRET)
    monkeypatch.setenv("FEEDBACK_DATABASE_URL", database.url.render_as_string(hide_password=False))
    monkeypatch.setenv("FEEDBACK_FETCH_ALLOW_PRIVATE", "127.0.0.0/8")
    with database.writing() as session:
        slug = make_shop(session).slug
    yield slug
    structlog.reset_defaults()


@pytest.fixture
def site(httpserver: HTTPServer) -> HTTPServer:
    """A blog with a feed, a review page, and a page that is neither."""
    page = "<html><head><link rel='alternate' type='application/rss+xml' href='/feed'></head></html>"
    feed = rss(rss_item("Atelier Lumen, quelle belle lampe", title="Une lampe", guid="1"), title="Le blog")
    httpserver.expect_request("/robots.txt").respond_with_data("")
    httpserver.expect_request("/feed").respond_with_data(feed, headers={"ETag": '"1"'})
    httpserver.expect_request("/avis").respond_with_data(review_page([review("Nul", 1)]))
    httpserver.expect_request("/blog").respond_with_data(page, content_type="text/html")
    return httpserver


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments, catch_exceptions=False)


def test_sources_are_added_listed_and_scanned(shop: str, site: HTTPServer) -> None:
    added = run("source", "add", site.url_for("/feed"), site.url_for("/avis"), "--shop", shop, "--reach", "2")
    assert added.exit_code == 0, added.output
    assert "feed (RSS or Atom), 1 items now" in added.output
    assert "review page" in added.output
    assert "new" in run("source", "list").output
    scanned = run("scan")
    assert "2 sources read." in scanned.output
    assert "ok" in scanned.output
    assert "0 sources read." in run("scan").output
    assert "2 sources read." in run("scan", "--all").output


@pytest.mark.usefixtures("shop")
def test_a_paused_source_is_left_alone_until_it_is_resumed(site: HTTPServer) -> None:
    assert run("source", "add", site.url_for("/feed"), "--terms-checked", "2026-11-02").exit_code == 0
    assert "terms checked 2026-11-02" in run("source", "list").output
    assert run("source", "pause", "1").exit_code == 0
    assert "paused or gone" in run("source", "list").output
    assert "0 sources read." in run("scan", "--all").output
    assert run("source", "resume", "1").exit_code == 0
    assert "1 source read." in run("scan").output


@pytest.mark.usefixtures("shop")
def test_one_bad_address_does_not_keep_the_others_out(site: HTTPServer) -> None:
    bad = ("nonsense", "http://10.0.0.1/feed", site.url_for("/blog"), site.url_for("/gone"))
    added = run("source", "add", *bad, site.url_for("/feed"), site.url_for("/feed"))
    assert added.exit_code == 1
    assert added.output.count("Not added") == 5
    for reason in ("begins with http://", "not on the public internet", "not a feed", "already has"):
        assert reason in added.output
    assert run("source", "list").output.count("http://") == 1


@pytest.mark.usefixtures("shop")
def test_check_tells_what_would_be_read_and_stores_nothing(site: HTTPServer) -> None:
    told = run("source", "check", site.url_for("/feed")).output
    for part in ("Le blog", "etag", "every 60 min", "Une lampe", "not asked"):
        assert part in told
    found = json.loads(run("source", "check", site.url_for("/avis"), "--json").output)
    assert (found["kind"], found["items"][0]["rating"], found["items"][0]["text"]) == ("review_page", 1.0, "Nul")
    failed = run("source", "check", site.url_for("/blog"))
    assert failed.exit_code == 1
    assert "/feed" in failed.output
    assert "error" in json.loads(run("source", "check", site.url_for("/blog"), "--json").output)
    assert "no sources yet" in run("source", "list").output


@pytest.mark.usefixtures("shop")
def test_a_shop_without_terms_is_warned(site: HTTPServer, database: Database) -> None:
    with database.writing() as session:
        make_shop(session, "silent", terms_any=[])
    assert "no terms to watch" in run("source", "add", site.url_for("/feed"), "--shop", "silent").output
