"""Pages in the shapes of review sites and widgets: fictional shops, real habits."""

import json
from typing import Any

import pytest

from feedback_service.sources.items import Aggregate, Item, Reading
from feedback_service.sources.review_pages.reader import read_review_page
from tests.support.feeds import review, review_page

URL = "https://avis.example.com/review/boutique-aube.example"


def read(body: bytes, url: str = URL) -> Reading:
    return read_review_page(body, url, {})


def page(*blocks: Any, html: str = "") -> bytes:  # noqa: ANN401 - any JSON
    scripts = "".join(f'<script type="application/ld+json">{json.dumps(block)}</script>' for block in blocks)
    return f"<!DOCTYPE html><html><head><meta charset='utf-8'>{scripts}</head><body>{html}</body></html>".encode()


def days(reading: Reading) -> list[str]:
    return [item.published_at.date().isoformat() if item.published_at else "" for item in reading.items]


TRUSTPILOT = {
    "@context": "https://schema.org",
    "@graph": [
        {"@id": "https://avis.example.com/#/schema/Organization/1", "@type": "Organization", "name": "Franc Avis",
         "aggregateRating": {"@type": "AggregateRating", "bestRating": "5", "worstRating": "1", "ratingValue": "4.8",
                             "reviewCount": "999999"}},
        {"@id": f"{URL}#/schema/LocalBusiness/boutique-aube.example", "@type": "LocalBusiness", "name": "Boutique Aube",
         "url": URL, "review": [{"@id": f"{URL}#/schema/Review/a1"}, {"@id": f"{URL}#/schema/Review/a2"}],
         "aggregateRating": {"@id": f"{URL}#/schema/AggregateRating/x", "@type": "AggregateRating", "bestRating": "5",
                             "worstRating": "1", "ratingValue": "3.4", "reviewCount": "212"}},
        {"@id": f"{URL}#/schema/Review/a1", "@type": "Review", "datePublished": "2026-11-20T08:00:00.000Z",
         "headline": "Jamais reçu", "inLanguage": "fr", "reviewBody": "Commande jamais reçue, aucun remboursement.",
         "itemReviewed": {"@id": f"{URL}#/schema/LocalBusiness/boutique-aube.example"},
         "author": {"@type": "Person", "name": "Camille Exemple", "url": "https://avis.example.com/users/1"},
         "reviewRating": {"@type": "Rating", "bestRating": "5", "worstRating": "1", "ratingValue": "1"}},
        {"@id": f"{URL}#/schema/Review/a2", "@type": "Review", "datePublished": "2026-11-19T08:00:00.000Z",
         "headline": "Très bien", "reviewBody": "Très bien", "author": {"@type": "Person", "name": "Sacha"},
         "reviewRating": {"@type": "Rating", "bestRating": "5", "worstRating": "1", "ratingValue": "5"}},
    ],
}  # fmt: skip


def test_a_graph_of_references_gives_each_review_and_the_average_of_the_pages_own_business() -> None:
    found = read(page(TRUSTPILOT))
    assert [(item.title, item.rating, item.author) for item in found.items] == [
        ("Jamais reçu", 1.0, "C. E."),
        ("Très bien", 5.0, "S."),
    ]
    assert days(found) == ["2026-11-20", "2026-11-19"]
    assert found.aggregate == Aggregate(3.4, 5.0, 212)
    assert found.is_cut


def test_a_certified_page_with_ratings_out_of_ten_and_french_dates_is_read() -> None:
    reviews = [
        {"@type": "Review", "author": "Camille E.", "datePublished": "03/11/2026", "reviewBody": "Colis abîmé",
         "reviewRating": {"@type": "Rating", "ratingValue": "2,5", "worstRating": "0", "bestRating": "10"}},
        {"@type": "Review", "author": "Sacha T.", "datePublished": "le 1 novembre 2026 suite à une commande",
         "description": "RAS", "reviewRating": {"ratingValue": 9, "bestRating": 10, "worstRating": 0}},
    ]  # fmt: skip
    average = {"@type": "AggregateRating", "ratingValue": "9,2", "bestRating": "10", "reviewCount": "1 204"}
    found = read(
        page({"@type": "Organization", "name": "Boutique Aube", "aggregateRating": average, "review": reviews})
    )
    assert [(item.text, item.rating, item.best_rating) for item in found.items] == [
        ("Colis abîmé", 2.5, 10.0),
        ("RAS", 9.0, 10.0),
    ]
    assert days(found) == ["2026-11-03", "2026-11-01"]
    assert found.aggregate == Aggregate(9.2, 10.0, 1204)


