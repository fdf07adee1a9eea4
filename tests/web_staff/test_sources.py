"""The pages of sources: what staff see of them, and what managers do about them."""

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from pytest_httpserver import HTTPServer

from feedback_service.alerts.models import Story
from feedback_service.mentions.identity import text_digest
from feedback_service.mentions.models import Document, Mention, MentionBand
from feedback_service.mentions.near import bands
from feedback_service.shops.models import AuditEntry, Role, Shop
from feedback_service.sources.models import Source, SourceKind, SourceState
from feedback_service.sources.wording import KIND_WORDS, WHY_WORDS
from tests.support.builders import NOW, make_shop
from tests.support.feeds import review, review_page, rss, rss_item
from tests.support.staff import Visitor
from tests.support.stories import make_answer, make_mention, make_source
from tests.web_staff.conftest import House

EVIL = '"><script>alert(1)</script>'


@pytest.fixture
def manager(house: House) -> Visitor:
    """A manager, signed in."""
    return house.joined_by("Marion", Role.MANAGER)


@pytest.fixture
def blog(httpserver: HTTPServer) -> str:
    """The address of a blog that names its feed and that of its comments."""
    links = "".join(
        f"<link rel='alternate' type='application/rss+xml' href='/{name}'>" for name in ("feed", "comments/feed")
    )
    posts = rss(
        rss_item("Belle lampe", title=EVIL, link="https://blog.example.com/1", at=NOW),
        title=f"Le blog {EVIL}".replace("<", "&lt;"),
    )
    comments = rss(rss_item("Nul", link="https://blog.example.com/1#c"), title="Les commentaires")
    httpserver.expect_request("/").respond_with_data(f"<html><head>{links}</head></html>", content_type="text/html")
    httpserver.expect_request("/feed").respond_with_data(posts, headers={"ETag": '"1"'})
    httpserver.expect_request("/comments/feed").respond_with_data(comments)
    httpserver.expect_request("/robots.txt").respond_with_data("")
    return httpserver.url_for("/")


def add(house: House, url: str = "https://blog.example.com/feed", **values: Any) -> int:  # noqa: ANN401 - any column
    with house.services.database.writing() as session:
        return make_source(session, session.get_one(Shop, house.shop_id), url, **{"due_at": NOW, **values}).id


def source(house: House, source_id: int) -> Source:
    with house.services.database.reading() as session:
        return session.get_one(Source, source_id)


def test_every_kind_and_every_reason_has_its_words() -> None:
    assert set(KIND_WORDS) == set(SourceKind)
    assert len(WHY_WORDS) == 7


def test_the_list_says_how_much_is_heard_and_what_came_of_late(house: House, camille: Visitor) -> None:
    heard = add(house, title="Heard")
    add(house, "https://forum.example.com/", title="Lost", state=SourceState.DOWN, state_reason="HTTP 500.")
    add(house, "https://quiet.example.com/", title="Quiet", due_at=None)
    add(house, "https://new.example.com/", title="New", state=SourceState.NEW)
    with house.services.database.writing() as session:
        make_mention(session, session.get_one(Source, heard))
    page = camille.read("/sources")
    assert "1 of 3 sources are heard. 1 is paused." in " ".join(page.split())
    assert page.index("Lost") < page.index("Heard")
    assert f'href="/sources/{heard}"' in page
    assert "paused" in page


def test_agents_see_and_do_not_change(house: House, camille: Visitor) -> None:
    source_id = add(house)
    for page in ("/sources", f"/sources/{source_id}"):
        assert "/sources/new" not in camille.read(page)
        assert "Pause" not in camille.read(page)
    assert camille.get("/sources/new").status_code == 403
    assert camille.get(f"/sources/{source_id}/remove").status_code == 403
    for target in (
        "/sources",
        "/sources/new",
        *(f"/sources/{source_id}/{act}" for act in ("check", "pause", "remove")),
    ):
        assert camille.press("/sources", target).status_code == 403, target


def test_an_address_is_pasted_and_what_is_chosen_is_added(house: House, manager: Visitor, blog: str) -> None:
    found = manager.press("/sources/new", "/sources/new", address=blog).text
    assert "Les commentaires" in found
    assert "named by the page" in found
    assert "<script>alert" not in found
    chosen = {
        "choice": f"feed {blog}feed",
        "about_us": "yes",
        "reach": "3",
        "terms_checked_on": "2026-11-20",
        "window_days": "7",
    }
    answer = manager.press("/sources/new", "/sources", **chosen)
    with house.services.database.reading() as session:
        (made,) = session.scalars(sa.select(Source))
        assert "source.added" in session.scalars(sa.select(AuditEntry.action)).all()
    assert (made.url, made.kind, made.about_us, made.reach) == (f"{blog}feed", SourceKind.FEED, True, 3)
    assert made.terms_checked_on == date(2026, 11, 20)
    assert made.window_days == 7
    assert answer.headers["Location"] == f"/sources/{made.id}"
    assert "1 source added." in manager.read(f"/sources/{made.id}")
    manager.press("/sources/new", "/sources", **chosen)
    assert "0 sources added. 1 was there already." in manager.read("/sources")


