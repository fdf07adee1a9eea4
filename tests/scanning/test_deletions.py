"""A review that its page shows no more is noted, and only where the page can be believed."""

from datetime import timedelta

import pytest
from pytest_httpserver import HTTPServer

from feedback_service.shops.models import Shop
from feedback_service.sources.models import SourceKind
from tests.scanning.steps import mentions, scan_all, serve
from tests.scanning.test_edits import documents
from tests.support.feeds import review, review_page, rss, rss_item
from tests.support.scans import ScanStage

TEXTS = (
    "Horrible : colis jamais reçu, personne ne répond.",
    "Lampe ravissante, emballage soigné, je recommande.",
    "Livraison en deux jours, rien à redire.",
    "Abat-jour un peu plus clair que sur la photographie.",
)
REVIEWS = [
    review(text, 3, f"Auteur {number}", datePublished=f"2026-11-{20 - number}T08:00:00Z")
    for number, text in enumerate(TEXTS)
]


@pytest.fixture
def reviewed(httpserver: HTTPServer, stage: ScanStage, shop: Shop) -> int:
    """A page with four reviews, read once."""
    source_id = stage.add(shop, serve(httpserver, review_page(REVIEWS)), SourceKind.REVIEW_PAGE)
    scan_all(stage)
    return source_id


def gone(stage: ScanStage) -> list[str]:
    """Return the texts that are noted as gone."""
    return [document.text for document in documents(stage) if document.gone_at]


def scan(httpserver: HTTPServer, stage: ScanStage, body: bytes) -> None:
    serve(httpserver, body)
    assert scan_all(stage, timedelta(days=2)) == 1


@pytest.mark.usefixtures("reviewed")
def test_a_review_that_is_removed_is_gone_and_back_when_it_is_shown_again(
    httpserver: HTTPServer, stage: ScanStage
) -> None:
    scan(httpserver, stage, review_page(REVIEWS[1:]))
    assert gone(stage) == [TEXTS[0]]
    (document,) = (each for each in documents(stage) if each.gone_at)
    (mention,) = (each for each in mentions(stage.database) if each.document_id == document.id)
    assert document.gone_at == stage.clock.now()
    assert stage.story_desk.went == [mention.id]
    more = review("Encore un avis.", 4, "Zoé Z.")
    scan(httpserver, stage, review_page([*REVIEWS[1:], more]))
    assert stage.story_desk.went == [mention.id], "told once"
    scan(httpserver, stage, review_page([*REVIEWS, more]))
    assert (gone(stage), len(documents(stage))) == ([], 5)


@pytest.mark.usefixtures("reviewed")
@pytest.mark.parametrize(
    "body",
    [
        review_page([]),
        review_page(REVIEWS[3:]),
        review_page([review("Un tout nouvel avis, sans rien de connu.", 5, "Quelqu'un")]),
    ],
    ids=["nothing", "a quarter", "nothing known"],
)
def test_a_page_that_shows_less_than_half_deletes_nothing(
    httpserver: HTTPServer, stage: ScanStage, body: bytes
) -> None:
    scan(httpserver, stage, body)
    assert (gone(stage), stage.story_desk.went) == ([], [])


@pytest.mark.usefixtures("reviewed")
def test_a_list_that_is_cut_deletes_nothing_that_is_older(httpserver: HTTPServer, stage: ScanStage) -> None:
    new = review("Un avis de plus, tout neuf.", 4, "Zoé Z.", datePublished="2026-11-22T08:00:00Z")
    cut = review_page([new, *REVIEWS[:3]]).replace(b"</head>", b'<link rel="next" href="/feed?page=2"></head>')
    scan(httpserver, stage, cut)
    assert (gone(stage), stage.story_desk.went) == ([], [])


def test_a_feed_deletes_nothing(httpserver: HTTPServer, stage: ScanStage, shop: Shop) -> None:
    items = [rss_item(f"Atelier Lumen : {text}", guid=str(n)) for n, text in enumerate(TEXTS)]
    stage.add(shop, serve(httpserver, rss(*items)))
    scan_all(stage)
    scan(httpserver, stage, rss(*items[1:]))
    assert gone(stage) == []


def test_an_average_alone_is_no_reason_to_note_anything(httpserver: HTTPServer, stage: ScanStage, shop: Shop) -> None:
    stage.add(shop, serve(httpserver, review_page(REVIEWS)), SourceKind.REVIEW_PAGE)
    scan_all(stage)
    rated = {"@type": "AggregateRating", "ratingValue": 4.1, "reviewCount": 4}
    scan(httpserver, stage, review_page([], aggregateRating=rated))
    assert [document.gone_at for document in documents(stage)] == [None] * 4