def test_a_widget_of_a_map_service_with_ratings_of_aspects_gives_the_whole_rating() -> None:
    one = review("Slow", 1) | {
        "reviewRating": [
            {"@type": "Rating", "reviewAspect": "Delivery", "ratingValue": 5},
            {"@type": "Rating", "ratingValue": 2, "bestRating": 5},
        ]
    }
    (item,) = read(page({"@type": "Store", "name": "Boutique Aube", "review": [one]})).items
    assert item.rating == 2


def test_a_directory_that_writes_ratings_as_numbers_and_authors_as_texts_is_read() -> None:
    business = {
        "@type": "Restaurant", "name": "Boutique Aube",
        "review": [{"author": "Alex T.", "datePublished": "2026-11-02", "description": "Cold.\n\nNever again.",
                    "reviewRating": {"ratingValue": 1}}],
    }  # fmt: skip
    (item,) = read(page(business)).items
    assert (item.text, item.rating, item.author) == ("Cold.\nNever again.", 1.0, "A. T.")


def test_pros_and_cons_belong_to_the_text() -> None:
    notes = {
        "positiveNotes": {"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "name": "Jolie"}]},
        "negativeNotes": {"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "name": "Fragile"}]},
    }
    (item,) = read(review_page([review("Bof") | notes])).items
    assert item.text == "Bof\nJolie\nFragile"


def test_an_answer_of_the_shop_is_no_review() -> None:
    answer = {"@type": "Comment", "text": "Nous sommes désolés.", "author": {"@type": "Organization", "name": "Aube"}}
    assert [item.text for item in read(review_page([review("Bof", comment=answer)])).items] == ["Bof"]


WIDGET = """<div class="jdgm-rev" itemscope itemtype="https://schema.org/Review">
<span itemprop="reviewRating" itemscope itemtype="https://schema.org/Rating"><meta itemprop="ratingValue"
 content="1"></span>
<span itemprop="author">Camille Exemple</span><b itemprop="name">Déçue</b>
<span itemprop="datePublished" content="2026-11-03T10:00:00Z"></span>
<div itemprop="reviewBody">La lampe est arrivée cassée et personne ne répond au service client.</div></div>"""


@pytest.mark.parametrize(
    "one",
    [
        review("La lampe est arrivée cassée et personne ne répond au service client."),
        review("La lampe est arrivée cassée et personne ne répond..."),
        review("La lampe est arrivée cassée et personne ne répond au service client.", datePublished="2026-11-03"),
        review("La lampe est arrivée CASSÉE et personne ne répond au service client", author=""),
    ],
)
def test_the_same_review_in_two_syntaxes_counts_once_and_whole(one: dict[str, Any]) -> None:
    (item,) = read(page({"@type": "Product", "name": "Lampe", "review": [one]}, html=WIDGET)).items
    assert (item.author, item.title, item.rating) == ("C. E.", "Déçue", 1.0)
    assert item.text.casefold().rstrip(".").endswith("au service client")
    assert item.published_at is not None


@pytest.mark.parametrize(
    "one",
    [
        review("La lampe est arrivée cassée et personne ne répond au service client.", 2),
        review("La lampe est arrivée cassée et personne ne répond au service client.", author="Sacha Test"),
        review("La lampe est arrivée cassée et personne ne répond au service client.", datePublished="2026-10-01"),
        review("La lampe est arrivée"),
        review("Une autre lampe"),
    ],
)
def test_two_customers_are_two_reviews(one: dict[str, Any]) -> None:
    assert len(read(page({"@type": "Product", "name": "Lampe", "review": [one]}, html=WIDGET)).items) == 2


def test_the_same_product_in_two_blocks_counts_once() -> None:
    product = {"@type": "Product", "name": "Lampe", "review": [review("Cassée", name="Lampe"), review("Bof", 3)]}
    other = {"@type": "WebPage", "mainEntity": product | {"name": "Lampe Aube - Boutique"}}
    assert [item.text for item in read(page(product, other)).items] == ["Cassée", "Bof"]


def test_of_several_products_the_one_with_most_ratings_speaks_for_the_page() -> None:
    def product(value: float, count: int) -> dict[str, Any]:
        return {"@type": "Product", "aggregateRating": {"ratingValue": value, "reviewCount": count}}

    related = {"@type": "Product", "isRelatedTo": [product(1, 5000)], **product(3.9, 70)}
    found = read(page(product(4.9, 12), related))
    assert found.aggregate == Aggregate(3.9, 5.0, 70)
    assert found.items == ()


def texts(found: tuple[Item, ...]) -> list[str]:
    return [item.text for item in found]


def test_text_that_only_looks_like_markup_is_kept() -> None:
    assert texts(read(review_page([review("Délai <3 jours promis & prix<qualité")])).items) == [
        "Délai <3 jours promis & prix<qualité"
    ]
