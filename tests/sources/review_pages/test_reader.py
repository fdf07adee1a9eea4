"""Review pages: schema.org Review in JSON-LD, as sites really write it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_service.sources.errors import ReadError, ReadFailure
from feedback_service.sources.items import Item
from feedback_service.sources.review_pages.reader import read_review_page
from feedback_service.sources.texts.dates import parse_date
from feedback_service.sources.texts.plain import html_to_text
from feedback_service.sources.texts.ratings import scaled
from tests.support.feeds import review, review_page

URL = "https://avis.example.com/lampe"


def items(body: bytes, content_type: str = "") -> tuple[Item, ...]:
    return read_review_page(body, URL, {"content-type": content_type}).items


def script(text: str) -> bytes:
    return f"<html><script type='application/ld+json'>{text}</script></html>".encode()


def test_a_review_comes_with_stars_date_and_a_pseudonym() -> None:
    page = review_page([review("Jamais re&ccedil;u", "1,5", name="Déçue", datePublished="2026-11-20T08:00:00Z")])
    assert items(page) == (
        Item(
            guid="",
            url="",
            page_url=URL,
            title="Déçue",
            text="Jamais reçu",
            author="C. E.",
            published_at=datetime(2026, 11, 20, 8, 0, tzinfo=UTC),
            rating=1.5,
            best_rating=5.0,
        ),
    )


def test_a_review_keeps_its_own_address_but_not_a_place_on_the_page() -> None:
    page = review_page([review("a", url="/avis/17"), review("b", url="#review-1")])
    assert [(item.url, item.page_url) for item in items(page)] == [
        ("https://avis.example.com/avis/17", URL),
        ("", f"{URL}#review-1"),
    ]


FORMS = {
    "graph": {"@graph": [{"@type": "WebPage"}, review("x")]},
    "list of blocks": [{"@type": "Organization"}, review("x")],
    "one review, no list": {"@type": "Product", "review": review("x")},
    "full type names": {"@type": "Product", "review": review("x") | {"@type": "https://schema.org/Review"}},
    "several types": {"@type": ["Thing", "Product"], "review": [review("x") | {"@type": ["Review", "Thing"]}]},
    "no type": {"@type": "Product", "reviews": [{"reviewBody": "x"}]},
    "deep": {"@type": "ItemList", "itemListElement": [{"item": {"@type": "Product", "review": [review("x")]}}]},
    "by reference": {"@graph": [{"@type": "Product", "review": {"@id": "#1"}}, review("x") | {"@id": "#1"}]},
    "twice": {"@graph": [{"@type": "Product", "review": [review("x")]}, review("x")]},
    "description": {"@type": "Review", "description": "x"},
    "reversed": {"@type": "Product", "@reverse": {"itemReviewed": [review("x")]}},
    "of an offer": {"@type": "Product", "offers": [{"@type": "Offer", "review": review("x")}]},
    "of a variant": {"@type": "ProductGroup", "hasVariant": [{"@type": "Product", "review": [review("x")]}]},
    "main entity": {"@type": "WebPage", "mainEntity": {"@type": "Product", "review": review("x")}},
    "product inside": {"@type": "Review", "reviewBody": "x", "itemReviewed": {"@type": "Product", "name": "Lampe"}},
    "expanded": [{"@type": ["http://schema.org/Review"], "http://schema.org/reviewBody": [{"@value": "x"}]}],
    "prefixed": {"@type": "schema:Review", "schema:reviewBody": "x"},
    "alias": {"type": "Review", "reviewBody": "x"},
    "circle": {
        "@graph": [
            {"@id": "#p", "@type": "Product", "review": {"@id": "#r"}},
            review("x") | {"@id": "#r", "itemReviewed": {"@id": "#p"}},
        ]
    },
    "language value": {"@type": "Review", "reviewBody": {"@value": "x", "@language": "fr"}},
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_each_nesting_gives_the_review_once(form: object) -> None:
    assert [item.text for item in items(script(json.dumps(form)))] == ["x"]


@pytest.mark.parametrize(
    "text",
    [
        '<!-- {"@type":"Review","reviewBody":"x"} -->',
        '//<![CDATA[\n{"@type":"Review","reviewBody":"x"}\n//]]>',
        '{"@type":"Review","reviewBody":"x",}',
        '{"@type":"Review","reviewBody":"x"};',
        '// a comment\n{"@type":"Review","reviewBody":"x"}',
        '{"@type":"Review",\n"reviewBody":"x\n\t"}',
        '\ufeff{"@type":"Review","reviewBody":"x"}',
        '{"@type":"Review","reviewBody":"x" /* the text */}',
        '{"@type":"Review","url":"https://a.example.com//b", // where\n"reviewBody":"x"}',
        '{"@type":"Review","name":undefined,"reviewBody":"x"}',
        '{"@type":"Review","reviewRating":{"ratingValue":NaN},"reviewBody":"x"}',
        '{"@type":"Review","name":"l\\\'avis","reviewBody":"x"}',
        "{&quot;@type&quot;:&quot;Review&quot;,&quot;reviewBody&quot;:&quot;x&quot;}",
        '{"@type":"Product"}{"@type":"Review","reviewBody":"x"}',
        '"{\\"@type\\":\\"Review\\",\\"reviewBody\\":\\"x\\"}"',
        '{"@type":"Product","description":"a 3" pipe","review":[{"@type":"Review","reviewBody":"x"}]}',
        '{"@type":"Product","review":[{"author":{"name":"C"},"@type":"Review","reviewBody":"x"},{"@type":"Revi',
    ],
)
def test_broken_blocks_are_repaired(text: str) -> None:
    assert [item.text for item in items(script(text))] == ["x"]


def test_one_hopeless_block_does_not_hide_the_others() -> None:
    assert [item.text for item in items(script("{broken") + review_page([review("x")]))] == ["x"]


def test_a_rating_behind_a_reference_is_found() -> None:
    graph = [{"@type": "Review", "reviewBody": "x", "reviewRating": {"@id": "#r"}}, {"@id": "#r", "ratingValue": 2}]
    assert items(script(json.dumps({"@graph": graph})))[0].rating == 2


@pytest.mark.parametrize(
    ("raw", "best", "expected"),
    [
        ("4", "5", (4.0, 5.0)),
        ("4,5", "5", (4.5, 5.0)),
        ("4.4375123", "", (4.4375123, 5.0)),
        ("8", "", (8.0, 10.0)),
        ("8/10", "", (8.0, 10.0)),
        ("7 sur 20", "", (7.0, 20.0)),
        ("80 %", "", (80.0, 100.0)),
        ("3 %", "", (3.0, 100.0)),
        ("5 étoiles", "", (5.0, 5.0)),
        ("9", "5", (9.0, 10.0)),
        ("0", "5", (0.0, 5.0)),
        ("", "5", (None, None)),
        ("-1", "5", (None, None)),
        ("excellent", "", (None, None)),
        ("900", "", (None, None)),
        ("4 étoiles sur 10", "", (4.0, 10.0)),
        ("Rated 4.0 out of 5 stars", "", (4.0, 5.0)),
        ("Note : 3 von 6", "", (3.0, 6.0)),
        ("80 %", "5", (80.0, 100.0)),
        ("★★☆☆☆", "", (2.0, 5.0)),
        ("NaN", "5", (None, None)),
        ("Infinity", "5", (None, None)),
        ("9" * 400, "5", (None, None)),
        ("4", "0", (4.0, 5.0)),
        ("4", "-5", (4.0, 5.0)),
        ("4", "excellent", (4.0, 5.0)),
    ],
)
def test_stars_are_read_on_their_scale(raw: str, best: str, expected: tuple[float | None, float | None]) -> None:
    assert scaled(raw, best) == expected


@pytest.mark.parametrize(
    ("raw", "best", "worst", "expected"),
    [
        pytest.param("0", "5", "0", (0.0, 5.0), id="nought is the worst"),
        pytest.param("0", "5", "1", (None, None), id="nought is no rating where the worst is one"),
        pytest.param("1", "5", "1", (1.0, 5.0), id="the usual scale"),
        pytest.param("1", "1", "6", (5.0, 5.0), id="a school mark, best"),
        pytest.param("6", "1", "6", (1.0, 5.0), id="a school mark, worst"),
        pytest.param("-5", "5", "-5", (1.0, 5.0), id="below nought"),
        pytest.param("1", "2", "1", (1.0, 5.0), id="thumb down"),
        pytest.param("2", "2", "1", (5.0, 5.0), id="thumb up"),
        pytest.param("7", "1", "6", (None, None), id="off the scale"),
        pytest.param("3", "5", "5", (None, None), id="a scale without steps"),
    ],
)
def test_scales_that_begin_elsewhere_are_turned(
    raw: str, best: str, worst: str, expected: tuple[float | None, float | None]
) -> None:
    assert scaled(raw, best, worst) == expected


@given(st.text(), st.text(), st.text())
def test_no_rating_raises_nor_leaves_its_scale(raw: str, best: str, worst: str) -> None:
    rating, scale = scaled(raw, best, worst)
    assert (rating is None) == (scale is None)
    assert rating is None or scale is None or 0 <= rating <= scale


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-20", "2026-11-20T00:00"),
        ("2026-11-20T08:00:00.1234567Z", "2026-11-20T08:00"),
        ("2026-11-20T08:00:00+02:00", "2026-11-20T06:00"),
        ("2026-11-20T08:00:00 02:00", "2026-11-20T06:00"),
        ("2026-11-20T08:00:00-0500", "2026-11-20T13:00"),
        ("2026-11-20 08:00:00 +0000 UTC", "2026-11-20T08:00"),
        ("2026-1-2", "2026-01-02T00:00"),
        ("22/04/2020", "2020-04-22T00:00"),
        ("04/22/2020", "2020-04-22T00:00"),
        ("05.04.2020", "2020-04-05T00:00"),
        ("2020/04/22", "2020-04-22T00:00"),
        ("20200422", "2020-04-22T00:00"),
        ("Apr 22, 2020", "2020-04-22T00:00"),
        ("22 avril 2020", "2020-04-22T00:00"),
        ("le 1er août 2020", "2020-08-01T00:00"),
        ("Publié le 3 juil. 2020", "2020-07-03T00:00"),
        ("1587513600", "2020-04-22T00:00"),
        ("1587513600000", "2020-04-22T00:00"),
        ("2020-13-45", None),
        ("0001-01-01T00:00:00", None),
        ("il y a 3 jours", None),
        ("", None),
    ],
)
def test_dirty_dates_are_read(text: str, expected: str | None) -> None:
    found = parse_date(text)
    assert (found.strftime("%Y-%m-%dT%H:%M") if found else None) == expected
    assert found is None or found.tzinfo is UTC


def test_a_page_that_writes_the_month_first_is_read_so_throughout() -> None:
    american = review_page([review("a", datePublished="04/05/2020"), review("b", datePublished="04/22/2020")])
    assert [item.published_at for item in items(american)] == [
        datetime(2020, 4, 5, tzinfo=UTC),
        datetime(2020, 4, 22, tzinfo=UTC),
    ]
    mixed = review_page([review("a", datePublished="04/05/2020"), review("b", datePublished="22/04/2020")])
    assert [item.published_at for item in items(mixed)] == [
        datetime(2020, 5, 4, tzinfo=UTC),
        datetime(2020, 4, 22, tzinfo=UTC),
    ]


@given(st.one_of(st.text(), st.integers(), st.floats(), st.none()))
def test_no_date_raises(value: object) -> None:
    parse_date(value)


def test_a_product_without_reviews_is_empty() -> None:
    assert items(review_page([])) == ()


def test_a_page_without_markup_is_refused_and_its_feed_is_named() -> None:
    page = b"<html><head><link rel='alternate' type='application/atom+xml' href='/atom'></head><p>Avis</p></html>"
    with pytest.raises(ReadError) as caught:
        items(page)
    assert caught.value.kind is ReadFailure.NO_MARKUP
    assert caught.value.feed_url == "https://avis.example.com/atom"


@pytest.mark.parametrize("label", ["text/html; charset=utf-8", "", "text/html; charset=klingon"])
def test_latin_1_that_says_something_else_is_read(label: str) -> None:
    body = review_page([review("Problème réglé")]).replace(b"charset='utf-8'", b"").decode().encode("latin-1")
    assert items(body, label)[0].text == "Problème réglé"


def test_utf_8_that_says_latin_1_is_read() -> None:
    assert items(review_page([review("Problème")]), "text/html; charset=iso-8859-1")[0].text == "Problème"


def test_markup_never_survives() -> None:
    text = "Nul<br>&lt;script&gt;alert(1)&lt;/script&gt; <script>alert(2)</script>"
    assert "<script" not in html(items(review_page([review(text)]))[0].text)


def html(text: str) -> str:
    """Return what the template's escaping makes of a text."""
    from markupsafe import escape

    return str(escape(text))


