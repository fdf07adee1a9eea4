"""Review: what waits for a person, in which order, and what becomes of a verdict."""

import threading
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.alerts.models import Story, StoryState
from feedback_service.alerts.review import PAGE_SIZE, Question, count_waiting, decide, mentions_waiting, question_of
from feedback_service.alerts.stories import StoryDesk
from feedback_service.db import Database
from feedback_service.errors import ConflictError, NotFoundError
from feedback_service.mail.models import OutboxMail
from feedback_service.mentions.matching import Watch
from feedback_service.mentions.models import Mention, Verdict
from feedback_service.mentions.relevance import Identity, Lore, Standing
from feedback_service.mentions.verdicts import decided_mentions
from feedback_service.sentiment.judgement import Judgement, Label
from feedback_service.shops.models import AuditEntry, Staff
from tests.support.builders import NOW, make_shop, make_staff
from tests.support.stories import make_mention, make_source

DOUBTFUL: dict[str, Any] = {"standing": Standing.REVIEW, "relevance": 0.4}
UNSURE: dict[str, Any] = {"label": Label.NEUTRAL, "negative": 0.4}
THREAD = "https://forum.example.com/t/1"


def waiting(session: Session, *shop_ids: int, page: int = 1) -> list[str]:
    return [mention.text for mention in mentions_waiting(session, shop_ids, page).rows]


def test_what_may_be_about_somebody_else_comes_first_and_each_the_newest_first(database: Database) -> None:
    with database.writing() as session:
        shop = make_shop(session)
        source = make_source(session, shop)
        make_mention(session, source, "unsure, old", **UNSURE, published_at=NOW - timedelta(days=3))
        make_mention(session, source, "doubtful, old", **DOUBTFUL, published_at=NOW - timedelta(days=4))
        make_mention(session, source, "unsure, undated", **UNSURE, published_at=None)
        make_mention(session, source, "doubtful, new", **DOUBTFUL, published_at=NOW - timedelta(days=1))
        make_mention(session, source, "doubtful, of the first scan", **DOUBTFUL, is_baseline=True)
        found = mentions_waiting(session, [shop.id])
        assert [mention.text for mention in found.rows] == [
            "doubtful, of the first scan",
            "doubtful, new",
            "doubtful, old",
            "unsure, undated",
            "unsure, old",
        ]
        assert [question_of(mention) for mention in found.rows] == [Question.ABOUT_US] * 3 + [Question.COMPLAINT] * 2
        assert count_waiting(session, [shop.id]) == found.count == 5


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({}, id="negative"),
        pytest.param({"label": Label.NEUTRAL, "negative": 0.34}, id="hardly_negative"),
        pytest.param({"label": Label.POSITIVE, "negative": 0.36}, id="positive"),
        pytest.param(UNSURE | {"is_baseline": True}, id="unsure_of_the_first_scan"),
        pytest.param(UNSURE | {"verdict": Verdict.NOT_NEGATIVE}, id="unsure_and_decided"),
        pytest.param(DOUBTFUL | {"verdict": Verdict.NOT_US}, id="doubtful_and_decided"),
        pytest.param(UNSURE | {"standing": Standing.NOT_US}, id="somebody_else"),
    ],
)
def test_what_is_clear_waits_for_nobody(database: Database, values: dict[str, Any]) -> None:
    with database.writing() as session:
        shop = make_shop(session)
        make_mention(session, make_source(session, shop), **values)
        assert waiting(session, shop.id) == []


def test_what_stands_in_a_story_is_decided_there(database: Database, desk: StoryDesk) -> None:
    with database.writing() as session:
        shop = make_shop(session, alert_threshold=0.35)
        mention = make_mention(session, make_source(session, shop), **UNSURE)
        assert waiting(session, shop.id) == [mention.text]
        assert desk.mention_came_in(session, mention, NOW) is not None
        assert waiting(session, shop.id) == []