def test_a_name_that_things_are_pushed_under_is_offered_and_added(house: House, manager: Visitor) -> None:
    assert "handed in from outside" in manager.press("/sources/new", "/sources/new", address="pushed:Vieux avis").text
    manager.press("/sources/new", "/sources", choice="pushed pushed:Vieux avis", about_us="yes", reach="1")
    with house.services.database.reading() as session:
        (made,) = session.scalars(sa.select(Source))
    assert (made.url, made.kind, made.due_at) == ("pushed:Vieux avis", SourceKind.PUSHED, None)


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("nonsense", "begins with http://"),
        ("", "begins with http://"),
        ("http://10.0.0.1/", "not on the public internet"),
        ("http://10.0.0.1/", "Allow the network with fetch_allow_private if it is yours."),
        ("trustpilot:main", "There is no file accounts.toml"),
        ("javascript:alert(1)", "begins with http://"),
        (EVIL, "begins with http://"),
    ],
)
def test_an_address_that_cannot_be_read_is_said_on_the_page(manager: Visitor, address: str, reason: str) -> None:
    answer = manager.press("/sources/new", "/sources/new", address=address)
    assert answer.status_code == 422
    assert reason in answer.text
    assert "<script>" not in answer.text.partition("<main")[2]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, 422),
        ({"choice": "nothing https://blog.example.com/"}, 422),
        ({"choice": "feed javascript:alert(1)"}, 422),
        ({"choice": "feed https://a.example.com/", "reach": "9"}, 422),
        ({"choice": "feed https://a.example.com/", "terms_checked_on": "soon"}, 422),
        ({"choice": "feed https://a.example.com/", "window_days": "a week"}, 422),
        ({"choice": "feed https://a.example.com/", "window_days": "-1"}, 422),
        ({"choice": "feed https://a.example.com/", "window_days": "366"}, 422),
        ({"choice": "feed https://a.example.com/", "window_days": "9" * 30}, 422),
        ({"choice": "feed https://a.example.com/", "shop": "other"}, 404),
    ],
    ids=["nothing", "no kind", "no address", "no reach", "no day", "words", "below", "above", "beyond", "not ours"],
)
def test_a_form_that_is_not_ours_adds_nothing(
    house: House, manager: Visitor, fields: dict[str, str], status: int
) -> None:
    with house.services.database.writing() as session:
        make_shop(session, "other")
    assert manager.press("/sources/new", "/sources", **fields).status_code == status
    with house.services.database.reading() as session:
        assert session.scalar(sa.select(Source.id)) is None


def test_a_source_is_paused_resumed_and_read_anew(house: House, manager: Visitor) -> None:
    source_id = add(house, etag='"1"', body_digest="x")
    address = f"/sources/{source_id}"
    assert manager.press(address, f"{address}/pause").headers["Location"] == address
    assert source(house, source_id).due_at is None
    assert "Paused: it is not read any more" in manager.read(address)
    manager.press(address, f"{address}/resume")
    assert source(house, source_id).due_at == NOW
    manager.press(address, f"{address}/reread")
    assert source(house, source_id).etag is None
    assert manager.press(address, f"{address}/explode").status_code == 404


def test_a_source_is_checked_and_nothing_is_stored(house: House, manager: Visitor, blog: str) -> None:
    source_id = add(house, f"{blog}feed")
    page = manager.press(f"/sources/{source_id}", f"/sources/{source_id}/check").text
    assert "It answers" in page
    assert "1 item" in page
    assert source(house, source_id).last_polled_at is None
    lost = add(house, f"{blog}gone")
    assert "It cannot be read now." in manager.press(f"/sources/{lost}", f"/sources/{lost}/check").text


