"""A due source becomes documents, mentions and stories."""

from datetime import timedelta

from pytest_httpserver import HTTPServer

from feedback_service.mentions.models import Document
from feedback_service.scanning.rounds import scan_due
from feedback_service.sentiment.judgement import Label
from feedback_service.shops.models import Shop
from feedback_service.sources.models import SourceKind, SourceState
from tests.scanning.steps import BAD, COMMENT, OLD, OTHER, count, mentions, scan_all, serve
from tests.support.builders import NOW, make_order, make_shop
from tests.support.feeds import review, review_page, rss, rss_item
from tests.support.scans import ScanStage


def test_nothing_due_is_nothing_done(stage: ScanStage) -> None:
    assert scan_due(stage) == 0


def test_the_first_scan_takes_stock_and_alerts_nobody(httpserver: HTTPServer, stage: ScanStage, shop: Shop) -> None:
    source_id = stage.add(shop, serve(httpserver, rss(OLD, OTHER, title="Le blog")))
    assert scan_all(stage) == 1
    found = mentions(stage.database)
    assert [(mention.label, mention.is_baseline) for mention in found] == [(Label.NEGATIVE, True)]
    assert stage.story_desk.told == []
    assert count(stage.database, Document) == 2
    source = stage.source(source_id)
    assert (source.state, source.title, source.baseline_at) == (SourceState.OK, "Le blog", stage.clock.now())
    assert (source.claim, source.attempts) == (None, 0)


def test_a_new_mention_is_judged_stored_and_told(httpserver: HTTPServer, stage: ScanStage, shop: Shop) -> None:
    with stage.database.writing() as session:
        order = make_order(session, shop)
    stage.add(shop, serve(httpserver, rss(OLD), headers={"ETag": '"1"'}))
    scan_all(stage)
    serve(httpserver, rss(BAD, OTHER, OLD))
    scan_all(stage)
    new = mentions(stage.database)[-1]
    assert stage.story_desk.told == [new.id]
    assert (new.is_baseline, new.label, new.negative, new.order_id) == (False, Label.NEGATIVE, 0.95, order.id)
    assert (new.thread, new.matched_terms) == ("https://blog.example.com/post", ["Atelier Lumen"])
    assert [new.text[part["start"] : part["end"]] for part in new.evidence] == ["horrible"]
    assert new.found_at == stage.clock.now()


def test_an_answer_is_found_by_the_title_of_its_thread_and_judged_by_its_own_words(
    httpserver: HTTPServer, stage: ScanStage, shop: Shop
) -> None:
    stage.add(shop, serve(httpserver, rss()))
    scan_all(stage)
    title, at = "/u/camille on Horrible, Atelier Lumen ?", "https://www.reddit.com/r/lampes/comments/1abc/x/"
    pleased = rss_item("Très contente de ma lampe", title=title, guid="t1_a", link=f"{at}a/")
    annoyed = rss_item("Oui, horrible accueil", title=title, guid="t1_b", link=f"{at}b/")
    serve(httpserver, rss(pleased, annoyed).replace(b"<channel>", b"<channel><link>https://www.reddit.com/</link>"))
    scan_all(stage)
    found = {mention.url[-2]: mention for mention in mentions(stage.database)}
    assert {name: mention.label for name, mention in found.items()} == {"a": Label.NEUTRAL, "b": Label.NEGATIVE}
    assert found["b"].text == "Horrible, Atelier Lumen ?\nOui, horrible accueil"
    assert [found["b"].text[part["start"] : part["end"]] for part in found["b"].evidence] == ["horrible"]


def test_what_names_the_shop_nowhere_is_stored_but_not_judged(
    httpserver: HTTPServer, stage: ScanStage, shop: Shop
) -> None:
    stage.add(shop, serve(httpserver, rss(OTHER)))
    scan_all(stage)
    assert (count(stage.database, Document), mentions(stage.database), stage.scorer.texts) == (1, [], [])


def test_a_source_about_us_needs_no_term(httpserver: HTTPServer, stage: ScanStage, shop: Shop) -> None:
    stage.add(shop, serve(httpserver, rss(OTHER)), about_us=True)
    scan_all(stage)
    assert len(mentions(stage.database)) == 1


def test_the_same_text_twice_is_one_mention(httpserver: HTTPServer, stage: ScanStage, shop: Shop) -> None:
    stage.add(shop, serve(httpserver, rss()))
    scan_all(stage)
    copy = rss_item("CHEZ Atelier Lumen, service horrible : AL-10001 !", guid="copy", link="https://copy.example.com/1")
    serve(httpserver, rss(copy, BAD))
    scan_all(stage)
    (mention,) = mentions(stage.database)
    assert mention.copies == 2
    assert stage.story_desk.told == [mention.id]
    assert count(stage.database, Document) == 2


def test_the_same_text_in_two_shops_is_two_mentions(httpserver: HTTPServer, stage: ScanStage, shop: Shop) -> None:
    with stage.database.writing() as session:
        other = make_shop(session, "other")
    url = serve(httpserver, rss(BAD))
    stage.add(shop, url)
    stage.add(other, url)
    scan_all(stage)
    assert {mention.shop_id for mention in mentions(stage.database)} == {shop.id, other.id}


def test_a_guid_that_changes_is_no_second_mention_and_no_copy(
    httpserver: HTTPServer, stage: ScanStage, shop: Shop
) -> None:
    stage.add(shop, serve(httpserver, rss()))
    scan_all(stage)
    serve(httpserver, rss(BAD))
    scan_all(stage)
    serve(httpserver, rss(BAD.replace("<guid>bad", "<guid>changed")))
    scan_all(stage)
    (mention,) = mentions(stage.database)
    assert (mention.copies, stage.story_desk.told) == (1, [mention.id])


