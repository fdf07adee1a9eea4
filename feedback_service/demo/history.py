"""The five months before the demo begins, replayed through the real paths on a clock that is moved.

    sales    -> Intake                           as a shop's platform reports them
    answers  -> invitation, mail and answer      written as they were left behind: nobody can answer in the past
    reviews  -> scans of the sites over HTTP     at each instant at which something was published
    stories  -> StoryDesk                        opened by the scans and the answers, then taken and resolved

Nothing is mailed about the past: the staff want no alerts until the replay is over.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import make_msgid
from random import Random

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service import schema
from feedback_service.alerts.models import Story, StoryState
from feedback_service.bootstrap import Services
from feedback_service.clock import ManualClock
from feedback_service.demo import cast, said
from feedback_service.demo.mailbox import STAFF_DOMAIN
from feedback_service.demo.shop_data import DAYS, make_sales
from feedback_service.demo.sites import FEED_PATH, REVIEWS_PATH, Sites
from feedback_service.errors import ConflictError
from feedback_service.hashing import address_key, new_token, token_digest
from feedback_service.mail.models import Audience, MailState, OutboxMail
from feedback_service.returns.models import Origin, Return, ReturnState
from feedback_service.shops.models import Shop, Staff
from feedback_service.shops.staff import add_staff
from feedback_service.sources.models import SourceKind
from feedback_service.sources.registry import add_source
from feedback_service.surveys.models import Answer, Invitation

ANSWERS = 40
_SEED = 7
_ANSWERED_SHARE = 0.46
_WORDS_SHARE = 0.6
_SETTLED = timedelta(days=4)
"""A return closed longer ago was asked about in the past; a story opened longer ago has been resolved."""

_SOURCES_ADDED = timedelta(days=100)
_LAST_REPLAY = timedelta(days=1)
_FOUND_AFTER = timedelta(minutes=40)
_TAKEN_AFTER = timedelta(hours=3)
_RESOLVED_AFTER = timedelta(hours=26)


@dataclass(frozen=True, slots=True)
class Replay:
    """The tools of the replay: services on a clock that is moved, and the sites that follow it."""

    services: Services
    clock: ManualClock
    begun_at: datetime
    sites_address: str


def make_history(replay: Replay, sites: Sites) -> None:
    """Fill an empty database with the history of the demo's shop; `ConflictError` when it is not empty."""
    services = replay.services
    schema.upgrade(services.database)
    _refuse_used_database(services)
    replay.clock.move_to(replay.begun_at - timedelta(days=DAYS + 1))
    shop = _open_shop(services)
    _record_sales(replay, shop)
    with services.database.writing() as session:
        _leave_answers(session, replay, session.get_one(Shop, shop.id))
    _replay_scans(replay, sites, shop)
    replay.clock.move_to(replay.begun_at)
    _end_stories(replay, replay.begun_at)
    with services.database.writing() as session:
        session.execute(sa.update(Staff).values(wants_alerts=True))


def _refuse_used_database(services: Services) -> None:
    with services.database.reading() as session:
        used = session.scalar(sa.select(Shop.id).limit(1))
    if used:
        sentence = (
            "The demo begins afresh and would mix with the data in the database that FEEDBACK_DATABASE_URL names; "
            "unset it, or name an empty database."
        )
        raise ConflictError(sentence)


def _open_shop(services: Services) -> Shop:
    now = services.clock.now()
    with services.database.writing() as session:
        shop = Shop(**cast.SHOP, created_at=now)
        session.add(shop)
        session.flush()
        for player in cast.STAFF:
            staff = add_staff(session, player.email, player.name, player.role, [shop], player.password, now)
            staff.wants_alerts = False
    return shop


def _record_sales(replay: Replay, shop: Shop) -> None:
    sales = make_sales(replay.begun_at)
    intake = replay.services.intake
    with replay.services.database.writing() as session:
        for order in sales.orders:
            intake.record_order(session, shop, order, order.ordered_at)
    with replay.services.database.writing() as session:
        for returned in sales.returns:
            at = returned.events[-1].happened_at
            intake.record_return(session, shop, returned, at, Origin.PLATFORM, notify=False)


def _leave_answers(session: Session, replay: Replay, shop: Shop) -> None:
    random = Random(_SEED)  # noqa: S311 - sample data, no secret
    words = {"fr": list(said.ANSWERS_FR), "en": list(said.ANSWERS_EN)}
    closed = sa.select(Return).where(
        Return.closed_at <= replay.begun_at - _SETTLED,
        Return.state.in_((ReturnState.REFUNDED, ReturnState.REPLACED)),
        Return.customer_id.is_not(None),
    )
    answered = 0
    asked: set[int | None] = set()
    for returned in session.scalars(closed.order_by(Return.closed_at.desc())).all():
        if returned.customer_id in asked:
            continue  # The quarantine would have kept the later survey back.
        asked.add(returned.customer_id)
        invitation = _leave_invitation(session, replay.services, shop, returned)
        if answered < ANSWERS and random.random() < _ANSWERED_SHARE:
            answered += 1
            at = invitation.created_at + timedelta(hours=random.uniform(0.2, 30))
            _leave_answer(session, replay.services, invitation, _pick(random, words, returned), at)


