"""What staff see: their shops' stories, returns, answers and sources, and nothing of others."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from feedback_service.alerts.models import Story, StoryState
from feedback_service.mentions.models import Mention, Verdict
from feedback_service.returns.models import ReturnState
from feedback_service.shops.models import Role, Shop
from feedback_service.shops.staff import add_staff
from feedback_service.sources.models import SourceState
from feedback_service.surveys.models import NotSent, NotSentReason
from tests.support.builders import NOW, make_order, make_return, make_shop
from tests.support.staff import PASSWORD, Visitor
from tests.support.stories import make_answer, make_mention, make_source
from tests.web_staff.conftest import House


def open_story(house: House, text: str | None = None, *, elsewhere: bool = False, **values: Any) -> int:  # noqa: ANN401 - any column
    """Open a story in the house's shop, or in another one; return its id."""
    with house.services.database.writing() as session:
        shop = make_shop(session, slug="other", name="Other") if elsewhere else session.get_one(Shop, house.shop_id)
        known = sa.select(sa.func.count()).select_from(Mention)
        source = make_source(session, shop, url=f"https://blog.example.com/{session.scalar(known)}")
        mention = make_mention(session, source, *([text] if text else []), **values)
        story = house.services.story_desk.mention_came_in(session, mention, NOW)
        assert story is not None
        return story.id


def test_the_empty_inbox_says_what_will_come_and_what_to_do(camille: Visitor) -> None:
    page = camille.read("/inbox")
    assert "Nothing needs an answer." in page
    assert "Check that we listen in the right places" in page


def test_the_inbox_shows_the_worst_first_with_its_reason(house: House, camille: Visitor) -> None:
    open_story(house, "Un peu lent.", negative=0.4)
    open_story(house, rating=1, best_rating=5)
    open_story(house, "Elle a pris feu !", negative=0.9)
    page = camille.read("/inbox")
    assert page.index("Elle a pris feu") < page.index("Deux mois d'attente") < page.index("Un peu lent")
    assert "Speaks of a danger: “a pris feu”" in page
    assert "1 of 5 stars" in page
    assert "3 hours ago" in page
    assert "nobody yet" in page


def test_the_inbox_speaks_the_language_of_the_account(house: House) -> None:
    open_story(house)
    with house.services.database.writing() as session:
        shop = session.get_one(Shop, house.shop_id)
        add_staff(session, "fr@example.com", "F", Role.AGENT, [shop], PASSWORD, NOW, language="fr")
    visitor = house.visitor()
    visitor.sign_in("fr@example.com")
    page = visitor.read("/inbox")
    assert '<html lang="fr">' in page
    assert "À quoi faut-il répondre maintenant\u202f?" in page
    assert "Dit «\u202fjamais remboursé\u202f»." in page


def test_a_poll_without_news_leaves_the_page_alone(house: House, camille: Visitor) -> None:
    page = camille.read("/inbox")
    address = page.split('hx-get="')[1].split('"')[0]
    assert camille.get(address).status_code == 204
    open_story(house)
    answer = camille.get(address)
    assert answer.status_code == 200
    assert "jamais remboursé" in answer.text
    assert "<html" not in answer.text


def test_a_story_is_taken_and_resolved(house: House, camille: Visitor) -> None:
    story_id = open_story(house)
    address = f"/stories/{story_id}"
    assert camille.press(address, f"{address}/take").headers["Location"] == address
    page = camille.read(address)
    assert "The story is yours." in page
    assert "You are dealing with it." in page
    assert "The story is yours." not in camille.read(address)
    assert "Camille" in camille.read("/inbox?shelf=taken")
    camille.press(address, f"{address}/resolve", note="Refunded <b>today</b>.")
    text = camille.get(address).text
    assert "This story is settled." in text
    assert "Refunded &lt;b&gt;today&lt;/b&gt;." in text
    assert "Deux mois" in camille.read("/inbox?shelf=closed")
    assert "Deux mois" not in camille.read("/inbox")


def test_false_alarms_are_told_apart(house: House, camille: Visitor) -> None:
    for verdict in (Verdict.NOT_US, Verdict.NOT_NEGATIVE):
        story_id = open_story(house, f"Nul, {verdict}.")
        camille.press(f"/stories/{story_id}", f"/stories/{story_id}/{verdict}")
        with house.services.database.reading() as session:
            story = session.get_one(Story, story_id)
            assert story.state is StoryState.DISMISSED
            assert story.items[0].mention is not None
            assert story.items[0].mention.verdict is verdict