def test_ten_items_with_one_guid_are_ten(httpserver: HTTPServer, stage: ScanStage, shop: Shop) -> None:
    entries = [rss_item(f"Atelier Lumen horrible {n}", guid="g", link=f"https://x.example.com/{n}") for n in range(10)]
    stage.add(shop, serve(httpserver, rss(*entries)))
    scan_all(stage)
    assert len(mentions(stage.database)) == 10


def test_the_first_comment_ever_is_told(httpserver: HTTPServer, stage: ScanStage, shop: Shop) -> None:
    source_id = stage.add(shop, serve(httpserver, rss()))
    scan_all(stage)
    assert stage.source(source_id).state is SourceState.EMPTY
    serve(httpserver, rss(COMMENT))
    scan_all(stage)
    assert len(stage.story_desk.told) == 1


def test_an_unchanged_source_is_asked_conditionally_and_not_read_again(
    httpserver: HTTPServer, stage: ScanStage, shop: Shop
) -> None:
    headers = {"ETag": 'W/"v 1"', "Last-Modified": "Mon, 23 Nov 2026 08:00:00 GMT"}
    source_id = stage.add(shop, serve(httpserver, rss(BAD), headers=headers))
    scan_all(stage)
    serve(httpserver, "", status=304)
    scan_all(stage)
    asked = httpserver.log[-1][0].headers
    assert (asked["If-None-Match"], asked["If-Modified-Since"]) == tuple(headers.values())
    source = stage.source(source_id)
    assert (source.state, source.etag, source.last_read_at) == (SourceState.OK, 'W/"v 1"', stage.clock.now())
    assert "unchanged" in source.state_reason


def test_the_same_bytes_are_not_read_again(httpserver: HTTPServer, stage: ScanStage, shop: Shop) -> None:
    source_id = stage.add(shop, serve(httpserver, rss(BAD)))
    scan_all(stage)
    scan_all(stage)
    assert "unchanged" in stage.source(source_id).state_reason


def test_a_site_with_validators_is_polled_twice_as_often(httpserver: HTTPServer, stage: ScanStage, shop: Shop) -> None:
    source_id = stage.add(shop, serve(httpserver, rss(BAD)))
    scan_all(stage)
    wait = (stage.source(source_id).due_at or NOW) - stage.clock.now()
    assert timedelta(hours=2) <= wait <= timedelta(hours=2.2)
    serve(httpserver, rss(BAD), headers={"ETag": '"1"'})
    scan_all(stage)
    wait = (stage.source(source_id).due_at or NOW) - stage.clock.now()
    assert timedelta(hours=1) <= wait <= timedelta(hours=1.1)


def test_no_overlap_with_the_last_poll_is_a_possible_gap(httpserver: HTTPServer, stage: ScanStage, shop: Shop) -> None:
    source_id = stage.add(shop, serve(httpserver, rss(OLD)))
    scan_all(stage)
    serve(httpserver, rss(BAD, OLD))
    scan_all(stage)
    assert stage.source(source_id).possible_gap_at is None
    serve(httpserver, rss(COMMENT))
    scan_all(stage)
    source = stage.source(source_id)
    assert source.possible_gap_at == stage.clock.now()
    assert "missed" in source.state_reason


def test_a_move_for_good_changes_the_address_and_a_passing_one_does_not(
    httpserver: HTTPServer, stage: ScanStage, shop: Shop
) -> None:
    feed = serve(httpserver, rss(BAD))
    httpserver.expect_request("/old").respond_with_data("", 301, {"Location": "/feed"})
    httpserver.expect_request("/passing").respond_with_data("", 302, {"Location": "/feed"})
    moved, passing = stage.add(shop, httpserver.url_for("/old")), stage.add(shop, httpserver.url_for("/passing"))
    scan_all(stage)
    assert stage.source(moved).url == feed
    assert stage.source(passing).url == httpserver.url_for("/passing")


def test_a_move_to_an_address_that_is_a_source_already_is_not_followed(
    httpserver: HTTPServer, stage: ScanStage, shop: Shop
) -> None:
    feed = serve(httpserver, rss(BAD))
    httpserver.expect_request("/old").respond_with_data("", 301, {"Location": "/feed"})
    stage.add(shop, feed)
    moved = stage.add(shop, httpserver.url_for("/old"))
    scan_all(stage)
    assert stage.source(moved).url == httpserver.url_for("/old")


def test_a_review_page_is_read_with_its_stars(httpserver: HTTPServer, stage: ScanStage, shop: Shop) -> None:
    body = review_page([review("très bien")])
    stage.add(shop, serve(httpserver, body, content_type="text/html"), SourceKind.REVIEW_PAGE)
    scan_all(stage)
    serve(httpserver, review_page([review("horrible", "1,0"), review("très bien")]), content_type="text/html")
    scan_all(stage)
    new = mentions(stage.database)[-1]
    assert (new.rating, new.best_rating, new.author, new.url) == (1.0, 5.0, "C. E.", httpserver.url_for("/feed"))
    assert stage.story_desk.told == [new.id]


def test_outside_text_is_stored_plain(httpserver: HTTPServer, stage: ScanStage, shop: Shop) -> None:
    entry = rss_item("<script>x()</script><b onclick=y()>Atelier Lumen</b> &lt;i&gt;\x00", guid="<x>", author="<b>M")
    stage.add(shop, serve(httpserver, rss(entry.replace("\x00", "&#0;"))))
    scan_all(stage)
    (mention,) = mentions(stage.database)
    assert mention.text == "Atelier Lumen <i>"
