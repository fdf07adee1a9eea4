"""A review is answered from its story: once, by a person, and never forgotten on the way."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response
from werkzeug.test import TestResponse

from feedback_service.alerts.models import Story, StoryEvent, StoryState
from feedback_service.mentions.models import Mention
from feedback_service.shops.models import AuditEntry, Role, Shop
from feedback_service.shops.staff import add_staff
from feedback_service.sources.models import SourceKind
from tests.sources.apis.conftest import trustpilot_account
from tests.sources.apis.servers import TrustpilotServer, as_json
from tests.support.builders import NOW
from tests.support.staff import PASSWORD, Visitor
from tests.support.stories import make_mention, make_source
from tests.web_staff.conftest import House

WORDS = "Bonjour, nous vous remboursons aujourd'hui."
REPLY = "/v1/private/reviews/r7/reply"


def review_story(house: House, place: str = "trustpilot:main", kind: SourceKind = SourceKind.TRUSTPILOT) -> int:
    """Open a story about the review r7 of an account; return its id."""
    with house.services.database.writing() as session:
        source = make_source(session, session.get_one(Shop, house.shop_id), url=place, kind=kind)
        mention = make_mention(session, source, url="https://www.trustpilot.example.com/reviews/r7")
        mention.document.identity = "id:r7"
        story = house.services.story_desk.mention_came_in(session, mention, NOW)
        assert story is not None
        return story.id


@pytest.fixture
def posted(house: House, httpserver: HTTPServer) -> list[object]:
    """What Trustpilot was given to post; an account leads there."""
    given: list[object] = []

    def take(request: Request) -> Response:
        given.append(request.get_json())
        return as_json({}, 201)

    answering(house, httpserver, take)
    return given


def answering(house: House, server: HTTPServer, answer: Callable[[Request], Response]) -> None:
    """Let Trustpilot meet answers with `answer`."""
    TrustpilotServer(server, [])
    server.expect_request(REPLY, method="POST").respond_with_handler(answer)
    path = house.services.settings.instance / "accounts.toml"
    path.write_text(trustpilot_account(server, business_user="user1"), encoding="utf-8")
    path.chmod(0o600)


def post(visitor: Visitor, story_id: int, text: str = WORDS, **fields: str) -> TestResponse:
    """Send the form under the review, as the browser does."""
    return visitor.press(f"/stories/{story_id}", f"/stories/{story_id}/answer/1", text=text, **fields)


def events(house: House) -> list[tuple[str, str]]:
    """Return kind and note of what was done about answers."""
    with house.services.database.reading() as session:
        query = sa.select(StoryEvent.kind, StoryEvent.note).where(StoryEvent.mention_id.is_not(None))
        return [(kind, note) for kind, note in session.execute(query.order_by(StoryEvent.id))]


def test_the_words_of_a_person_are_posted_and_noted(house: House, camille: Visitor, posted: list[object]) -> None:
    story_id = review_story(house)
    assert "Post it on Trustpilot" in camille.read(f"/stories/{story_id}")
    assert post(camille, story_id, f"  {WORDS} ").status_code == 302
    assert posted == [{"authorBusinessUserId": "user1", "message": WORDS}]
    assert events(house) == [("answered", WORDS)]
    page = camille.read(f"/stories/{story_id}")
    assert "Posted. It may take the service some minutes to show it." in page
    assert "Answered in public – Camille" in page
    with house.services.database.reading() as session:
        assert session.get_one(Story, story_id).state is StoryState.TAKEN
        actions = session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)).all()
        assert actions[-2:] == ["story.taken", "review.answered"]


def test_an_answer_is_not_posted_twice_by_a_second_press(house: House, camille: Visitor, posted: list[object]) -> None:
    story_id = review_story(house)
    post(camille, story_id)
    again = post(camille, story_id)
    assert again.status_code == 409
    assert "An answer may stand there already" in again.text
    assert len(posted) == 1
    assert post(camille, story_id, again="yes").status_code == 302
    assert len(posted) == 2


def test_what_is_refused_keeps_its_words_and_says_why(house: House, camille: Visitor, httpserver: HTTPServer) -> None:
    answering(house, httpserver, lambda _request: as_json({}, 404))
    story_id = review_story(house)
    post(camille, story_id)
    assert "It was not taken." in camille.read(f"/stories/{story_id}")
    ((kind, note),) = events(house)
    assert kind == "answer_refused"
    assert "does not know what the account main asks for" in note
    assert note.endswith(WORDS)
    # It does not stand there, so it may be tried again at once.
    assert post(camille, story_id).status_code == 302


def test_no_clear_reply_means_look_first(house: House, camille: Visitor, httpserver: HTTPServer) -> None:
    answering(house, httpserver, lambda _request: as_json({}, 502))
    story_id = review_story(house)
    post(camille, story_id)
    assert "No clear reply came" in camille.read(f"/stories/{story_id}")
    assert events(house)[0][0] == "answer_unsure"
    assert post(camille, story_id).status_code == 409


def test_an_answer_that_a_dead_process_had_in_hand_may_stand_there(
    house: House, camille: Visitor, posted: list[object]
) -> None:
    story_id = review_story(house)
    with house.services.database.writing() as session:
        begun = {"kind": "answering", "note": WORDS, "mention_id": session.scalar(sa.select(Mention.id))}
        session.add(StoryEvent(story_id=story_id, at=NOW, **begun))
    assert "I have looked" in camille.read(f"/stories/{story_id}")
    assert post(camille, story_id).status_code == 409
    assert posted == []


@pytest.mark.parametrize("text", ["", "   ", "x" * 5001])
def test_no_answer_and_one_that_is_too_long_are_not_posted(
    house: House, camille: Visitor, posted: list[object], text: str
) -> None:
    post(camille, review_story(house), text)
    assert posted == []
    assert "An answer has 1 to 5000 characters there" in events(house)[0][1]


def test_another_place_has_nothing_to_post(house: House, camille: Visitor, posted: list[object]) -> None:
    story_id = review_story(house, "https://blog.example.com/feed", SourceKind.FEED)
    assert "Post it on" not in camille.read(f"/stories/{story_id}")
    assert post(camille, story_id).status_code == 404
    assert posted == []


def test_avis_verifies_takes_no_answers(house: House, camille: Visitor) -> None:
    story_id = review_story(house, "avis_verifies:main", SourceKind.AVIS_VERIFIES)
    assert "Post it on" not in camille.read(f"/stories/{story_id}")


def test_who_has_another_shop_cannot_answer(house: House, posted: list[object]) -> None:
    story_id = review_story(house)
    with house.services.database.writing() as session:
        add_staff(session, "luc@example.com", "Luc", Role.AGENT, [], PASSWORD, NOW, language="en")
    luc = house.visitor()
    luc.sign_in("luc@example.com")
    assert luc.press("/inbox", f"/stories/{story_id}/answer/1", text=WORDS).status_code == 404
    assert posted == []


def test_of_two_people_the_second_is_told_who_has_it(house: House, camille: Visitor, posted: list[object]) -> None:
    story_id = review_story(house)
    with house.services.database.writing() as session:
        shop = session.get_one(Shop, house.shop_id)
        add_staff(session, "luc@example.com", "Luc", Role.AGENT, [shop], PASSWORD, NOW, language="en")
    post(camille, story_id)
    luc = house.visitor()
    luc.sign_in("luc@example.com")
    refused = post(luc, story_id, again="yes")
    assert refused.status_code == 409
    assert "Camille is dealing with this story." in refused.text
    assert len(posted) == 1