def test_a_colleagues_story_cannot_be_taken_away_unseen(house: House, camille: Visitor) -> None:
    story_id = open_story(house)
    with house.services.database.writing() as session:
        shop = session.get_one(Shop, house.shop_id)
        noe = add_staff(session, "noe@example.com", "Noé", Role.AGENT, [shop], PASSWORD, NOW)
        house.services.story_desk.take(session, session.get_one(Story, story_id), noe, NOW)
    response = camille.press(f"/stories/{story_id}", f"/stories/{story_id}/resolve")
    assert response.status_code == 409
    assert "Noé is dealing with this story." in response.text


def test_buttons_need_the_token_and_a_known_action(house: House, camille: Visitor) -> None:
    story_id = open_story(house)
    assert camille.client.post(f"/stories/{story_id}/take").status_code == 400
    assert camille.client.get(f"/stories/{story_id}/take").status_code == 405
    assert camille.press(f"/stories/{story_id}", f"/stories/{story_id}/explode").status_code == 404


def test_another_shops_rows_are_not_there(house: House, camille: Visitor) -> None:
    story_id = open_story(house, elsewhere=True)
    with house.services.database.writing() as session:
        other = session.scalars(sa.select(Shop).where(Shop.slug == "other")).one()
        returned = make_return(session, other, external_id="R-OTHER")
        make_answer(session, other, returned, text="Elsewhere")
    assert camille.get(f"/stories/{story_id}").status_code == 404
    assert camille.press("/inbox", f"/stories/{story_id}/take").status_code == 404
    assert camille.get(f"/returns/{returned.id}").status_code == 404
    for page in ("/inbox", "/returns", "/answers", "/sources"):
        text = camille.read(page)
        assert "Deux mois" not in text
        assert "R-OTHER" not in text
        assert "Elsewhere" not in text
        assert "blog.example.com" not in text


def test_outside_text_never_becomes_markup(house: House, camille: Visitor) -> None:
    text = 'Nul <script>alert(1)</script> et <img src=x onerror="alert(2)"> arnaque & co'
    story_id = open_story(house, text, evidence=["<script>alert(1)", "arnaque & co"], title='"><script>x</script>')
    page = camille.get(f"/stories/{story_id}").text
    assert "<mark>&lt;script&gt;alert(1)</mark>&lt;/script&gt;" in page
    assert "<mark>arnaque &amp; co</mark>" in page
    for address in (f"/stories/{story_id}", "/inbox"):
        text = camille.get(address).text
        assert "<script>alert" not in text
        assert "<img" not in text


def test_a_link_outside_is_only_followed_to_the_web(house: House, camille: Visitor) -> None:
    harmless = camille.read(f"/stories/{open_story(house, 'Nul 1.', url='https://blog.example.com/a')}")
    assert 'href="https://blog.example.com/a" rel="noopener noreferrer nofollow"' in harmless
    assert "javascript:" not in camille.read(f"/stories/{open_story(house, 'Nul 2.', url='javascript:alert(1)')}")


def test_personal_data_in_a_text_is_masked(house: House, camille: Visitor) -> None:
    story_id = open_story(house, "Nul. Écrivez-moi à jean@example.org ou au 06 12 34 56 78.")
    page = camille.read(f"/stories/{story_id}")
    assert "jean@example.org" not in page
    assert "06 12 34 56 78" not in page
    assert "[e-mail]" in page


def test_a_story_shows_the_order_and_the_return_behind_it(house: House, camille: Visitor) -> None:
    with house.services.database.writing() as session:
        shop = session.get_one(Shop, house.shop_id)
        order = make_order(session, shop)
        returned = make_return(session, shop, order)
    story_id = open_story(house, order_id=order.id)
    page = camille.read(f"/stories/{story_id}")
    assert "AL-10001" in page
    assert f'href="/returns/{returned.id}"' in page
    assert f'href="/stories/{story_id}"' in camille.read(f"/returns/{returned.id}")


def test_a_return_tells_its_life_and_why_no_survey_was_sent(house: House, camille: Visitor) -> None:
    with house.services.database.writing() as session:
        shop = session.get_one(Shop, house.shop_id)
        returned = make_return(session, shop, make_order(session, shop), flag="received after rejected")
        session.add(
            NotSent(return_id=returned.id, shop_id=shop.id, reason=NotSentReason.NO_ADDRESS, is_final=True, at=NOW)
        )
    page = camille.read(f"/returns/{returned.id}")
    assert "How far is return R-1?" in page
    assert "Refunded" in page
    assert "received after rejected" in page
    assert "No survey was sent. The order has no e-mail address." in page
    assert "€50.00" in page
    listed = camille.read("/returns?state=refunded")
    assert "R-1" in listed
    assert "R-1" not in camille.read("/returns?state=received")


