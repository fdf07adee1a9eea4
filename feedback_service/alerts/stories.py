"""StoryDesk: what comes in becomes a story or joins one, and the right people are told.

Everything happens in the transaction of its cause: a mention that is stored has its story and its alert
mails, or none of them exists. Two processes that bring mentions of one thread at once make one story:
the key is unique, and the row is locked while it is judged anew.
"""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, lazyload
from sqlalchemy.orm.attributes import set_committed_value

from feedback_service import i18n
from feedback_service.alerts import cards, low_ratings, severity, wording
from feedback_service.alerts.evidence import clipped
from feedback_service.alerts.handling import StoryHandling, locked
from feedback_service.alerts.letters import alert_letter
from feedback_service.alerts.models import Level, Story, StoryEvent, StoryItem, StoryState
from feedback_service.alerts.severity import Assessment
from feedback_service.alerts.voices import assess_story, mention_voice, quote_of
from feedback_service.db import insert_for, table_of
from feedback_service.errors import NotFoundError
from feedback_service.links import Links
from feedback_service.mail.outbox import Outbox
from feedback_service.mentions.models import Mention, Verdict
from feedback_service.mentions.relevance import Standing
from feedback_service.returns.models import Return
from feedback_service.sentiment.judgement import Label
from feedback_service.shops.models import Shop, Staff
from feedback_service.surveys.masking import mask
from feedback_service.surveys.models import Answer
from feedback_service.surveys.replies import CustomerReply

_RANK = {Level.DIGEST: 0, Level.SAME_DAY: 1, Level.CRISIS: 2}
_STORY = table_of(Story).c
_OF_KEY = sa.select(_STORY.id).where(_STORY.shop_id == sa.bindparam("shop_id"), _STORY.key == sa.bindparam("key"))
_STAFF_OF_SHOP = (
    sa.select(Staff)
    .where(Staff.shops.any(Shop.id == sa.bindparam("shop_id")), Staff.is_active, Staff.wants_alerts)
    .where(Staff.role.in_(low_ratings.ALERTED_ROLES))
    .order_by(Staff.id)
    .options(lazyload(Staff.shops))
)


