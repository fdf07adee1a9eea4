"""The review page: what is asked and why, the three buttons, and who may press them."""

from typing import Any

import sqlalchemy as sa

from feedback_service.alerts.models import Story
from feedback_service.hashing import content_digest
from feedback_service.mentions.models import Mention, Verdict
from feedback_service.mentions.relevance import Standing
from feedback_service.sentiment.judgement import Label
from feedback_service.shops.models import Role, Shop
from feedback_service.shops.staff import add_staff
from tests.support.builders import NOW, make_shop
from tests.support.staff import PASSWORD, Visitor
from tests.support.stories import make_mention, make_source
from tests.web_staff.conftest import House

CLUES = [
    {"kind": "market", "weight": -4.5, "words": ["Lumen Market"]},
    {"kind": "name", "weight": 2.0, "words": ["Lumen"]},
]


def doubtful(house: House, text: str = "Lumen ne répond pas.", *, elsewhere: bool = False, **values: Any) -> int:  # noqa: ANN401 - any column
    """Add a mention that may be about somebody else, in the house's shop or in another one; return its id."""
    with house.services.database.writing() as session:
        shop = make_shop(session, slug="other", name="Other") if elsewhere else session.get_one(Shop, house.shop_id)
        defaults: dict[str, Any] = {"standing": Standing.REVIEW, "relevance": 0.43, "clues": CLUES}
        source = make_source(session, shop, url=f"https://blog.example.com/{content_digest(text)}")
        return make_mention(session, source, text, **(defaults | values)).id


def mention(house: House, mention_id: int) -> Mention:
    with house.services.database.reading() as session:
        return session.get_one(Mention, mention_id)


def test_an_empty_page_says_what_will_come(camille: Visitor) -> None:
    page = camille.read("/review")
    assert "Nothing waits for you." in page
    assert "Texts that may be about somebody else will stand here" in page


def test_what_waits_is_shown_with_its_question_its_reasons_and_its_source(house: House, camille: Visitor) -> None:
    doubtful(
        house,
        "Lumen : jamais livré <b>!</b>",
        evidence=["jamais livré"],
        rating=2,
        best_rating=5,
        topics=["delivery"],
        url="https://forum.example.com/t/1",
    )
    doubtful(house, "Un peu lent.", standing=Standing.US, label=Label.NEUTRAL, negative=0.42)
    text = camille.get("/review").text
    page = camille.read("/review")
    assert page.index("Is it about us?") < page.index("Is it a complaint?")
    assert "43% sure that it is about the shop" in page
    assert "42% sure that it is negative" in page
    assert "“Lumen Market” is the name of a thing that is traded" in page
    assert "It names “Lumen”" in page
    assert "Speaks of: delivery" in page
    assert "2 of 5 stars" in page
    assert "3 hours ago" in page
    assert "<mark>jamais livré</mark> &lt;b&gt;!" in text
    assert 'href="https://forum.example.com/t/1" rel="noopener noreferrer nofollow"' in text
    assert "2 texts wait for a person." in page


def test_the_navigation_says_how_much_waits_and_nothing_when_nothing_does(house: House, camille: Visitor) -> None:
    def entry() -> str:
        return " ".join(camille.read("/inbox").split('href="/review"')[1].split("</a>")[0].split())

    assert entry() == ">To review"
    mention_id = doubtful(house)
    assert entry() == '>To review <span class="count">1</span>'
    camille.press("/review", f"/review/{mention_id}/not_us")
    assert entry() == ">To review"


def test_each_button_keeps_its_verdict_and_says_so(house: House, camille: Visitor) -> None:
    told = {
        Verdict.NOT_US: "Noted: not about us.",
        Verdict.NOT_NEGATIVE: "Noted: about us, and no complaint.",
        Verdict.COMPLAINT: "Noted: a complaint. It stands in the inbox now.",
    }
    for verdict, sentence in told.items():
        mention_id = doubtful(house, f"Lumen, {verdict}.")
        assert f'formaction="/review/{mention_id}/{verdict}"' in camille.read("/review")
        response = camille.press("/review", f"/review/{mention_id}/{verdict}")
        assert (response.status_code, response.headers["Location"]) == (303, "/review")
        assert sentence in camille.read("/review")
        assert mention(house, mention_id).verdict is verdict
    assert "Lumen, complaint." in camille.read("/inbox")