def test_only_the_mentions_of_these_shops_wait_a_page_at_a_time(database: Database) -> None:
    with database.writing() as session:
        shop, other = make_shop(session), make_shop(session, slug="other")
        make_mention(session, make_source(session, other), "elsewhere", **DOUBTFUL)
        source = make_source(session, shop)
        for number in range(PAGE_SIZE + 1):
            make_mention(session, source, f"text {number}", **DOUBTFUL)
        assert len(waiting(session, shop.id)) == PAGE_SIZE
        assert waiting(session, shop.id, page=2) == ["text 0"]
        assert "elsewhere" in waiting(session, shop.id, other.id, page=2) + waiting(session, shop.id, other.id)
        assert count_waiting(session, []) == 0


@pytest.mark.parametrize(
    ("verdict", "standing"),
    [(Verdict.COMPLAINT, Standing.US), (Verdict.NOT_NEGATIVE, Standing.US), (Verdict.NOT_US, Standing.NOT_US)],
)
def test_a_verdict_is_kept_audited_and_settles_whom_it_is_about(
    database: Database, desk: StoryDesk, verdict: Verdict, standing: Standing
) -> None:
    with database.writing() as session:
        shop = make_shop(session)
        agent = make_staff(session, shop)
        mention = make_mention(session, make_source(session, shop), **DOUBTFUL)
        story = decide(session, desk, mention.id, [shop.id], verdict, agent, NOW)
        assert (mention.verdict, mention.standing, mention.relevance) == (verdict, standing, 0.4)
        entry = session.scalars(sa.select(AuditEntry)).one()
        assert (entry.action, entry.subject, entry.staff_id) == (
            f"mention.{verdict}",
            f"mention:{mention.id}",
            agent.id,
        )
        assert (story is not None) == (verdict is Verdict.COMPLAINT)
        assert waiting(session, shop.id) == []


@pytest.mark.parametrize(
    "values",
    [
        pytest.param(DOUBTFUL, id="doubtful"),
        pytest.param(DOUBTFUL | {"is_baseline": True}, id="of_the_first_scan"),
        pytest.param(UNSURE, id="unsure"),
    ],
)
def test_a_complaint_opens_a_story_and_alerts(database: Database, desk: StoryDesk, values: dict[str, Any]) -> None:
    with database.writing() as session:
        shop = make_shop(session)
        agent = make_staff(session, shop)
        mention = make_mention(session, make_source(session, shop), rating=1, best_rating=5, **values)
        story = decide(session, desk, mention.id, [shop.id], Verdict.COMPLAINT, agent, NOW)
        assert story is not None
        assert (story.state, [item.mention_id for item in story.items]) == (StoryState.OPEN, [mention.id])
        assert session.scalar(sa.select(sa.func.count()).select_from(OutboxMail)) == 1


def test_what_a_person_called_no_complaint_opens_no_story_when_it_is_copied(
    database: Database, desk: StoryDesk
) -> None:
    with database.writing() as session:
        shop = make_shop(session)
        agent = make_staff(session, shop)
        mention = make_mention(session, make_source(session, shop), **DOUBTFUL)
        decide(session, desk, mention.id, [shop.id], Verdict.NOT_NEGATIVE, agent, NOW)
        mention.copies += 1
        assert desk.mention_came_in(session, mention, NOW) is None


def test_a_complaint_opens_the_story_again_that_was_called_a_false_alarm(database: Database, desk: StoryDesk) -> None:
    with database.writing() as session:
        shop = make_shop(session)
        agent = make_staff(session, shop)
        source = make_source(session, shop)
        first = make_mention(session, source, "Nul.", url=THREAD)
        story = desk.mention_came_in(session, first, NOW)
        assert story is not None
        desk.dismiss(session, story, agent, NOW, Verdict.NOT_US)
        second = make_mention(session, source, "Et la boutique Lumen ne répond pas.", url=THREAD, **DOUBTFUL)
        assert decide(session, desk, second.id, [shop.id], Verdict.COMPLAINT, agent, NOW) is story
        assert (story.state, first.verdict, second.verdict) == (StoryState.OPEN, Verdict.NOT_US, Verdict.COMPLAINT)
        desk.resolve(session, story, agent, NOW)
        desk.reopen(session, story, agent, NOW)
        assert (first.verdict, second.verdict) == (Verdict.NOT_US, None)