def test_a_page_nested_without_end_is_only_unreadable() -> None:
    with pytest.raises(ReadError):
        items(script('{"review":' * 100_000 + "1" + "}" * 100_000))


@given(st.recursive(st.one_of(st.none(), st.booleans(), st.floats(), st.text(max_size=5)), lambda inner: st.one_of(
    st.lists(inner, max_size=3),
    st.dictionaries(
        st.sampled_from(("@type", "@id", "name", "review", "reviewBody", "reviewRating", "ratingValue", "url",
                         "author", "datePublished", "identifier", "@graph")), inner, max_size=6),
), max_leaves=12))  # fmt: skip
def test_no_shape_of_json_raises_anything_but_a_read_error(shape: object) -> None:
    block = json.dumps([{"@type": "Review", "reviewBody": "x", "author": shape, "reviewRating": shape}, shape])
    try:
        items(script(block.replace("</", "<\\/")))
    except ReadError:
        return


def squeezed(text: object) -> str:
    """Return the letters and digits of a text, without its tags: what two readings of one page have in common."""
    return "".join(character for character in html_to_text(unescape(str(text or ""))) if character.isalnum())


def differences(found: tuple[Item, ...], expected: list[dict[str, Any]]) -> list[str]:
    """Say how the items differ from the reviews of the oracle, review by review."""
    if len(found) != len(expected):
        return [f"{len(found)} instead of {len(expected)}"]
    wrong = []
    for item, one in zip(found, expected, strict=True):
        rating = float(str(one["rating"]).replace(",", ".")) if one["rating"] else None
        date = one["datePublished"] or one["dateCreated"]
        same = (
            item.rating == rating
            and bool(item.author) == bool(squeezed(one["author"]))
            and squeezed(item.text) == squeezed(one["body"])
            and (item.title == "" or squeezed(item.title) == squeezed(one["title"]))
            and (item.published_at.date().isoformat() if item.published_at else None) == (date[:10] if date else None)
        )
        if not same:
            wrong.append(f"{item} instead of {one}")
    return wrong


