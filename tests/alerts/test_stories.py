"""What comes in becomes a story or joins one, and the right people are told, once."""

import threading
import time
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.alerts.models import Level, Story, StoryState
from feedback_service.alerts.stories import StoryDesk
from feedback_service.db import Database
from feedback_service.errors import ConflictError
from feedback_service.mail.models import OutboxMail
from feedback_service.mentions.models import Mention, Verdict
from feedback_service.returns.models import ReturnState
from feedback_service.sentiment.judgement import Label
from feedback_service.shops.models import AuditEntry, Role, Shop, Staff
from tests.support.builders import NOW, make_order, make_return, make_shop, make_staff
from tests.support.stories import make_answer, make_mention, make_source

THREAD = "https://blog.example.com/lampe"


def mails(session: Session) -> list[OutboxMail]:
    return list(session.scalars(sa.select(OutboxMail).order_by(OutboxMail.id)))


def test_a_negative_mention_opens_a_story_and_alerts_with_all_that_helps(database: Database, desk: StoryDesk) -> None:
    with database.writing() as session:
        shop = make_shop(session)
        make_staff(session, shop)
        order = make_order(session, shop)
        returned = make_return(session, shop, order, state=ReturnState.RECEIVED, closed_at=None)
        mention = make_mention(session, make_source(session, shop), rating=1, best_rating=5, order_id=order.id)
        story = desk.mention_came_in(session, mention, NOW)
        assert story is not None
        assert (story.level, story.state) == (Level.SAME_DAY, StoryState.OPEN)
        assert (story.order_id, story.return_id) == (order.id, returned.id)
        assert story.published_at == NOW - timedelta(hours=3)
        (mail,) = mails(session)
    assert mail.cause == f"alert:story:{story.id}:same_day:1"
    assert (
        mail.subject
        == "Avis négatif sur blog.example.com\u202f: «\u202fDeux mois d'attente et jamais remboursé !\u202f»"
    )
    assert mail.text is not None
    for needle in (
        "«\u202fjamais remboursé\u202f»",
        "1 étoile sur 5",
        "Remboursement encore dû",
        mention.url,
        f"https://feedback.example.com/stories/{story.id}",
        "AL-10001",
        f"https://feedback.example.com/returns/{returned.id}",
        "Merci de nous l’avoir signalé",
    ):
        assert needle in mail.text
    assert "Camille Exemple" not in mail.text


def test_each_one_is_told_in_their_language_and_only_those_who_answer(database: Database, desk: StoryDesk) -> None:
    with database.writing() as session:
        shop, other = make_shop(session), make_shop(session, slug="other")
        make_staff(session, shop, "fr@example.com")
        make_staff(session, shop, "en@example.com", language="en", role=Role.ADMIN)
        make_staff(session, shop, "manager@example.com", role=Role.MANAGER)
        make_staff(session, shop, "quiet@example.com", wants_alerts=False)
        make_staff(session, shop, "gone@example.com", is_active=False)
        make_staff(session, other, "elsewhere@example.com")
        desk.mention_came_in(session, make_mention(session, make_source(session, shop)), NOW)
        subjects = {mail.recipient: mail.subject for mail in mails(session)}
    assert subjects.keys() == {"fr@example.com", "en@example.com"}
    assert subjects["en@example.com"].startswith("Negative review on blog.example.com: “")


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"label": Label.POSITIVE, "negative": 0.1}, id="praise"),
        pytest.param({"label": Label.NEUTRAL, "negative": 0.59}, id="below the threshold"),
        pytest.param({"is_baseline": True}, id="baseline"),
    ],
)
def test_what_is_no_complaint_opens_nothing(database: Database, desk: StoryDesk, values: dict[str, Any]) -> None:
    with database.writing() as session:
        shop = make_shop(session)
        make_staff(session, shop)
        assert desk.mention_came_in(session, make_mention(session, make_source(session, shop), **values), NOW) is None
        assert not mails(session)
        assert not session.scalar(sa.select(Story.id))


