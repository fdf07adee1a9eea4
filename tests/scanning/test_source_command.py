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
from feedback_service.errors import ConflictError, InvalidInputError
from feedback_service.sources.registry import find_source
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
    page = "<html><head><link rel='alternate' type='application/rss+xml' href='/feed'><link rel='alternate' type='application/rss+xml' href='/comments/feed'></head></html>"  # noqa: E501 - one document
    comments = rss(rss_item("Nul", link="https://blog.example.com/1#c"), title="Les commentaires")
    feed = rss(rss_item("Atelier Lumen, quelle belle lampe", title="Une lampe", guid="1"), title="Le blog")
    httpserver.expect_request("/robots.txt").respond_with_data(
        "User-agent: *\nDisallow: /secret\nDisallow: /avi\nAllow: /avis"
    )
    httpserver.expect_request("/comments/feed").respond_with_data(comments)
    httpserver.expect_request("/secret").respond_with_data(review_page([review("Nul", 1)]))
    httpserver.expect_request("/empty").respond_with_data("Rien", content_type="text/plain")
    httpserver.expect_request("/feed").respond_with_data(feed, headers={"ETag": '"1"'})
    httpserver.expect_request("/avis").respond_with_data(review_page([review("Nul", 1)]))
    httpserver.expect_request("/blog").respond_with_data(page, content_type="text/html")
    return httpserver


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments, catch_exceptions=False)


def test_sources_are_added_listed_and_scanned(shop: str, site: HTTPServer) -> None:
    added = run("source", "add", site.url_for("/feed"), site.url_for("/avis"), "--shop", shop, "--reach", "2")
    assert added.exit_code == 0, added.output
    assert "feed (RSS, Atom or JSON Feed) “Le blog”, 1 item now" in added.output
    assert "review page" in added.output
    assert "new" in run("source", "list").output
    scanned = run("scan")
    assert "2 sources read." in scanned.output
    assert "ok" in scanned.output
    assert "0 sources read." in run("scan").output
    assert "2 sources read." in run("scan", "--all").output


@pytest.mark.usefixtures("shop")
def test_a_window_lets_the_first_scan_alert(site: HTTPServer, database: Database) -> None:
    added = run("source", "add", site.url_for("/feed"), "--window", "7")
    assert "The first scan alerts on what was published in the last 7 days" in added.output
    with database.reading() as session:
        source = find_source(session, 1)
        assert source.window_days == 7
        assert source.state_reason.endswith("alerts only on what was published in the last 7 days.")
    assert run("source", "add", site.url_for("/avis"), "--window", "366").exit_code == 2


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
    bad = ("nonsense", "http://10.0.0.1/feed", site.url_for("/empty"), site.url_for("/gone"))
    added = run("source", "add", *bad, site.url_for("/feed"))
    assert added.exit_code == 1
    assert added.output.count("Not added") == 4
    for reason in ("begins with http://", "not on the public internet", "not a feed", "HTTP 500"):
        assert reason in added.output
    assert run("source", "list").output.count("http://") == 1


@pytest.mark.usefixtures("shop")
def test_an_address_that_is_there_already_is_named_and_is_no_error(site: HTTPServer) -> None:
    added = run("source", "add", site.url_for("/feed"), site.url_for("/feed"), site.url_for("/blog"))
    assert added.exit_code == 0
    assert "Named more than once" in added.output
    assert added.output.count("Added") == 1
    again = run("source", "add", site.url_for("/feed"))
    assert (again.exit_code, again.output.count("Already there: 1")) == (0, 1)


@pytest.mark.usefixtures("shop")
def test_a_blog_is_pasted_and_its_feed_is_added_with_a_word_on_what_else_there_is(site: HTTPServer) -> None:
    added = run("source", "add", site.url_for("/blog"))
    assert added.exit_code == 0
    assert f"Added 1: {site.url_for('/feed')}" in added.output
    assert "named by the page" in added.output
    assert f"source add --kind feed {site.url_for('/comments/feed')}" in added.output
    more = run("source", "add", "--comments", site.url_for("/blog"))
    assert f"Added 2: {site.url_for('/comments/feed')}" in more.output
    assert more.exit_code == 0


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("form", ["lines", "opml"])
def test_a_list_of_addresses_is_added(site: HTTPServer, tmp_path: Path, form: str) -> None:
    addresses = [site.url_for("/feed"), site.url_for("/avis")]
    lines = "\n".join(["# ours", "", *(f"{address}  # a note" for address in addresses)])
    outlines = "".join(f'<outline text="x"><outline xmlUrl="{address}"/></outline>' for address in addresses)
    opml = f'<?xml version="1.0"?><opml version="2.0"><body>{outlines}</body></opml>'
    listed = tmp_path / "list"
    listed.write_text(lines if form == "lines" else opml)
    added = run("source", "add", "--file", str(listed))
    assert (added.exit_code, added.output.count("Added")) == (0, 2), added.output


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'<!DOCTYPE x [<!ENTITY e "x">]><opml><outline xmlUrl="https://x.example.com/"/></opml>', "document type"),
        (b"<opml><outline", "is no XML"),
        (b"https://caf\xe9.example.com/", "not UTF-8"),
        (b"# nothing\n", "at least one address"),
    ],
)
def test_a_bad_list_is_refused_in_a_sentence(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "list").write_bytes(content)
    with pytest.raises(InvalidInputError, match=reason):
        run("source", "add", "--file", str(tmp_path / "list"))