@pytest.mark.shared
def test_real_pages_give_the_reviews_that_the_oracle_says(shared: Path) -> None:
    folder = shared / "data/review_pages"
    pages = json.loads((folder / "extruct_oracle.json").read_text(encoding="utf-8"))["pages"]
    wrong = {}
    for name, expected in pages.items():
        try:
            found = items(next(folder.glob(f"*/{name}")).read_bytes())
        except ReadError:
            found = ()
        if difference := differences(found, expected):
            wrong[name] = difference
    assert wrong == {}
    assert sum(map(len, pages.values())) == 123


def extructs_own(folder: Path, kind: str) -> dict[str, list[Any]]:
    """Return the things of one type that extruct's own expected files hold, by page."""
    expected: dict[str, list[Any]] = {}
    for path in sorted([*folder.glob("*.json"), *folder.glob("*.jsonld")]):
        found = list(things_of(json.loads(path.read_text(encoding="utf-8")), kind))
        page = path.with_suffix(".html")
        if found and page.exists():
            expected[page.name] = [*expected.get(page.name, []), *found]
    return expected


def things_of(value: Any, kind: str) -> Iterator[Any]:  # noqa: ANN401 - any JSON
    """Yield each thing of a type in what extruct gives."""
    if isinstance(value, dict):
        if str(value.get("type", value.get("@type"))).rpartition("/")[2] == kind:
            yield value.get("properties", value)
        value = list(value.values())
    for element in value if isinstance(value, list) else ():
        yield from things_of(element, kind)