def test_a_mild_one_waits_for_the_digest(database: Database, desk: StoryDesk) -> None:
    with database.writing() as session:
        shop = make_shop(session)
        make_staff(session, shop)
        mention = make_mention(session, make_source(session, shop), "Un peu lent.", negative=0.4)
        story = desk.mention_came_in(session, mention, NOW)
        assert story is not None
        assert story.level is Level.DIGEST
        assert not mails(session)


def test_a_thread_is_one_story_and_mails_again_only_when_it_gets_worse(database: Database, desk: StoryDesk) -> None:
    with database.writing() as session:
        shop = make_shop(session)
        make_staff(session, shop)
        source = make_source(session, shop)
        stories = [
            desk.mention_came_in(session, make_mention(session, source, text, url=THREAD), NOW)
            for text in ("Jamais remboursé.", "Moi non plus.", "Ma lampe a pris feu, c'est un danger !", "Pareil.")
        ]
        assert len({story.id for story in stories if story}) == 1
        story = stories[0]
        assert story is not None
        assert len(story.items) == 4
        assert story.level is Level.CRISIS
        assert [mail.cause.split(":")[3] for mail in mails(session)] == ["same_day", "crisis"]
        assert mails(session)[1].subject.startswith("Crise – ")


def test_the_same_mention_again_changes_nothing(database: Database, desk: StoryDesk) -> None:
    with database.writing() as session:
        shop = make_shop(session)
        make_staff(session, shop)
        mention = make_mention(session, make_source(session, shop))
        first = desk.mention_came_in(session, mention, NOW)
        again = desk.mention_came_in(session, mention, NOW)
        assert first is again
        assert first is not None
        assert len(first.items) == 1
        assert len(mails(session)) == 1


def test_a_resolved_story_flares_up_again_and_a_dismissed_one_stays_shut(database: Database, desk: StoryDesk) -> None:
    with database.writing() as session:
        shop = make_shop(session)
        agent = make_staff(session, shop)
        source = make_source(session, shop)
        story = desk.mention_came_in(session, make_mention(session, source, "Nul.", url=THREAD), NOW)
        assert story is not None
        desk.resolve(session, story, agent, NOW, note="Remboursé.")
        desk.mention_came_in(session, make_mention(session, source, "Encore nul.", url=THREAD), NOW)
        assert (story.state, story.owner_id, story.closed_at) == (StoryState.OPEN, None, None)
        assert len(mails(session)) == 2
        desk.dismiss(session, story, agent, NOW, Verdict.NOT_US)
        desk.mention_came_in(session, make_mention(session, source, "Toujours nul.", url=THREAD), NOW)
        assert story.state is StoryState.DISMISSED
        assert len(story.items) == 3
        assert len(mails(session)) == 2


def test_a_low_rating_opens_a_story_with_the_return_behind_it(database: Database, desk: StoryDesk) -> None:
    with database.writing() as session:
        shop = make_shop(session)
        make_staff(session, shop)
        returned = make_return(session, shop, make_order(session, shop))
        story = desk.answer_came_in(session, make_answer(session, shop, returned, rating=2), NOW)
        assert story is not None
        assert story.return_id == returned.id
        (mail,) = mails(session)
        assert "R-1" in (mail.text or "")
        assert mail.subject == "Mauvaise note après un retour\u202f: «\u202fLa lampe est arrivée cassée.\u202f»"
        assert desk.answer_came_in(session, make_answer(session, shop, rating=3), NOW) is None


def test_a_rating_without_a_word_still_says_what_it_is(database: Database, desk: StoryDesk) -> None:
    with database.writing() as session:
        shop = make_shop(session)
        make_staff(session, shop, language="en")
        story = desk.answer_came_in(session, make_answer(session, shop, text=None), NOW)
        assert story is not None
        assert mails(session)[0].subject == "Low rating after a return: Rated 1 of 5, without a word"