@pytest.mark.usefixtures("shop")
def test_check_tells_what_would_be_read_and_stores_nothing(site: HTTPServer) -> None:
    told = run("source", "check", site.url_for("/feed")).output
    for part in ("Le blog", "etag", "every 60 min", "Une lampe", "not asked", "1 of 1 items are about atelier"):
        assert part in told
    found = json.loads(run("source", "check", site.url_for("/avis"), "--json").output)
    assert (found["kind"], found["items"][0]["rating"], found["items"][0]["text"]) == ("review_page", 1.0, "Nul")
    assert (found["robots_line"], found["ratings"]) == ("Allow: /avis", 1)
    assert "no sources yet" in run("source", "list").output


@pytest.mark.usefixtures("shop")
def test_check_finds_what_add_would_find(site: HTTPServer) -> None:
    found = json.loads(run("source", "check", site.url_for("/blog"), "--json").output)
    assert (found["url"], found["found_by"]) == (site.url_for("/feed"), "link")
    assert [other["url"] for other in found["also_found"]] == [site.url_for("/comments/feed")]


@pytest.mark.usefixtures("shop")
def test_a_name_that_things_are_pushed_under_is_checked_and_added_without_a_request(site: HTTPServer) -> None:
    found = json.loads(run("source", "check", "pushed:Vieux avis", "--json").output)
    assert (found["kind"], found["next_poll_at"], found["items"]) == ("pushed", None, [])
    assert "never polled" in run("source", "check", "pushed:Vieux avis").output
    added = run("source", "add", "pushed:Vieux avis")
    assert (added.exit_code, "Added 1: pushed:Vieux avis" in added.output) == (0, True)
    assert "POST /api/v1/mentions" in added.output
    assert "first scan" not in added.output
    assert "Already there: 1" in run("source", "add", "pushed: Vieux  avis", "--kind", "pushed").output
    assert "(never polled)" in run("source", "list").output
    with pytest.raises(ConflictError, match="pushed or imported"):
        run("source", "reread", "1")
    refused = run("source", "add", "--kind", "pushed", site.url_for("/feed"))
    assert (refused.exit_code, "is written pushed:NAME" in refused.output) == (1, True)
    assert not site.log


@pytest.mark.usefixtures("shop")
def test_the_next_poll_is_told_as_the_site_asks_for_it(site: HTTPServer) -> None:
    hours = "".join(f"<hour>{hour}</hour>" for hour in range(23))
    asking = rss(rss_item("x")).replace(b"<item>", f"<skipHours>{hours}</skipHours><item>".encode(), 1)
    site.expect_request("/night").respond_with_data(asking)
    told = json.loads(run("source", "check", site.url_for("/night"), "--json").output)
    assert told["next_poll_at"][11:13] == "23"


@pytest.mark.usefixtures("shop")
def test_a_failure_says_what_to_do(site: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FEEDBACK_FETCH_ALLOW_PRIVATE")
    for command in ("check", "add"):
        refused = run("source", command, site.url_for("/feed"))
        assert "Allow the network with fetch_allow_private if it is yours." in refused.output


@pytest.mark.usefixtures("shop")
def test_the_average_that_a_page_shows_is_told(site: HTTPServer) -> None:
    rated = review_page([review("Nul", 1)], aggregateRating={"ratingValue": "3,4", "reviewCount": "12"})
    site.expect_request("/avis-notes").respond_with_data(rated)
    assert "the page shows 3.4 of 5 from 12 ratings" in run("source", "check", site.url_for("/avis-notes")).output


@pytest.mark.usefixtures("shop")
def test_check_says_why_an_address_cannot_be_read(site: HTTPServer) -> None:
    failed = run("source", "check", site.url_for("/empty"))
    assert failed.exit_code == 1
    assert "not a feed" in failed.output
    told = json.loads(run("source", "check", "nonsense", "--json").output)
    assert set(told) == {"url", "error"}
    forbidden = json.loads(run("source", "check", site.url_for("/secret"), "--json").output)
    assert forbidden["robots_line"] == "Disallow: /secret"


@pytest.mark.usefixtures("shop")
def test_a_source_is_read_anew_when_somebody_asks(site: HTTPServer, database: Database) -> None:
    run("source", "add", site.url_for("/feed"))
    run("scan")
    with database.reading() as session:
        assert find_source(session, 1).etag == '"1"'
    assert run("source", "reread", "1").exit_code == 0
    with database.reading() as session:
        source = find_source(session, 1)
        assert (source.etag, source.body_digest) == (None, None)
    assert "1 source read." in run("scan").output


@pytest.mark.usefixtures("shop")
def test_a_source_is_removed_with_what_was_found_there(site: HTTPServer) -> None:
    run("source", "add", site.url_for("/feed"))
    run("scan")
    with pytest.raises(InvalidInputError, match=r"1 document and 1 mention\? .*--yes"):
        run("source", "remove", "1")
    removed = run("source", "remove", "1", "--yes")
    assert "Removed 1" in removed.output
    assert "1 document and 1 mention" in removed.output
    assert "no sources yet" in run("source", "list").output


@pytest.mark.usefixtures("shop")
def test_a_shop_without_terms_is_warned(site: HTTPServer, database: Database) -> None:
    with database.writing() as session:
        make_shop(session, "silent", terms_any=[])
    assert "no terms to watch" in run("source", "add", site.url_for("/feed"), "--shop", "silent").output