class StoryDesk(StoryHandling):
    """Opens stories and alerts staff, in the transaction of what came in."""

    def __init__(self, outbox: Outbox, links: Links) -> None:
        self._outbox = outbox
        self._links = links

    def mention_came_in(self, session: Session, mention: Mention, now: datetime) -> Story | None:
        """Open a story for a negative mention or let it join the story of its thread; None if no complaint.

        What a first scan found (baseline) never opens one, nor what may be about somebody else, until a person says
        that it is a complaint about us. Nor does what a person called none, however often it is copied. Calling again
        with the same mention judges the story anew, as when the mention has got more copies.
        """
        said = mention.verdict is Verdict.COMPLAINT
        is_ours_to_judge = mention.verdict is None and not mention.is_baseline and mention.standing is Standing.US
        if not said and not is_ours_to_judge:
            return None
        session.flush()
        shop = session.get_one(Shop, mention.shop_id)
        voice = mention_voice(mention)
        if not said and not severity.is_complaint(
            negative_label=mention.label is Label.NEGATIVE,
            negative=mention.negative,
            stars=voice.stars,
            threshold=shop.alert_threshold,
        ):
            return None
        story = self._opened(session, shop, f"thread:{mention.thread}", now)
        if not any(item.mention_id == mention.id for item in story.items):
            story.items.append(StoryItem(mention=mention, added_at=now))
            story.published_at = _earliest(story.published_at, mention.published_at)
            story.fetched_at = _earliest(story.fetched_at, mention.found_at)
            _note_order(session, story, mention)
            _item_added(story, now, said=said)
        return self._judged(session, shop, story, now)

    def mention_changed(self, session: Session, mention: Mention, now: datetime) -> Story | None:
        """Note in its story that the author of a mention has edited it, and judge it anew: it may have got worse."""
        self._note(session, mention, "edited", now)
        return self.mention_came_in(session, mention, now)

    def mention_went(self, session: Session, mention: Mention, now: datetime) -> None:
        """Note in its story that the page of a mention does not show it any more; nobody is alerted."""
        self._note(session, mention, "went", now)

    def _note(self, session: Session, mention: Mention, kind: str, now: datetime) -> None:
        session.flush()
        chosen = sa.select(StoryItem.story_id).where(StoryItem.mention_id == mention.id)
        story_id = session.scalar(chosen)
        if story_id:
            note = clipped(mask(mention.title), cards.TITLE_LENGTH)
            session.add(StoryEvent(story_id=story_id, at=now, kind=kind, note=note))
            session.flush()

    def answer_came_in(self, session: Session, answer: Answer, now: datetime) -> Story | None:
        """Open a story for a low rating, with the return behind it; None when the rating is not low.

        An answer that is edited judges its story anew.
        """
        session.flush()
        shop = session.get_one(Shop, answer.shop_id)
        if answer.rating is None or answer.rating > shop.low_rating:
            return None
        story = self._opened(session, shop, low_ratings.key_of(answer.id), now)
        if not story.items:
            story.items.append(StoryItem(answer=answer, added_at=now))
            story.published_at = story.fetched_at = answer.created_at
            _note_return(session, story, answer.return_id)
        return self._judged(session, shop, story, now)

    def low_ratings_came_in(self, session: Session, at: Mapping[int, datetime]) -> None:
        """Open the stories of the answers whose rating has become low, with the returns behind them.

        `at` gives the instants by the ids of the invitations that were answered. An answer that has a story, because
        its rating was low before, judges that one anew.
        """
        session.flush()
        connection = session.connection()
        found = list(low_ratings.low_ratings(connection, list(at)))
        new = [each for each in found if each.story_id is None]
        opened = low_ratings.open_stories(connection, new, at) if new else []
        for each in found:
            if each.story_id is not None:
                answer = session.get_one(Answer, each.answer_id, populate_existing=True)
                self.answer_came_in(session, answer, at[each.invitation_id])
        for story_id, each, assessment in opened:
            if each.someone_is_told and assessment.level is not Level.DIGEST:
                story, shop = session.get_one(Story, story_id), session.get_one(Shop, each.shop_id)
                self._alert(session, shop, story, assessment, at[each.invitation_id])
        session.flush()

    def reply_came_in(self, session: Session, reply: CustomerReply, now: datetime) -> Story | None:
        """Open a story for a negative reply to a mail, or let it join that of its return; None if no complaint.

        What customers write to the shop itself is about the shop: nobody has to say so first.
        """
        session.flush()
        shop = session.get_one(Shop, reply.shop_id)
        if not severity.is_complaint(
            negative_label=reply.is_negative, negative=reply.negative, stars=None, threshold=shop.alert_threshold
        ):
            return None
        story = self._opened(session, shop, _reply_key(session, reply), now)
        if not any(item.reply_id == reply.id for item in story.items):
            story.items.append(StoryItem(reply=reply, added_at=now))
            story.published_at = _earliest(story.published_at, reply.came_at)
            story.fetched_at = _earliest(story.fetched_at, now)
            _note_return(session, story, reply.return_id)
            _item_added(story, now, said=True)
        return self._judged(session, shop, story, now)

    def _opened(self, session: Session, shop: Shop, key: str, now: datetime) -> Story:
        story = _find(session, shop, key)
        if story is not None:
            return story
        story = _inserted(session, shop, key, now) or _find(session, shop, key)
        if story is None:
            sentence = f"There is no story {key!r} any more."
            raise NotFoundError(sentence)
        return story

    def _judged(self, session: Session, shop: Shop, story: Story, now: datetime) -> Story:
        session.expire(story, ["returned", "order"])
        found = assess_story(session, story, shop.alert_threshold)
        is_higher = not story.why or _RANK[found.level] > _RANK[story.level]
        story.severity = max(story.severity, found.severity)
        story.level = found.level if is_higher else story.level
        language = i18n.staff_language(shop.language)
        story.why = wording.why(found.reasons, language)
        story.title = story.title or _title(story, language)
        story.updated_at = now
        reopened = sum(event.kind == "reopened" and event.staff_id is None for event in story.events)
        if story.state is not StoryState.DISMISSED and story.level is not Level.DIGEST:
            self._alert(session, shop, story, found, now, reopened)
        session.flush()
        return story

    def _alert(
        self, session: Session, shop: Shop, story: Story, found: Assessment, now: datetime, reopened: int = 0
    ) -> None:
        told = []
        # The story is written at the end, once: nothing that is asked for here depends on it.
        with session.no_autoflush:
            for staff in who_is_told(session, shop):
                cause = f"alert:story:{story.id}:{story.level}:{staff.id}" + (f":again{reopened}" if reopened else "")
                letter = alert_letter(story, shop, staff, found, cause=cause, story_url=self._links.story(story.id))
                if self._outbox.post(session, letter, now):
                    told.append(staff.name)
        if told:
            story.events.append(StoryEvent(at=now, kind="alerted", note=", ".join(told)))