def test_a_source_shows_what_became_of_its_last_documents(house: House, camille: Visitor) -> None:
    source_id = add(house, title="Le blog")
    with house.services.database.writing() as session:
        found = session.get_one(Source, source_id)
        mention = make_mention(session, found, rating=1.0, best_rating=5.0, url="https://blog.example.com/1")
        mention.document.rating, mention.document.best_rating = 1.0, 5.0
        story = house.services.story_desk.mention_came_in(session, mention, NOW)
        assert story is not None
        make_mention(session, found, "Une lampe, bien.", url="javascript:alert(1)", is_baseline=True)
        more = {"identity": "x", "title": EVIL, "text": "", "fetched_at": NOW, "is_baseline": False}
        session.add(Document(source_id=source_id, **more))
    text = camille.get(f"/sources/{source_id}").text
    assert f'<a href="/stories/{story.id}">a story</a>' in text
    assert 'href="https://blog.example.com/1" rel="noopener noreferrer' in text
    assert "1 / 5" in text
    assert "noted at the first reading" in text
    assert "not about us" in text
    assert "javascript:" not in text
    assert "<script>alert" not in text


def test_a_copy_of_a_mention_is_about_us_too(house: House, camille: Visitor) -> None:
    source_id = add(house)
    said = "Honteux, jamais livré et aucun remboursement malgré mes trois relances de novembre."
    with house.services.database.writing() as session:
        found = session.get_one(Source, source_id)
        original = make_mention(session, found, said, text_digest=text_digest(said, ""))
        session.add_all(MentionBand(shop_id=house.shop_id, band=band, mention_id=original.id) for band in bands(said))
        story = house.services.story_desk.mention_came_in(session, original, NOW)
        assert story is not None
        for identity, text in (("same", said.upper()), ("near", f"{said} Voilà."), ("other", "Une lampe, bien posée.")):
            more = {"identity": identity, "title": "", "text": text, "fetched_at": NOW, "is_baseline": False}
            session.add(Document(source_id=source_id, **more))
    text = camille.get(f"/sources/{source_id}").text
    assert text.count(f'<a href="/stories/{story.id}">a copy of what a story tells</a>') == 2
    assert text.count("not about us") == 1


def test_a_source_is_removed_with_all_that_was_found_there(house: House, manager: Visitor) -> None:
    source_id, kept = add(house), add(house, "https://other.example.com/feed")
    with house.services.database.writing() as session:
        desk = house.services.story_desk
        alone = make_mention(session, session.get_one(Source, source_id))
        assert desk.mention_came_in(session, alone, NOW)
        text = "Jamais livré, jamais remboursé : arnaque."
        for number, thread in ((source_id, "https://x.example.com/t"), (kept, "https://x.example.com/t")):
            shared = make_mention(session, session.get_one(Source, number), f"{text} {number}", thread=thread)
            assert desk.mention_came_in(session, shared, NOW)
        desk.answer_came_in(session, make_answer(session, session.get_one(Shop, house.shop_id)), NOW)
    asked = manager.read(f"/sources/{source_id}/remove")
    for part in ("2 documents", "2 mentions", "1 story that nobody else told"):
        assert part in asked
    manager.press(f"/sources/{source_id}/remove", f"/sources/{source_id}/remove")
    assert "Removed, with all that was found there." in manager.read("/sources")
    with house.services.database.reading() as session:
        assert session.scalars(sa.select(Source.id)).all() == [kept]
        assert len(session.scalars(sa.select(Mention.id)).all()) == 1
        assert len(session.scalars(sa.select(Story.id)).all()) == 2
        entry = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "source.removed")).one()
        assert "mentions 2" in entry.detail


def test_another_shops_source_is_not_there(house: House, manager: Visitor) -> None:
    with house.services.database.writing() as session:
        theirs = make_source(session, make_shop(session, "other")).id
    for page in (f"/sources/{theirs}", f"/sources/{theirs}/remove", "/sources/99"):
        assert manager.get(page).status_code == 404
    for act in ("check", "pause", "remove"):
        assert manager.press("/sources/new", f"/sources/{theirs}/{act}").status_code == 404


def test_nobody_makes_us_ask_sites_all_day(manager: Visitor) -> None:
    answers = [manager.press("/sources/new", "/sources/new", address="nonsense").status_code for _ in range(21)]
    assert answers == [422] * 20 + [429]


def test_a_gap_and_a_paused_source_are_told_apart_from_good_news(house: House, camille: Visitor) -> None:
    source_id = add(house, possible_gap_at=NOW - timedelta(days=1), failures=2, last_read_at=NOW, last_new_at=NOW)
    page = camille.read(f"/sources/{source_id}")
    assert "Mentions may have been missed" in page
    assert "Failed in a row" in page


def test_a_review_page_is_offered_as_being_all_about_us(manager: Visitor, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data("")
    httpserver.expect_request("/avis").respond_with_data(review_page([review("Nul", 1)]))
    found = manager.press("/sources/new", "/sources/new", address=httpserver.url_for("/avis")).text
    assert 'name="about_us" value="yes" checked' in found