def test_outside_text_is_no_markup_in_the_alert(database: Database, desk: StoryDesk) -> None:
    text = 'Nul <script>alert("x")</script> <b>arnaque</b> !\r\nBcc: x@example.com'
    with database.writing() as session:
        shop = make_shop(session)
        make_staff(session, shop)
        mention = make_mention(
            session, make_source(session, shop, title="<i>Blog</i>"), text, url="javascript:alert(1)"
        )
        desk.mention_came_in(session, mention, NOW)
        (mail,) = mails(session)
    assert mail.html is not None
    assert "<script>" not in mail.html
    assert "<b>" not in mail.html
    assert "<i>" not in mail.html
    assert "javascript:" not in mail.html
    assert "\n" not in mail.subject


def test_two_processes_that_find_one_thread_make_one_story(database: Database, desk: StoryDesk) -> None:
    with database.writing() as session:
        shop = make_shop(session)
        make_staff(session, shop)
        source = make_source(session, shop)
        mentions = [make_mention(session, source, f"Nul, version {n}.", url=THREAD).id for n in range(4)]
    start = threading.Barrier(len(mentions))
    failures: list[BaseException] = []

    def bring(mention_id: int) -> None:

        try:
            start.wait()
            with database.writing() as session:
                desk.mention_came_in(session, session.get_one(Mention, mention_id), NOW)
        except BaseException as error:  # noqa: BLE001 - shown below
            failures.append(error)

    threads = [threading.Thread(target=bring, args=(mention_id,)) for mention_id in mentions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    with database.reading() as session:
        (story,) = session.scalars(sa.select(Story)).all()
        assert len(story.items) == len(mentions)
        assert len(mails(session)) == 1


def test_a_story_has_one_owner(database: Database, desk: StoryDesk) -> None:
    with database.writing() as session:
        shop = make_shop(session)
        first, second = (
            make_staff(session, shop, "a@example.com", name="Ada"),
            make_staff(session, shop, "b@example.com"),
        )
        story = desk.mention_came_in(session, make_mention(session, make_source(session, shop)), NOW)
        assert story is not None
        desk.take(session, story, first, NOW)
        desk.take(session, story, first, NOW)
        with pytest.raises(ConflictError, match="Ada s’occupe"):
            desk.take(session, story, second, NOW)
        with pytest.raises(ConflictError):
            desk.dismiss(session, story, second, NOW, Verdict.NOT_US)
        desk.reopen(session, story, second, NOW)
        desk.resolve(session, story, second, NOW + timedelta(hours=1), note=" Remboursé. ")
        with pytest.raises(ConflictError, match="déjà close"):
            desk.take(session, story, first, NOW)
        assert story.acknowledged_at == NOW
        assert [event.kind for event in story.events] == ["opened", "alerted", "taken", "reopened", "resolved"]
        assert story.events[-1].note == "Remboursé."
        actions = session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)).all()
        assert actions == ["story.taken", "story.reopened", "story.resolved"]


def test_a_verdict_is_kept_with_the_mentions_and_taken_back_on_reopening(database: Database, desk: StoryDesk) -> None:
    with database.writing() as session:
        shop = make_shop(session)
        agent = make_staff(session, shop)
        mention = make_mention(session, make_source(session, shop))
        story = desk.mention_came_in(session, mention, NOW)
        assert story is not None
        desk.dismiss(session, story, agent, NOW, Verdict.NOT_NEGATIVE)
        assert mention.verdict is Verdict.NOT_NEGATIVE
        desk.reopen(session, story, agent, NOW)
        session.flush()
        assert mention.verdict is None
        assert story.state is StoryState.OPEN


def test_what_is_resolved_was_a_complaint_until_it_is_opened_again(database: Database, desk: StoryDesk) -> None:
    with database.writing() as session:
        shop = make_shop(session)
        agent = make_staff(session, shop)
        source = make_source(session, shop)
        mention, other = (make_mention(session, source, text, url=THREAD) for text in ("Nul.", "Moi aussi, nul."))
        story = desk.mention_came_in(session, mention, NOW)
        desk.mention_came_in(session, other, NOW)
        assert story is not None
        other.verdict = Verdict.NOT_NEGATIVE
        desk.resolve(session, story, agent, NOW)
        assert (mention.verdict, other.verdict) == (Verdict.COMPLAINT, Verdict.NOT_NEGATIVE)
        desk.reopen(session, story, agent, NOW)
        session.flush()
        assert (mention.verdict, other.verdict) == (None, Verdict.NOT_NEGATIVE)


