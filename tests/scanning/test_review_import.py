"""The import of a review export: CSV, JSON and JSON lines, with a map, by the command."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_service.errors import InvalidInputError
from feedback_service.mentions.models import Document, Mention
from feedback_service.returns.connectors.csv_map import read_map_as
from feedback_service.scanning.intake import Taken
from feedback_service.scanning.review_files import Complaint, Record, value_at
from feedback_service.scanning.review_import import ReviewDesk, ReviewImport, ReviewTotals
from feedback_service.scanning.review_map import REVIEW_FIELDS, ReviewMap, ReviewPart
from feedback_service.scanning.review_rows import ReviewRows
from feedback_service.shops.models import Shop
from feedback_service.sources.items import Item
from tests.scanning.steps import count, mentions
from tests.support.builders import NOW
from tests.support.scans import ScanStage

DOCS = Path(__file__).resolve().parents[2] / "docs"
EXAMPLES = sorted((DOCS / "examples" / "reviews").glob("*.toml"))
HEAD = "id,title,text,author,published_at,rating\n"
ROWS = (
    HEAD
    + "1,Nul,Service horrible,Marie Dupont,2026-11-20,1\n"
    + '2,,"Jolie lampe, merci",Paul,2026-11-21T10:00,"4,5"\n'
    + "3,Parfait,,,,5\n"
)


class Importer:
    """Imports files into one shop and keeps what was told."""

    def __init__(self, stage: ScanStage, shop: Shop, folder: Path) -> None:
        self.stage = stage
        self.shop = shop
        self.folder = folder
        self.told: list[str] = []

    def run(self, content: str | bytes, review_map: ReviewMap | None = None, **more: Any) -> ReviewTotals:  # noqa: ANN401 - options of the desk
        path = self.folder / "export"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        desk = ReviewDesk(
            self.stage, self.shop, **({"name": "Old"} | more), tell=lambda complaint: self.told.append(str(complaint))
        )
        return ReviewImport(path, review_map or ReviewMap()).run(desk)

    def documents(self) -> list[Document]:
        with self.stage.database.reading() as session:
            return list(session.query(Document).order_by(Document.id))


@pytest.fixture
def importer(stage: ScanStage, shop: Shop, tmp_path: Path) -> Importer:
    """An import into the shop."""
    return Importer(stage, shop, tmp_path)


def test_a_good_file_is_stored_whole(importer: Importer) -> None:
    totals = importer.run(ROWS)
    assert (totals.rows, totals.problems, totals.taken) == (3, 0, Taken(3, 0, 3))
    stored = {document.identity: document for document in importer.documents()}
    assert set(stored) == {"id:1", "id:2", "id:3"}
    first = stored["id:1"]
    assert (first.title, first.text, first.author) == ("Nul", "Service horrible", "M. D.")
    assert (first.rating, first.best_rating) == (1.0, 5.0)
    assert first.published_at == datetime(2026, 11, 19, 23, tzinfo=UTC)  # midnight in Paris
    assert (stored["id:2"].rating, stored["id:3"].text, stored["id:3"].published_at) == (4.5, "", None)
    assert importer.told == []


def test_it_alerts_nobody_unless_it_is_told_to(importer: Importer) -> None:
    importer.run(ROWS)
    assert importer.stage.story_desk.told == []
    assert all(mention.is_baseline for mention in mentions(importer.stage.database))


def test_with_tell_the_reviews_of_the_last_days_alert(importer: Importer) -> None:
    week = timedelta(days=7)
    rows = [
        f"new,,Horrible,,{(NOW - week + timedelta(minutes=1)).isoformat()},1\n",
        f"old,,Horrible aussi,,{(NOW - week).isoformat()},1\n",
        "undated,,Horrible encore,,,1\n",
    ]
    importer.run(HEAD + "".join(rows), tells=True)
    told = {mention.id: mention.text for mention in mentions(importer.stage.database)}
    assert [told[mention_id] for mention_id in importer.stage.story_desk.told] == ["Horrible"]


def test_the_second_time_changes_nothing(importer: Importer) -> None:
    importer.run(ROWS)
    again = importer.run(ROWS, tells=True)
    assert again.taken == Taken(0, 3, 0)
    assert count(importer.stage.database, Document) == count(importer.stage.database, Mention) == 3
    assert importer.stage.story_desk.told == []


def test_a_later_export_adds_what_is_new(importer: Importer) -> None:
    importer.run(ROWS)
    assert importer.run(ROWS + "4,,Encore horrible,,2026-11-22,1\n").taken == Taken(1, 3, 1)


def test_without_ids_a_review_is_known_by_what_it_says(importer: Importer) -> None:
    rows = "text,author,rating\nHorrible,Marie,1\nHorrible,Paul,1\nHorrible,Marie,1\n"
    assert importer.run(rows).taken == Taken(2, 1, 2)
    assert importer.run("text,author,rating\nBien,Zoé,5\n" + rows.partition("\n")[2]).taken == Taken(1, 3, 1)


def test_an_id_that_is_no_id_is_told_and_hides_nothing_in_silence(importer: Importer) -> None:
    totals = importer.run("id,text\nLAMP,Horrible\nLAMP,Très bien\nLAMP,Horrible\n")
    assert (totals.taken, totals.problems) == (Taken(1, 1, 1), 1)
    assert importer.told == ["line 3: id: 'LAMP' is that of another review too (line 2)"]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("2,,,,,\n", "line 3: has neither a text nor a rating"),
        ("2,,Bien,,22/11/2026,5\n", "line 3: published_at: '22/11/2026' is not a date of the form"),
        ("2,,Bien,,,many\n", "line 3: rating: 'many' is not a rating"),
        ("2,,Bien,,,nan\n", "line 3: rating: 'nan' is not a rating"),
        ("2,,Bien\n", "line 3: has 3 cells where the first line names 6 columns"),
    ],
    ids=["nothing", "date", "rating", "no number", "short"],
)
def test_a_bad_row_costs_that_row_and_is_told_by_its_line(importer: Importer, row: str, told: str) -> None:
    totals = importer.run(HEAD + "1,,Horrible,,,1\n" + row + "3,,Mauvais,,,2\n")
    assert (totals.rows, totals.problems, totals.taken.new) == (3, 1, 2)
    assert len(importer.told) == 1
    assert importer.told[0].startswith(told)


def test_markup_is_taken_out(importer: Importer) -> None:
    importer.run("id,text,url\n1,<p>Nul</p><script>x()</script>,https://avis.example.com/1\n")
    (document,) = importer.documents()
    assert (document.text, document.url) == ("Nul", "https://avis.example.com/1")


def test_an_address_that_is_none_is_told(importer: Importer) -> None:
    importer.run("id,text,url\n1,Nul,javascript:alert(1)\n")
    assert "url: 'javascript:alert(1)' is not an address" in importer.told[0]


def as_lines(*reviews: object) -> str:
    return "\n".join(json.dumps(review) for review in reviews)


JSON_REVIEWS = (
    {"id": 1, "text": "Service horrible", "rating": 1, "published_at": "2026-11-20T10:00:00Z"},
    {"id": 2, "text": "Bien", "rating": 4.0, "author": None, "other": {"x": [1]}},
)


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(JSON_REVIEWS),
        json.dumps(JSON_REVIEWS, indent=2),
        as_lines(*JSON_REVIEWS),
        "\n" + "\n\n".join(map(json.dumps, JSON_REVIEWS)) + "\n\n",
        "\ufeff" + json.dumps(JSON_REVIEWS),
    ],
    ids=["document", "indented", "lines", "lines with blanks", "byte order mark"],
)
def test_json_comes_in_as_a_document_or_line_by_line(importer: Importer, content: str) -> None:
    totals = importer.run(content)
    assert (totals.taken, importer.told) == (Taken(2, 0, 2), [])
    assert {document.identity: document.rating for document in importer.documents()} == {"id:1": 1.0, "id:2": 4.0}


def test_one_object_alone_is_one_review(importer: Importer) -> None:
    assert importer.run(json.dumps(JSON_REVIEWS[0])).taken == Taken(1, 0, 1)


def test_a_bad_line_of_json_costs_that_line(importer: Importer) -> None:
    good = json.dumps(JSON_REVIEWS[0])
    totals = importer.run(f'{good}\n{{"id": 2,\n5\n{json.dumps(JSON_REVIEWS[1])}\n')
    assert (totals.taken.new, totals.problems) == (2, 2)
    assert importer.told == ["line 2: is no JSON object", "line 3: is no JSON object"]


def test_a_bad_element_of_a_document_costs_that_element(importer: Importer) -> None:
    totals = importer.run(json.dumps([None, JSON_REVIEWS[0], {"id": 3}]))
    assert (totals.taken.new, totals.problems) == (1, 2)
    assert importer.told == ["record 1: is no JSON object", "record 3: has neither a text nor a rating"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        (b"colour,size\nred,1\n", "lacks a column text, title or rating"),
        (b"[{", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b'{"data": []}\n{', "line 2"),
        (b"id,text\n1,caf\xe9\n", "0xE9"),
        (b'[{"id": 1, "text": "caf\xe9"}]', "encoding"),
    ],
    ids=["empty", "columns", "cut", "deep", "second line", "latin", "latin json"],
)
def test_a_file_that_cannot_be_read_stores_nothing(importer: Importer, content: bytes, told: str) -> None:
    if content.endswith(b"\n{"):
        importer.run(content)
        assert any(told in line for line in importer.told)
    else:
        with pytest.raises(InvalidInputError, match=told):
            importer.run(content)
    assert importer.documents() == []


def test_a_missing_file_is_told(importer: Importer, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="cannot be read"):
        ReviewImport(tmp_path / "nowhere.csv", ReviewMap())
    assert importer.documents() == []


def test_a_list_that_is_not_there_is_told(importer: Importer) -> None:
    part = ReviewPart(records="data.reviews")
    with pytest.raises(InvalidInputError, match=r"no list of reviews at 'data\.reviews'; at the top it has 'reviews'"):
        importer.run('{"reviews": []}', ReviewMap(reviews=part))


def test_a_column_that_the_map_names_must_be_there(importer: Importer) -> None:
    part = ReviewPart(columns={"text": "Comment"})
    with pytest.raises(InvalidInputError, match="lacks the columns: Comment"):
        importer.run(ROWS, ReviewMap(reviews=part))


def test_a_dry_run_counts_and_stores_nothing(importer: Importer) -> None:
    assert importer.run(ROWS, dry_run=True).taken == Taken(3, 0, 0)
    assert importer.documents() == []
    importer.run(ROWS)
    assert importer.run(ROWS + "4,,Bien,,,5\n", dry_run=True).taken == Taken(1, 3, 0)
    assert len(importer.documents()) == 3


def test_each_name_is_a_source_of_its_own(importer: Importer) -> None:
    assert importer.run(ROWS, name="Trustpilot").taken.new == 3
    assert importer.run(ROWS, name="Google").taken.new == 3
    assert len({document.source_id for document in importer.documents()}) == 2


def example(name: str) -> ReviewMap:
    return read_map_as(ReviewMap, DOCS / "examples" / "reviews" / name)


def test_the_example_for_trustpilot_reads_its_export(importer: Importer) -> None:
    columns = ("Review Id", "Review Created (UTC)", "Review Username", "Review Stars", "Review Title", "Review Content")
    file = io.StringIO()
    csv.writer(file).writerows([columns, ("r1", "2026-11-02 10:00:00", "Jeanne Martin", "1", "Nul", "Horrible")])
    assert importer.run(file.getvalue(), example("trustpilot.toml")).taken.new == 1
    (document,) = importer.documents()
    assert (document.author, document.rating, document.best_rating) == ("J. M.", 1.0, 5.0)
    assert document.published_at == datetime(2026, 11, 2, 10, tzinfo=UTC)


def test_the_example_for_google_reads_its_export(importer: Importer) -> None:
    review = {
        "name": "accounts/1/locations/2/reviews/AbF",
        "reviewer": {"displayName": "Paul Martin"},
        "starRating": "TWO",
        "comment": "Horrible",
        "createTime": "2026-11-02T10:00:00.123456789Z",
    }
    silent = {"name": "accounts/1/locations/2/reviews/AbG", "starRating": "FIVE"}
    assert importer.run(json.dumps({"reviews": [review, silent]}), example("google_takeout.toml")).taken.new == 2
    rated, written = sorted(importer.documents(), key=lambda document: document.text)
    assert (rated.rating, written.rating, written.best_rating, written.author) == (5.0, 2.0, 5.0, "P. M.")
    assert written.published_at is not None
    assert written.published_at.replace(microsecond=0) == datetime(2026, 11, 2, 10, tzinfo=UTC)


def test_the_example_for_google_play_reads_its_report(importer: Importer) -> None:
    head = "Package Name,Reviewer Language,Review Submit Date and Time,Star Rating,Review Title,Review Text,Review Link"
    row = "com.example,fr,2026-11-02T10:00:00Z,1,,Horrible,https://play.example.com/review?reviewId=1"
    assert importer.run(f"{head}\n{row}\n".encode("utf-16"), example("google_play.toml")).taken.new == 1
    assert importer.documents()[0].url == "https://play.example.com/review?reviewId=1"


def test_the_example_for_avis_verifies_reads_its_file(importer: Importer) -> None:
    review = {"id_review": "a1", "email": "marie@example.com", "firstname": "Marie", "rate": "2", "review": "Horrible"}
    importer.run(json.dumps([review | {"review_date": "2026-11-02T11:00:00+01:00"}]), example("avis_verifies.toml"))
    (document,) = importer.documents()
    assert (document.author, document.rating) == ("M.", 2.0)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_every_example_map_can_be_read(path: Path) -> None:
    assert read_map_as(ReviewMap, path).reviews.columns


@pytest.mark.parametrize("name", sorted({*ReviewMap.model_fields, *ReviewPart.model_fields, *REVIEW_FIELDS}))
def test_every_key_and_field_is_documented(name: str) -> None:
    assert f"`{name}`" in (DOCS / "import.md").read_text(encoding="utf-8").partition("## Reviews")[2]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[reviews.columns]\nstars = 'x'\n", "there is no field 'stars'"),
        ("[reviews.constants]\nid = 'x'\n", "an id cannot be a constant"),
        ("[reviews]\ncolour = 'x'\n", "reviews.colour: there is no such key"),
        ("[reviews.ratings]\nONE = 'x'\n", "reviews.ratings.ONE"),
        ("[orders]\n", "orders: there is no such key"),
        ("encoding = 'klingon'\n", "is not the name of an encoding"),
    ],
)
def test_a_mistake_in_a_map_is_told(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "map.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInputError, match=told):
        read_map_as(ReviewMap, path)


def test_rows_that_are_no_reviews_are_left_out_and_counted(importer: Importer) -> None:
    part = ReviewPart.model_validate({"rows": [{"column": "type", "matches": "^review$"}]})
    totals = importer.run("id,type,text\n1,review,Horrible\n2,question,Quand ?\n", ReviewMap(reviews=part))
    assert (totals.rows, totals.other_rows, totals.taken.new, totals.problems) == (2, 1, 1, 0)


@pytest.mark.parametrize(
    ("path", "value"),
    [("a.b", 1), ("a.c.1.d", 2), ("a.c.9.d", None), ("a.c.x", None), ("dotted.name", 3), ("none", None), ("", None)],
)
def test_a_path_leads_into_a_document(path: str, value: object) -> None:
    assert value_at({"a": {"b": 1, "c": [{}, {"d": 2}]}, "dotted.name": 3}, path) == value


@given(st.dictionaries(st.sampled_from(REVIEW_FIELDS), st.text(max_size=40)))
def test_whatever_a_record_holds_it_is_a_review_or_a_complaint(cells: dict[str, str]) -> None:
    rows = ReviewRows(ReviewMap(), UTC)
    found = rows.item(Record("line 2", cells))
    if isinstance(found, Item):
        assert found.guid
        assert found.title or found.text or found.rating is not None
        assert "\x00" not in f"{found.guid}{found.url}{found.title}{found.text}{found.author}"
        assert rows.item(Record("line 9", cells)) == found
    else:
        assert isinstance(found, Complaint)
        assert str(found).startswith("line 2: ")