def test_another_shops_mention_is_not_there(database: Database, desk: StoryDesk) -> None:
    with database.writing() as session:
        shop, other = make_shop(session), make_shop(session, slug="other")
        agent = make_staff(session, shop)
        mention = make_mention(session, make_source(session, other), **DOUBTFUL)
        for mention_id in (mention.id, mention.id + 1):
            with pytest.raises(NotFoundError):
                decide(session, desk, mention_id, [shop.id], Verdict.NOT_US, agent, NOW)
        assert mention.verdict is None


def test_what_does_not_wait_is_not_decided_here(database: Database, desk: StoryDesk) -> None:
    with database.writing() as session:
        shop = make_shop(session)
        agent = make_staff(session, shop)
        mention = make_mention(session, make_source(session, shop))
        desk.mention_came_in(session, mention, NOW)
        with pytest.raises(ConflictError, match="n’est plus à vérifier"):
            decide(session, desk, mention.id, [shop.id], Verdict.NOT_US, agent, NOW)
        assert mention.verdict is None


def test_of_two_people_who_press_at_once_the_first_decides(database: Database, desk: StoryDesk) -> None:
    verdicts = [Verdict.COMPLAINT, Verdict.NOT_US, Verdict.NOT_NEGATIVE, Verdict.COMPLAINT]
    with database.writing() as session:
        shop = make_shop(session)
        people = [make_staff(session, shop, f"{number}@example.com").id for number in range(len(verdicts))]
        mention_id = make_mention(session, make_source(session, shop), **DOUBTFUL).id
        shop_id = shop.id
    start = threading.Barrier(len(people))
    outcomes: list[Verdict | str] = []

    def press(staff_id: int, verdict: Verdict) -> None:
        start.wait()
        try:
            with database.writing() as session:
                staff = session.get_one(Staff, staff_id)
                decide(session, desk, mention_id, [shop_id], verdict, staff, NOW)
            outcomes.append(verdict)
        except ConflictError:
            outcomes.append("late")

    threads = [threading.Thread(target=press, args=each) for each in zip(people, verdicts, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("late") == len(people) - 1
    [winner] = [outcome for outcome in outcomes if outcome != "late"]
    with database.reading() as session:
        assert session.get_one(Mention, mention_id).verdict is winner
        assert session.scalar(sa.select(sa.func.count()).select_from(AuditEntry)) == 1
        stories = session.scalar(sa.select(sa.func.count()).select_from(Story))
        assert stories == (1 if winner is Verdict.COMPLAINT else 0)


@pytest.mark.parametrize("name", ["Lumière", "lumiere", "Lumierre"], ids=["as_spelled", "folded", "misspelled"])
def test_two_verdicts_of_not_us_make_the_next_one_like_them_less_likely(
    database: Database, desk: StoryDesk, name: str
) -> None:
    watch = Watch(["Lumière"])
    text = f"Une exposition sur {name} et ombre au musée de Lyon"

    def confidence(session: Session, shop_id: int) -> float:
        us = Identity(watch, lore=Lore(decided_mentions(session, shop_id, watch)))
        match = watch.match(text)
        assert match is not None
        return us.relevance(text, match, Judgement("fr", Label.NEUTRAL, 0.1, (), ()), about_us=False).confidence

    with database.writing() as session:
        shop = make_shop(session, terms_any=["Lumière"])
        agent = make_staff(session, shop)
        source = make_source(session, shop)
        before = confidence(session, shop.id)
        for said in (f"Une exposition, {name} et ombre, au musée", f"Au musée : {name} et ombre, une exposition"):
            mention = make_mention(session, source, said, **DOUBTFUL)
            decide(session, desk, mention.id, [shop.id], Verdict.NOT_US, agent, NOW)
        assert confidence(session, shop.id) < before - 0.1