@pytest.mark.shared
def test_the_averages_of_real_pages_are_those_that_extruct_expects(shared: Path) -> None:
    folder = shared / "data/review_pages/extruct"
    pages = extructs_own(folder, "AggregateRating")
    for name, expected in pages.items():
        found = read_review_page((folder / name).read_bytes(), URL, {}).aggregate
        assert found is not None, name
        counts = [int(one.get("reviewCount") or one.get("ratingCount")) for one in expected]
        assert (found.value, found.count) in zip([float(one["ratingValue"]) for one in expected], counts, strict=True)
    assert len(pages) == 5


@pytest.mark.shared
def test_real_pages_without_reviews_give_none_and_none_raises_anything_else(shared: Path) -> None:
    folder = shared / "data/review_pages"
    oracle = json.loads((folder / "extruct_oracle.json").read_text(encoding="utf-8"))["pages"]
    counted = {}
    for page in sorted([*folder.glob("*/*.html"), *folder.glob("*/*.testhtml")]):
        try:
            counted[page.name] = len(items(page.read_bytes()))
        except ReadError:
            counted[page.name] = 0
    expected = {name: len(reviews) for name, reviews in (extructs_own(folder / "extruct", "Review") | oracle).items()}
    assert {name: number for name, number in counted.items() if number} == {
        name: number for name, number in expected.items() if number
    }
    assert len(counted) > 60


def test_a_page_that_names_something_that_is_no_address_is_read_all_the_same() -> None:
    page = b"<html><head><link rel='alternate' type='application/rss+xml' href='http://[broken'></head></html>"
    with pytest.raises(ReadError) as raised:
        read_review_page(page, "https://blog.example.com/", {})
    assert raised.value.feed_url == ""
