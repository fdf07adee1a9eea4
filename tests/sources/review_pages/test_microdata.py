"""Reviews in microdata, as shop templates write it: with its slips."""

import pytest

from feedback_service.sources.items import Aggregate, Item, Reading
from feedback_service.sources.review_pages.reader import read_review_page

URL = "https://boutique.example.com/lampe-aube"


def read(html: str) -> Reading:
    return read_review_page(html.encode(), URL, {})


def the_one(html: str) -> Item:
    (item,) = read(html).items
    return item


WOOCOMMERCE = """
<html><body class="single-product"><div itemscope itemtype="http://schema.org/Product"><h1
 itemprop="name">Lampe Aube</h1>
<div itemprop="aggregateRating" itemscope itemtype="http://schema.org/AggregateRating">
 <span itemprop="ratingValue">3.50</span> sur 5, <span itemprop="reviewCount">2</span> avis</div>
<div id="comments"><ol class="commentlist">
<li itemprop="review" itemscope itemtype="http://schema.org/Review" id="li-comment-12"><div class="comment_container">
 <div itemprop="reviewRating" itemscope itemtype="http://schema.org/Rating" class="star-rating">
  <span style="width:40%"><strong itemprop="ratingValue">2</strong> sur 5</span></div>
 <p class="meta"><strong itemprop="author">Camille Exemple</strong> &ndash;
  <time itemprop="datePublished" datetime="2026-11-03T09:12:44+01:00">3 novembre 2026</time></p>
 <div itemprop="description"
 class="description"><p>Reçue cassée.</p><p>Le service client &amp; moi, c'est fini&nbsp;!</p>
 </div></div></li>
<li itemprop="review" itemscope itemtype="http://schema.org/Review" id="li-comment-13">
 <meta itemprop="author" content="Sacha Test"/><meta itemprop="datePublished" content="2026-11-01">
 <span itemprop="reviewRating" itemscope itemtype="http://schema.org/Rating"><meta itemprop="ratingValue" content="5"/>
 <meta itemprop="bestRating" content="5"/></span><div itemprop="reviewBody">Parfaite</div></li>
</ol></div></div></body></html>"""

PRESTASHOP = """
<div itemscope itemtype="https://schema.org/Product"><meta itemprop="name" content="Lampe Aube">
<div class="comment clearfix" itemprop="review" itemscope itemtype="https://schema.org/Review">
<div class="comment_author"><div class="star_content clearfix" itemprop="reviewRating" itemscope
 itemtype="https://schema.org/Rating"><div class="star star_on"></div><meta itemprop="worstRating" content="0" />
 <meta itemprop="ratingValue" content="1" /><meta itemprop="bestRating" content="5" /></div>
<div class="comment_author_infos"><strong itemprop="author">Claude E</strong>
<meta itemprop="datePublished" content="2026-10-20" /><em>20/10/2026</em></div></div>
<div class="comment_details"><p itemprop="name" class="title_block"><strong>À fuir</strong></p>
<p itemprop="reviewBody">Jamais livrée, aucune réponse.</p></div></div></div>"""

MAGENTO = """
<ol class="items review-items"><li class="item review-item" itemscope itemprop="review" itemtype="http://schema.org/Review">
<div class="review-title" itemprop="name">Très déçue</div><div class="review-ratings">
<div class="rating-summary item" itemprop="reviewRating" itemscope itemtype="http://schema.org/Rating">
<div class="rating-result" title="40%"><meta itemprop="worstRating" content="1"/><meta itemprop="bestRating"
 content="100"/>
<span><span itemprop="ratingValue">40%</span></span></div></div></div>
<div class="review-content" itemprop="description">La peinture s'écaille.<br>Remboursement refusé.</div>
<div class="review-details"><p class="review-author"><strong itemprop="author">Dominique Test</strong></p>
<p class="review-date"><time itemprop="datePublished" datetime="05/11/26">05/11/26</time></p></div></li></ol>"""

SHOPIFY = """
<div class="spr-reviews"><div class="spr-review" itemprop="review" itemscope itemtype="http://schema.org/Review">
<span class="spr-starratings" itemprop="reviewRating" itemscope itemtype="http://schema.org/Rating"
 aria-label="1 of 5 stars">
<meta itemprop="ratingValue" content="1"><meta itemprop="bestRating" content="5"><meta itemprop="worstRating"
 content="1"></span>
<h3 class="spr-review-header-title" itemprop="name">Broken</h3><span class="spr-review-header-byline">
<strong itemprop="author">Robin Sample</strong> on <strong itemprop="datePublished">Nov 05, 2026</strong></span>
<div class="spr-review-content"><p itemprop="reviewBody">It arrived broken &lt;twice&gt;, price&lt;quality.</p></div>
<a itemprop="url" href="/reviews/77">link</a></div></div>"""

TRIPADVISOR = """
<div itemscope itemtype="http://schema.org/LocalBusiness"><h1 itemprop="name">Boutique Aube</h1>
<div class="review" itemscope itemprop="reviews" itemtype="http://schema.org/Review">
<a itemprop="url" href="/avis-r123.html"><span itemprop="name">« Accueil froid »</span></a>
<span itemprop="author" itemscope itemtype="http://schema.org/Person"><a itemprop="url" href="/profil/x"><span
 itemprop="name">alex_t</span></a></span>
<div itemprop="reviewRating" itemscope itemtype="http://schema.org/Rating"><img itemprop="ratingValue" content="2"
 alt="2 sur 5" src="s.gif"></div>
<span class="ratingDate" itemprop="datePublished" content="2026-10-02">Avis du 2 octobre 2026</span>
<div
 itemprop="reviewBody"><p>On nous a fait attendre.<span><button>Lire la suite</button></span></p><script
>x()</script></div></div></div>"""

