"""Low ratings open their stories several at once, and each is what one that came alone is."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.alerts.models import Story, StoryState
from feedback_service.alerts.stories import StoryDesk
from feedback_service.db import Database
from feedback_service.mail.models import OutboxMail
from feedback_service.returns.models import ReturnState
from feedback_service.shops.models import Role
from feedback_service.surveys.models import Answer, Invitation
from tests.support.builders import NOW, make_order, make_return, make_shop, make_staff
from tests.support.stories import make_answer

LATER = NOW + timedelta(seconds=1)
TEXTS = (
    None,
    "La lampe est arrivée cassée.",
    "Une arnaque ! Mon avocat va vous écrire.",
    "Il a pris feu. a@example.com",
)


def stories(session: Session) -> list[Story]:
    return list(session.scalars(sa.select(Story).order_by(Story.id)))


def invited(session: Session, answer: Answer) -> int:
    """Give an answer the invitation that it answers; return its id."""
    invitation = Invitation(
        shop_id=answer.shop_id,
        token_digest=f"digest-{answer.id}",
        recipient_key="key",
        language="fr",
        created_at=NOW,
        expires_at=NOW + timedelta(days=30),
    )
    session.add(invitation)
    session.flush()
    answer.invitation_id = invitation.id
    session.flush()
    return invitation.id


def shown(story: Story) -> tuple[object, ...]:
    """Return all of a story but what tells it from another one."""
    own = (story.shop_id, story.title, story.why, story.level, story.severity, story.state, story.owner_id)
    return (
        *own,
        (story.order_id, story.published_at, story.fetched_at, story.opened_at, story.updated_at, story.closed_at),
        [(item.answer_id is not None, item.mention_id, item.reply_id, item.added_at) for item in story.items],
        [(event.at, event.kind, event.note, event.staff_id) for event in story.events],
    )


@pytest.mark.parametrize("state", [ReturnState.REFUNDED, ReturnState.RECEIVED])
def test_story_of_many_at_once_is_the_story_of_one_alone(
    database: Database, desk: StoryDesk, state: ReturnState
) -> None:
    with database.writing() as session:
        shop = make_shop(session)
        make_staff(session, shop)
        order = make_order(session, shop)
        for rating, text in [(rating, text) for rating in (1, 2) for text in TEXTS]:
            first, second = (
                make_return(session, shop, order, external_id=f"R-{rating}-{TEXTS.index(text)}-{turn}", state=state)
                for turn in range(2)
            )
            alone = make_answer(session, shop, first, rating=rating, text=text)
            together = make_answer(session, shop, second, rating=rating, text=text)
            desk.answer_came_in(session, alone, NOW)
            desk.low_ratings_came_in(session, {invited(session, together): NOW})
            one, other = stories(session)[-2:]
            assert shown(one) == shown(other)
            assert (one.return_id, other.return_id) == (first.id, second.id)
    with database.reading() as session:
        subjects = [mail.subject for mail in session.scalars(sa.select(OutboxMail).order_by(OutboxMail.id))]
    assert len(subjects) == 4 * len(TEXTS)
    assert subjects[::2] == subjects[1::2]


def test_each_of_several_has_its_own_story_instant_and_alert(database: Database, desk: StoryDesk) -> None:
    with database.writing() as session:
        shop, other = make_shop(session), make_shop(session, slug="other")
        staff = make_staff(session, shop)
        answers = [make_answer(session, each, rating=1) for each in (shop, other, shop)]
        at = {invited(session, answer): NOW + timedelta(seconds=index) for index, answer in enumerate(answers)}
        desk.low_ratings_came_in(session, at)
        found = stories(session)
        assert [story.items[0].answer_id for story in found] == [answer.id for answer in answers]
        assert [story.opened_at for story in found] == list(at.values())
        assert [story.shop_id for story in found] == [shop.id, other.id, shop.id]
        recipients = session.scalars(sa.select(OutboxMail.recipient)).all()
        assert recipients == [staff.email] * 2


def test_rating_that_is_not_low_for_its_shop_opens_none(database: Database, desk: StoryDesk) -> None:
    with database.writing() as session:
        for low, rating in ((1, 2), (2, 3), (2, 5)):
            shop = make_shop(session, slug=f"shop-{low}-{rating}", low_rating=low)
            desk.low_ratings_came_in(session, {invited(session, make_answer(session, shop, rating=rating)): NOW})
        assert stories(session) == []


def test_rating_that_falls_again_judges_its_story_anew(database: Database, desk: StoryDesk) -> None:
    with database.writing() as session:
        answer = make_answer(session, make_shop(session), rating=2, text="Décevant.")
        at = {invited(session, answer): NOW}
        desk.low_ratings_came_in(session, at)
        session.execute(sa.update(Answer).values(rating=1, text="Une arnaque !"))
        desk.low_ratings_came_in(session, dict.fromkeys(at, LATER))
        (story,) = stories(session)
        assert "arnaque" in story.why
        assert (story.opened_at, story.updated_at) == (NOW, LATER)
        assert len(story.items) == 1


@pytest.mark.parametrize(
    "values", [{"role": Role.MANAGER}, {"is_active": False}, {"wants_alerts": False}], ids=["manager", "left", "silent"]
)
def test_nobody_is_alerted_who_gets_no_alerts(database: Database, desk: StoryDesk, values: dict[str, Any]) -> None:
    with database.writing() as session:
        shop = make_shop(session)
        make_staff(session, shop, **values)
        desk.low_ratings_came_in(session, {invited(session, make_answer(session, shop, rating=1)): NOW})
        (story,) = stories(session)
        assert story.state is StoryState.OPEN
        assert session.scalar(sa.select(sa.func.count(OutboxMail.id))) == 0