def _leave_invitation(session: Session, services: Services, shop: Shop, returned: Return) -> Invitation:
    at = _morning_after((returned.closed_at or returned.state_at) + timedelta(hours=24))
    address = (returned.customer.email if returned.customer else None) or ""
    key = address_key(services.secret, address)
    mail = OutboxMail(
        shop_id=shop.id,
        kind="survey",
        audience=Audience.CUSTOMER,
        cause=f"survey:{returned.id}",
        message_id=make_msgid(domain=STAFF_DOMAIN),
        state=MailState.SENT,
        language=returned.language or shop.language,
        sender=shop.sender_address,
        recipient=address,
        recipient_key=key,
        subject="",
        created_at=at,
        sent_at=at,
        attempts=1,
    )
    invitation = Invitation(
        shop_id=shop.id,
        return_id=returned.id,
        mail=mail,
        token_digest=token_digest(new_token()),
        recipient_key=key,
        language=mail.language,
        created_at=at,
        expires_at=at + timedelta(days=services.settings.survey_valid_days),
    )
    session.add(invitation)
    session.flush()
    return invitation


def _morning_after(earliest: datetime) -> datetime:
    """Return the first instant from `earliest` on at which it is between 9 and 18 hours UTC, give or take."""
    if earliest.hour < 9:  # noqa: PLR2004 - as the docstring says
        return earliest.replace(hour=9)
    return earliest if earliest.hour < 18 else (earliest + timedelta(days=1)).replace(hour=9)  # noqa: PLR2004 - as above


def _pick(random: Random, words: dict[str, list[said.Said]], returned: Return) -> said.Said:
    """Return what this customer says: words that fit the reason, each text once."""
    pool = words["en" if returned.language == "en" else "fr"]
    fitting = [one for one in pool if not one.reasons or returned.reason in one.reasons]
    in_words = [one for one in fitting if one.text]
    choice = random.choice(in_words if in_words and random.random() < _WORDS_SHARE else fitting)
    if choice.text:
        pool.remove(choice)
    return choice


def _leave_answer(session: Session, services: Services, invitation: Invitation, words: said.Said, at: datetime) -> None:
    answer = Answer(
        shop_id=invitation.shop_id,
        invitation_id=invitation.id,
        return_id=invitation.return_id,
        language=invitation.language,
        rating=words.rating,
        effort=words.effort,
        reasons=list(words.reasons),
        text=words.text,
        created_at=at,
        updated_at=at,
    )
    invitation.answered_at = at
    session.add(answer)
    session.flush()
    services.story_desk.answer_came_in(session, answer, at)


def _replay_scans(replay: Replay, sites: Sites, shop: Shop) -> None:
    from jobs import scan_sources

    added_at = replay.begun_at - _SOURCES_ADDED
    replay.clock.move_to(added_at)
    with replay.services.database.writing() as session:
        feed, reviews = (f"{replay.sites_address}{path}" for path in (FEED_PATH, REVIEWS_PATH))
        add_source(session, shop, feed, SourceKind.FEED, added_at, title="Le fil du lin", reach=1)
        add_source(session, shop, reviews, SourceKind.REVIEW_PAGE, added_at, title="Franc Avis", about_us=True, reach=2)
    scan_sources.run(replay.services)
    until = replay.begun_at - _LAST_REPLAY
    for instant in sites.instants():
        if added_at < instant < until:
            replay.clock.move_to(instant + _FOUND_AFTER)
            _end_stories(replay, replay.clock.now())
            scan_sources.run(replay.services)


def _end_stories(replay: Replay, now: datetime) -> None:
    """Let the agent take and resolve the stories that have been open for some days."""
    desk = replay.services.story_desk
    old = sa.select(Story).where(Story.state == StoryState.OPEN, Story.opened_at <= now - _SETTLED)
    with replay.services.database.writing() as session:
        agent = session.scalars(sa.select(Staff).where(Staff.email == cast.AGENT.email)).one()
        for story in session.scalars(old.order_by(Story.id)).all():
            opened_at = story.opened_at
            desk.take(session, story, agent, opened_at + _TAKEN_AFTER)
            desk.resolve(session, story, agent, opened_at + _RESOLVED_AFTER, _note(story))


def _note(story: Story) -> str:
    return "Remboursement fait, cliente rappelée." if story.return_id else "Réponse publiée sur le site."