PAGES = {
    "woocommerce": (
        WOOCOMMERCE, "Reçue cassée.\nLe service client & moi, c'est fini !", 2.0, 5.0, "C. E.", "2026-11-03",
    ),
    "prestashop": (PRESTASHOP, "Jamais livrée, aucune réponse.", 1.0, 5.0, "C. E.", "2026-10-20"),
    "magento": (MAGENTO, "La peinture s'écaille.\nRemboursement refusé.", 40.0, 100.0, "D. T.", "2026-11-05"),
    "shopify": (SHOPIFY, "It arrived broken <twice>, price<quality.", 1.0, 5.0, "R. S.", "2026-11-05"),
    "tripadvisor": (TRIPADVISOR, "On nous a fait attendre.", 2.0, 5.0, "A. T.", "2026-10-02"),
}  # fmt: skip


@pytest.mark.parametrize(("html", "text", "rating", "best", "author", "day"), PAGES.values(), ids=PAGES.keys())
def test_each_template_gives_its_review(
    html: str, text: str, rating: float, best: float, author: str, day: str
) -> None:
    item = read(html).items[0]
    assert (item.text, item.rating, item.best_rating, item.author) == (text, rating, best, author)
    assert item.published_at is not None
    assert item.published_at.date().isoformat() == day


def test_the_title_is_the_reviews_and_not_the_products() -> None:
    assert [item.title for item in read(WOOCOMMERCE).items] == ["", ""]
    assert the_one(PRESTASHOP).title == "À fuir"


def test_an_address_of_its_own_is_kept() -> None:
    assert the_one(SHOPIFY).url == "https://boutique.example.com/reviews/77"


def test_the_average_of_the_product_comes_with_its_reviews() -> None:
    assert read(WOOCOMMERCE).aggregate == Aggregate(3.5, 5.0, 2)


def test_several_products_keep_their_reviews_apart() -> None:
    product = (
        '<div itemscope itemtype="https://schema.org/Product"><b itemprop="name">{0}</b><div itemprop="review"'
        ' itemscope itemtype="https://schema.org/Review"><i itemprop="name">{0}</i>'
        '<p itemprop="reviewBody">{1}</p></div></div>'
    )
    found = read(product.format("Lampe", "Cassée") + product.format("Vase", "Fêlé")).items
    assert [(item.title, item.text) for item in found] == [("", "Cassée"), ("", "Fêlé")]


def test_what_itemref_names_belongs_to_the_review() -> None:
    html = """<div itemscope itemtype="https://schema.org/Review" itemref="who nowhere stars"><p
 itemprop="reviewBody">Nul</p></div>
    <p id="who">par <span itemprop="author">Camille Exemple</span></p>
    <div id="stars" itemprop="reviewRating" itemscope itemtype="https://schema.org/Rating"><b
 itemprop="ratingValue">1</b></div>"""
    item = the_one(html)
    assert (item.text, item.author, item.rating) == ("Nul", "C. E.", 1.0)


def test_references_in_a_circle_end() -> None:
    html = """<div id="a" itemscope itemtype="https://schema.org/Product" itemref="b"><i itemprop="name">Lampe</i></div>
    <div id="b" itemprop="review" itemscope itemtype="https://schema.org/Review" itemref="a b"><p
 itemprop="reviewBody">Nul</p>
    <div itemprop="itemReviewed" itemscope itemref="a b"></div></div>"""
    assert the_one(html).text == "Nul"


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ('<span itemprop="author" itemscope itemtype="https://schema.org/Person">Camille Exemple</span>', "C. E."),
        ('<a itemprop="author" href="/profil/9">Camille Exemple</a>', "C. E."),
        ('<a itemprop="author" href="/profil/9"><span itemprop="name">Camille Exemple</span></a>', "C. E."),
        ('<span itemprop="author" content="Camille Exemple">moi</span>', "C. E."),
        ('<span itemprop="http://schema.org/author">Camille Exemple</span>', "C. E."),
        ("<span>Camille Exemple</span>", ""),
    ],
)
def test_the_author_is_found_however_it_is_marked(markup: str, expected: str) -> None:
    html = f'<div itemscope itemtype="https://schema.org/Review">{markup}<p itemprop="reviewBody">Nul</p></div>'
    item = the_one(html)
    assert (item.author, item.title, item.text) == (expected, "", "Nul")


def test_data_vocabulary_is_read_still() -> None:
    html = """<div itemscope itemtype="http://data-vocabulary.org/Review"><span itemprop="itemreviewed">Lampe</span>
    par <span itemprop="reviewer">Camille Exemple</span> le <time itemprop="dtreviewed"
 datetime="2026-11-03">3 nov.</time>
    <span itemprop="summary">Nul</span><span itemprop="description">Cassée.</span><span
 itemprop="rating">1,5</span></div>"""
    item = the_one(html)
    assert (item.title, item.text, item.author, item.rating) == ("Nul", "Cassée.", "C. E.", 1.5)
    assert item.published_at is not None


def test_a_recipe_an_event_and_a_product_have_no_reviews_by_themselves() -> None:
    html = """<div itemscope itemtype="https://schema.org/Recipe"><p itemprop="description">Bon</p></div>
    <div itemscope itemtype="https://schema.org/Product"><p itemprop="description">Belle lampe</p></div>"""
    assert read(html).items == ()