def _find(session: Session, shop: Shop, key: str) -> Story | None:
    story_id = session.connection().scalar(_OF_KEY, {"shop_id": shop.id, "key": key})
    return locked(session, story_id) if story_id else None


def _inserted(session: Session, shop: Shop, key: str, now: datetime) -> Story | None:
    """Return a new story; None where another process has opened it between our look and our insert."""
    insert = insert_for(session, Story).values(
        shop_id=shop.id,
        key=key,
        title="",
        why="",
        level=Level.DIGEST,
        severity=0,
        state=StoryState.OPEN,
        opened_at=now,
        updated_at=now,
    )
    story = session.scalar(insert.on_conflict_do_nothing(index_elements=["shop_id", "key"]).returning(Story))
    if story is not None:
        # It has none, and need not be asked.
        set_committed_value(story, "items", [])
        set_committed_value(story, "events", [])
        story.events.append(StoryEvent(at=now, kind="opened"))
    return story


def _item_added(story: Story, now: datetime, *, said: bool) -> None:
    if len(story.items) == 1:
        return
    story.events.append(StoryEvent(at=now, kind="item_added"))
    if story.state is StoryState.RESOLVED or (story.state is StoryState.DISMISSED and said):
        # It flares up again: nobody owns it until somebody takes it. "Not us" stays not us, unless a person says of
        # what joins that it is a complaint about us.
        story.state, story.owner_id, story.closed_at = StoryState.OPEN, None, None
        story.events.append(StoryEvent(at=now, kind="reopened"))


def _reply_key(session: Session, reply: CustomerReply) -> str:
    """Return the key of the story that tells of the same return, or a key of the reply's own."""
    if reply.return_id is None:
        return f"reply:{reply.id}"
    about = (Story.shop_id == reply.shop_id, Story.return_id == reply.return_id, Story.key.not_like("thread:%"))
    known = session.scalar(sa.select(Story.key).where(*about).order_by(Story.id.desc()).limit(1))
    return known or f"return:{reply.return_id}"


def _note_return(session: Session, story: Story, return_id: int | None) -> None:
    returned = session.get(Return, return_id) if return_id else None
    if returned is not None and story.return_id is None:
        story.return_id, story.order_id = returned.id, returned.order_id


def _note_order(session: Session, story: Story, mention: Mention) -> None:
    if mention.order_id is None or story.order_id is not None:
        return
    story.order_id = mention.order_id
    latest = sa.select(Return.id).where(Return.order_id == mention.order_id).order_by(Return.requested_at.desc())
    story.return_id = session.scalar(latest.limit(1))


def _title(story: Story, language: str) -> str:
    first = story.items[0]
    if first.mention and first.mention.title.strip():
        return clipped(mask(first.mention.title), cards.TITLE_LENGTH)
    quote = quote_of(story).sentence
    return clipped(quote, cards.TITLE_LENGTH) or cards.headline(story, language)


def who_is_told(session: Session, shop: Shop) -> list[Staff]:
    """Return the staff of `shop` who get its alert mails."""
    return list(session.scalars(_STAFF_OF_SHOP, {"shop_id": shop.id}))


def _earliest(known: datetime | None, new: datetime | None) -> datetime | None:
    return min((instant for instant in (known, new) if instant), default=None)