def test_what_flares_up_again_stays_a_complaint(database: Database, desk: StoryDesk) -> None:
    with database.writing() as session:
        shop = make_shop(session)
        agent = make_staff(session, shop)
        source = make_source(session, shop)
        mention = make_mention(session, source, "Nul.", url=THREAD)
        story = desk.mention_came_in(session, mention, NOW)
        assert story is not None
        desk.resolve(session, story, agent, NOW)
        desk.mention_came_in(session, make_mention(session, source, "Encore nul.", url=THREAD), NOW)
        assert (story.state, mention.verdict) == (StoryState.OPEN, Verdict.COMPLAINT)
        desk.take(session, story, agent, NOW)
        desk.reopen(session, story, agent, NOW)
        assert mention.verdict is Verdict.COMPLAINT


@pytest.mark.parametrize("action", ["resolve", "dismiss", "reopen"])
def test_a_story_is_closed_while_a_scan_counts_a_copy_of_its_mention(
    database: Database, desk: StoryDesk, action: str
) -> None:
    with database.writing() as session:
        shop = make_shop(session)
        agent = make_staff(session, shop)
        mention = make_mention(session, make_source(session, shop))
        story = desk.mention_came_in(session, mention, NOW)
        assert story is not None
        if action == "reopen":
            desk.resolve(session, story, agent, NOW)
    counted, failures = threading.Event(), []

    def scan() -> None:
        try:
            with database.writing() as session:
                copied = session.get_one(Mention, mention.id)
                copied.copies += 1
                session.flush()
                counted.set()
                time.sleep(0.3)
                desk.mention_came_in(session, copied, NOW)
        except Exception as error:  # noqa: BLE001 - shown below
            failures.append(error)

    scanning = threading.Thread(target=scan)
    scanning.start()
    counted.wait()
    with database.writing() as session:
        found, staff = session.get_one(Story, story.id), session.get_one(Staff, agent.id)
        if action == "dismiss":
            desk.dismiss(session, found, staff, NOW, Verdict.NOT_US)
        else:
            getattr(desk, action)(session, found, staff, NOW)
    scanning.join()
    assert not failures
    with database.reading() as session:
        assert session.get_one(Mention, mention.id).copies == 2


def test_two_people_who_press_at_once_get_one_owner(database: Database, desk: StoryDesk) -> None:
    with database.writing() as session:
        shop = make_shop(session)
        people = [make_staff(session, shop, f"{n}@example.com").id for n in range(4)]
        story = desk.mention_came_in(session, make_mention(session, make_source(session, shop)), NOW)
        assert story is not None
    start = threading.Barrier(len(people))
    outcomes: list[str] = []

    def press(staff_id: int) -> None:
        start.wait()
        try:
            with database.writing() as session:
                found = session.get_one(Story, story.id)
                desk.take(session, found, session.get_one(Staff, staff_id), NOW)
            outcomes.append("mine")
        except ConflictError:
            outcomes.append("late")

    threads = [threading.Thread(target=press, args=(staff_id,)) for staff_id in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["late", "late", "late", "mine"]


def test_the_threshold_is_the_shops_own(database: Database, desk: StoryDesk) -> None:
    with database.writing() as session:
        shop = make_shop(session, alert_threshold=0.9)
        make_staff(session, shop)
        mention = make_mention(session, make_source(session, shop), label=Label.NEUTRAL, negative=0.8)
        assert desk.mention_came_in(session, mention, NOW) is None
        session.get_one(Shop, shop.id).alert_threshold = 0.8
        assert desk.mention_came_in(session, mention, NOW) is not None