def test_the_page_one_was_on_is_kept(house: House, camille: Visitor) -> None:
    ids = [doubtful(house, f"Lumen, texte {number}.") for number in range(25)]
    assert "Page 2 of 2" in camille.read("/review?page=2")
    response = camille.press("/review", f"/review/{ids[0]}/not_us", page="2")
    assert response.headers["Location"] == "/review?page=2"


def test_who_comes_second_is_told_so(house: House, camille: Visitor) -> None:
    mention_id = doubtful(house)
    camille.press("/review", f"/review/{mention_id}/not_us")
    response = camille.press("/review", f"/review/{mention_id}/complaint")
    assert response.status_code == 409
    assert "This text no longer waits for a decision" in response.text
    assert mention(house, mention_id).verdict is Verdict.NOT_US


def test_buttons_need_the_token_and_a_known_verdict(house: House, camille: Visitor) -> None:
    mention_id = doubtful(house)
    assert camille.client.post(f"/review/{mention_id}/not_us").status_code == 400
    assert camille.client.get(f"/review/{mention_id}/not_us").status_code == 405
    assert camille.press("/review", f"/review/{mention_id}/perhaps").status_code == 404
    assert mention(house, mention_id).verdict is None


def test_another_shops_mentions_are_not_there(house: House, camille: Visitor) -> None:
    mention_id = doubtful(house, "Elsewhere, Lumen.", elsewhere=True)
    assert "Elsewhere" not in camille.read("/review")
    assert camille.press("/inbox", f"/review/{mention_id}/not_us").status_code == 404
    assert mention(house, mention_id).verdict is None


def test_nobody_reviews_without_signing_in(house: House) -> None:
    assert house.visitor().get("/review").status_code == 302


def test_who_works_for_two_shops_sees_which_one_is_meant(house: House) -> None:
    doubtful(house)
    doubtful(house, "Elsewhere.", elsewhere=True)
    with house.services.database.writing() as session:
        shops = list(session.scalars(sa.select(Shop)))
        add_staff(session, "both@example.com", "B", Role.AGENT, shops, PASSWORD, NOW, language="fr")
    visitor = house.visitor()
    visitor.sign_in("both@example.com")
    page = visitor.read("/review")
    assert "<span>Other</span>" in page
    assert "Est-il question de nous\u202f?" in page
    assert "«\u202fLumen Market\u202f» désigne une marchandise" in page


def test_personal_data_is_masked(house: House, camille: Visitor) -> None:
    clue = {"kind": "longer_name", "weight": -1.8, "words": ["jean@example.org Lumen"]}
    doubtful(house, "Lumen. Écrivez-moi à jean@example.org ou au 06 12 34 56 78.", clues=[clue])
    page = camille.read("/review")
    assert "jean@example.org" not in page
    assert "06 12 34 56 78" not in page


def test_a_story_says_why_it_is_taken_to_be_about_us_and_what_it_speaks_of(house: House, camille: Visitor) -> None:
    with house.services.database.writing() as session:
        shop = session.get_one(Shop, house.shop_id)
        found = make_mention(
            session,
            make_source(session, shop),
            clues=[{"kind": "name", "weight": 2.0, "words": ["Atelier Lumen"]}],
            relevance=0.88,
            topics=["refund", "customer_service"],
        )
        story = house.services.story_desk.mention_came_in(session, found, NOW)
        assert story is not None
    page = camille.read(f"/stories/{story.id}")
    assert "Why it is taken to be about us" in page
    assert "88% sure that it is about the shop." in page
    assert "It names “Atelier Lumen”" in page
    assert "Speaks of: refund, customer service" in page


def test_a_story_that_a_person_confirmed_says_so(house: House, camille: Visitor) -> None:
    mention_id = doubtful(house)
    camille.press("/review", f"/review/{mention_id}/complaint")
    with house.services.database.reading() as session:
        [story] = session.scalars(sa.select(Story))
    assert "Your staff said that it is about the shop." in camille.read(f"/stories/{story.id}")
