"""The command `source read`: saved documents in, one JSON object each out, whatever they are."""

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedback_service.cli import cli
from feedback_service.cli.source_read import answer_for
from tests.support.builders import NOW
from tests.support.feeds import review, review_page, rss, rss_item

FEED = rss(rss_item("Très <b>déçue</b> &amp; fâchée", title="Une lampe", guid="g1", link="/1", at=NOW, author="Zoé"))


def read(*arguments: str, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(cli, ["source", "read", *arguments], input=stdin, catch_exceptions=False)


def objects(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout_bytes.decode("utf-8").splitlines()]


def saved(folder: Path, name: str, content: bytes) -> str:
    (folder / name).write_bytes(content)
    return str(folder / name)


def test_a_feed_is_read_with_exactly_the_keys_that_are_promised(tmp_path: Path) -> None:
    result = read(saved(tmp_path, "feed", FEED), "--url", "https://blog.example.com/feed")
    assert result.exit_code == 0
    assert objects(result) == [
        {
            "file": str(tmp_path / "feed"),
            "kind": "feed",
            "items": [
                {
                    "id": "g1",
                    "url": "https://blog.example.com/1",
                    "title": "Une lampe",
                    "text": "Très déçue & fâchée",
                    "author": "Z.",
                    "published_at": NOW.isoformat(),
                }
            ],
        }
    ]
    assert "déçue".encode() in result.stdout_bytes


def test_reviews_have_their_stars_and_an_item_without_a_guid_the_identity_that_we_would_use(tmp_path: Path) -> None:
    page = saved(tmp_path, "page", review_page([review("Nul", "2,5", author="")]))
    (told,) = objects(read(page, "--url", "https://avis.example.com/lampe"))
    (item,) = told["items"]
    assert told["kind"] == "review_page"
    assert set(item) == {"id", "url", "title", "text", "rating", "best_rating"}
    assert (item["rating"], item["best_rating"], item["url"]) == (2.5, 5.0, "https://avis.example.com/lampe")
    assert item["id"].startswith("content:")


def test_a_bad_file_has_its_error_and_the_others_are_read(tmp_path: Path) -> None:
    good = saved(tmp_path, "good", FEED)
    bad = [saved(tmp_path, "text", b"Bonjour"), saved(tmp_path, "nothing", b""), str(tmp_path), str(tmp_path / "none")]
    result = read(*bad, good)
    assert result.exit_code == 1
    told = objects(result)
    assert [set(each) for each in told] == [{"file", "kind", "error", "items"}] * 4 + [{"file", "kind", "items"}]
    assert [each["file"] for each in told] == [*bad, good]
    for each, part in zip(told, ("not a feed", "empty", "folder", "no such file"), strict=False):
        assert part in each["error"]
        assert each["error"].endswith(".")


def test_gzip_is_unpacked_and_a_broken_or_endless_one_is_said(tmp_path: Path) -> None:
    packed = saved(tmp_path, "feed.gz", gzip.compress(FEED))
    broken = saved(tmp_path, "broken.gz", gzip.compress(FEED)[:-9])
    bomb = saved(tmp_path, "bomb.gz", gzip.compress(bytes(30_000_000)))
    told = objects(read(packed, broken, bomb))
    assert told[0]["items"][0]["id"] == "g1"
    assert "unpacked" in told[1]["error"]
    assert "fetch_max_bytes" in told[2]["error"]


def test_standard_input_is_a_file_too() -> None:
    (told,) = objects(read("-", "--content-type", "application/rss+xml; charset=utf-8", stdin=FEED))
    assert (told["file"], told["items"][0]["id"]) == ("-", "g1")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.integers(0, len(FEED)))
def test_no_bytes_make_it_fail(tmp_path: Path, noise: bytes, at: int) -> None:
    file = saved(tmp_path, "noise", FEED[:at] + noise + FEED[at:])
    told = answer_for(file, "", {})
    assert "fault of this program" not in told.get("error", "")


@pytest.mark.shared
def test_every_real_document_gives_items_or_a_sentence(shared: Path) -> None:
    files = sorted(path for path in (shared / "data").rglob("*") if path.suffix in {".xml", ".html", ".rss", ".atom"})
    assert len(files) > 100
    told = [answer_for(str(path), "https://site.example.com/", {}) for path in files]
    assert not [each for each in told if "fault of this program" in each.get("error", "")]
    assert {each["kind"] for each in told} >= {"feed", "review_page", "unknown"}


def test_it_loads_neither_database_nor_scorer(tmp_path: Path) -> None:
    code = (
        "import sys; from feedback_service.cli import cli; \n"
        "try: cli(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "print([name for name in ('sqlalchemy', 'pydantic', 'httpx', 'feedback_service.sentiment') "
        "if name in sys.modules], file=sys.stderr)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, "source", "read", saved(tmp_path, "feed", FEED)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stderr.strip().endswith("[]"), ran.stderr