def test_a_return_of_unknown_order_says_so(house: House, camille: Visitor) -> None:
    with house.services.database.writing() as session:
        shop = session.get_one(Shop, house.shop_id)
        returned = make_return(session, shop, order_reference="536365")
    assert "Order 536365 has not come in" in camille.read(f"/returns/{returned.id}")
    assert "536365 (unknown)" in " ".join(camille.read("/returns").replace('<span class="meta">', "").split())


def test_answers_show_their_words_reasons_and_signs(house: House, camille: Visitor) -> None:
    with house.services.database.writing() as session:
        shop = session.get_one(Shop, house.shop_id)
        make_answer(session, shop, text="Très <b>lent</b>", flags=["too_fast"])
        make_answer(session, shop, rating=5, text="Parfait", reasons=[])
    text = camille.get("/answers").text
    assert "Très &lt;b&gt;lent&lt;/b&gt;" in text
    assert "Sent within 2 seconds of opening the page" in text
    assert "Parfait" not in camille.read("/answers?which=low")
    assert "Très" not in camille.read("/answers?which=high")


def test_sources_in_trouble_come_first_with_the_reason(house: House, camille: Visitor) -> None:
    with house.services.database.writing() as session:
        shop = session.get_one(Shop, house.shop_id)
        make_source(session, shop, title="Abc", last_read_at=NOW - timedelta(hours=1))
        make_source(
            session,
            shop,
            "https://x.example.com",
            title="Xyz",
            state=SourceState.BLOCKED,
            state_reason="403 today",
            due_at=NOW + timedelta(hours=1),
        )
    page = camille.read("/sources")
    assert page.index("Xyz") < page.index("Abc")
    assert "403 today" in page
    assert "1 source needs a look." in page


def test_long_lists_have_pages(house: House, camille: Visitor) -> None:
    with house.services.database.writing() as session:
        shop = session.get_one(Shop, house.shop_id)
        for number in range(60):
            make_return(session, shop, external_id=f"R-{number:03}")
    assert "Page 1 of 2" in camille.read("/returns")
    assert "R-000" in camille.read("/returns?page=2")
    assert "R-000" in camille.read("/returns?page=99")
    assert camille.get("/returns?page=-1").status_code == 200


def test_a_story_whose_mentions_were_erased_is_still_shown(house: House, camille: Visitor) -> None:
    story_id = open_story(house)
    with house.services.database.writing() as session:
        session.execute(sa.delete(Mention))
    assert f"/stories/{story_id}" in camille.read("/inbox")
    assert camille.read(f"/stories/{story_id}")


def test_a_mark_inside_an_address_does_not_bring_it_to_light(house: House, camille: Visitor) -> None:
    text = "Nul. Write to terrible@example.com"
    story_id = open_story(house, text, evidence=["Nul", "terrible"], title="From terrible@example.com")
    assert "@example.com" not in camille.read(f"/stories/{story_id}").replace("camille@example.com", "")
    with house.services.database.reading() as session:
        assert session.scalars(sa.select(Story.title)).one() == "From [e-mail]"


def test_a_note_with_letters_that_no_database_takes_is_kept_without_them(house: House, camille: Visitor) -> None:
    story_id = open_story(house)
    pressed = camille.press(f"/stories/{story_id}", f"/stories/{story_id}/resolve", note="Call\0ed")
    assert pressed.status_code == 302
    assert "Called" in camille.read(f"/stories/{story_id}")


def test_a_return_that_is_not_refunded_says_until_when_and_how_late(house: House, camille: Visitor) -> None:
    def waiting(name: str, asked_days_ago: int, received_days_ago: int) -> int:
        with house.services.database.writing() as session:
            shop = session.get_one(Shop, house.shop_id)
            returned = make_return(
                session,
                shop,
                external_id=name,
                state=ReturnState.RECEIVED,
                closed_at=None,
                requested_at=NOW - timedelta(days=asked_days_ago),
                received_at=NOW - timedelta(days=received_days_ago),
            )
            return returned.id

    assert "Refund due by 27 November 2026 at the latest." in camille.read(f"/returns/{waiting('R-in-time', 10, 2)}")
    late = camille.read(f"/returns/{waiting('R-late', 17, 9)}")
    assert "The refund was due by 20 November 2026: it is 3 days late." in late
