"""The life of surveys, at random: whatever happens in whatever order, the promises to customers hold.

The machine invites, delivers, reminds, answers, edits, objects, bounces, erases, moves to other addresses, changes what
is asked and when, and lets time pass: on a real database, with the real outbox and delivery. What arrived in the
mailboxes is the judge, not what our tables say.
"""

import re
import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy.orm import Session

from feedback_service.bootstrap import Services
from feedback_service.clock import ManualClock
from feedback_service.db import Database
from feedback_service.errors import NotFoundError
from feedback_service.hashing import address_key
from feedback_service.mail import suppression
from feedback_service.mail.delivery import Delivery
from feedback_service.mail.models import OutboxMail, SuppressionReason
from feedback_service.privacy.erasure import erase
from feedback_service.privacy.person import Person
from feedback_service.returns.customers import record_customer
from feedback_service.returns.models import Return, ReturnState
from feedback_service.returns.payloads import CustomerIn
from feedback_service.settings import load_settings
from feedback_service.shops.models import Shop
from feedback_service.surveys import objections, versions
from feedback_service.surveys.answers import AnswerIn
from feedback_service.surveys.facts import terms_of
from feedback_service.surveys.models import Answer, Invitation
from feedback_service.surveys.not_sent import why_not_sent
from feedback_service.surveys.questionnaire import Questionnaire
from feedback_service.surveys.questions import Survey
from feedback_service.surveys.reading import reasons_of
from feedback_service.surveys.rules import is_daytime
from jobs import send_surveys
from tests.support.builders import NOW, SECRET, make_order, make_return, make_shop
from tests.support.post_office import Delivered, PostOffice

CAP = timedelta(days=90)
SHOPS = ("atelier", "maison")
PEOPLE = ("ada", "bob")
EDITABLE = timedelta(hours=1)
people, shops = st.sampled_from(PEOPLE), st.sampled_from(SHOPS)


@dataclass
class Letter:
    """A survey mail as it arrived."""

    person: str
    shop: str
    kind: str
    address: str
    token: str
    invitation: int
    at: datetime
    written_at: datetime


@dataclass
class Said:
    """What a person answered, as it must be kept."""

    at: datetime
    rating: int
    version: int
    reasons: tuple[str, ...] = ()


@dataclass
class Life:
    """What the outside world knows."""

    address: dict[str, str] = field(default_factory=lambda: {name: f"{name}@example.com" for name in PEOPLE})
    owner: dict[str, str] = field(default_factory=lambda: {f"{name}@example.com": name for name in PEOPLE})
    letters: list[Letter] = field(default_factory=list)
    objected: dict[tuple[str, str], datetime] = field(default_factory=dict)
    gone: dict[tuple[str, str], datetime] = field(default_factory=dict)
    erased: dict[str, datetime] = field(default_factory=dict)
    said: dict[int, Said] = field(default_factory=dict)


class Surveys(RuleBasedStateMachine):
    """The machine; `template` is a migrated empty database."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        shutil.copy(self.template, self.folder / "life.sqlite")
        url = f"sqlite:///{self.folder / 'life.sqlite'}"
        self.clock = ManualClock(NOW)
        installation = load_settings(
            {}, instance=self.folder, database_url=url, secret_key=SECRET, public_url="https://feedback.example.com"
        )
        self.database = Database(url)
        self.services = Services(settings=installation, clock=self.clock, database=self.database)
        self.post = PostOffice(self.clock)
        self.life = Life()
        self.number = self.seen = 0
        with self.database.writing() as session:
            # Each shop's own quarantine is short: what keeps people in peace is the cap of the installation.
            for slug in SHOPS:
                make_shop(session, slug, nps_enabled=True, quarantine_days=1, nps_every_days=90)

    def teardown(self) -> None:
        self.database.close()
        shutil.rmtree(self.folder)

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def _returned(self, person: str, shop: str, **values: object) -> None:
        """Let an order and its return come in from the platform."""
        if person in self.life.erased:
            return
        self.number += 1
        with self.database.writing() as session:
            row = _shop(session, shop)
            customer = self._customer(session, row, person)
            number = f"AL-{10000 + self.number}"
            order = make_order(
                session, row, number, customer_id=customer, ordered_at=self.now - timedelta(days=20), lines=[]
            )
            requested_at = self.now - timedelta(days=4)
            times = {"requested_at": requested_at, "received_at": requested_at, "closed_at": self.now}
            make_return(session, row, order, **({"external_id": number, "lines": []} | times | values))

    def _customer(self, session: Session, shop: Shop, person: str) -> int | None:
        named = CustomerIn(external_id=person, email=self.life.address[person], country="FR")
        customer = record_customer(session, shop, named, SECRET, self.now, dated=self.now)
        return customer.id if customer else None

    @rule(person=people, shop=shops, hours_ago=st.sampled_from([0, 30, 30, 60]))
    def return_is_refunded(self, person: str, shop: str, hours_ago: int) -> None:
        self._returned(person, shop, closed_at=self.now - timedelta(hours=hours_ago))
        self.jobs_run()

    @rule(person=people, shop=shops)
    def order_comes_in(self, person: str, shop: str) -> None:
        if person in self.life.erased:
            return
        self.number += 1
        with self.database.writing() as session:
            row = _shop(session, shop)
            make_order(
                session, row, f"AL-{10000 + self.number}", customer_id=self._customer(session, row, person),
                ordered_at=self.now - timedelta(days=16), lines=[],
            )  # fmt: skip

    @rule(person=people, shop=shops, waits=st.sampled_from([timedelta(days=2), timedelta(days=30)]))
    def return_waits_for_its_refund(self, person: str, shop: str, waits: timedelta) -> None:
        at = self.now - waits
        state = ReturnState.RECEIVED
        self._returned(person, shop, state=state, closed_at=None, requested_at=at, received_at=at)

    @rule()
    def open_returns_are_settled(self) -> None:
        with self.database.writing() as session:
            session.execute(
                sa.update(Return)
                .where(Return.closed_at.is_(None))
                .values(state=ReturnState.REFUNDED, closed_at=self.now, state_at=self.now)
            )

    @rule(hours=st.sampled_from([1, 5, 12, 24, 30, 48, 4 * 24, 5 * 24, 30 * 24, 88 * 24, 91 * 24]))
    def time_passes(self, hours: int) -> None:
        self.clock.advance(timedelta(hours=hours))
        self.jobs_run()

    @rule()
    def jobs_run(self) -> None:
        """Queue what is due: in the shop's daytime, and nobody whose refund is late."""
        held = self._held()
        with self.database.reading() as session:
            before = session.scalar(sa.select(sa.func.max(OutboxMail.id))) or 0
        send_surveys.run(self.services)
        with self.database.reading() as session:
            for mail in session.scalars(sa.select(OutboxMail).where(OutboxMail.id > before)):
                shop = session.get_one(Shop, mail.shop_id)
                assert is_daytime(self.now, terms_of(session, shop, self.services.settings, self.now))
                assert (mail.recipient_key, mail.shop_id) not in held
        self._deliver()

    @rule()
    def post_office_closes_or_opens(self) -> None:
        self.post.is_open = not self.post.is_open

    @precondition(lambda self: self.life.letters)
    @rule(pick=st.integers(0, 99), rating=st.integers(1, 5), reason=st.sampled_from(["late", "defective", "own:bulky"]))
    def person_answers(self, pick: int, rating: int, reason: str) -> None:
        letter = self.life.letters[pick % len(self.life.letters)]
        said = self.life.said.get(letter.invitation)
        with self.database.reading() as session:
            invitation = session.get_one(Invitation, letter.invitation)
            is_open = self.now < (said.at + EDITABLE if said else invitation.expires_at)
            asked = self.services.questionnaires.current(session, invitation.shop)
            given = AnswerIn(nps=rating) if invitation.survey is Survey.PERIODIC else AnswerIn(rating=rating)
            if invitation.survey is Survey.RETURN and reason in asked.reasons:
                given = AnswerIn(rating=rating, reasons=(reason,), version=asked.version)
        try:
            with self.database.writing() as session:
                self.services.answer_desk.record(session, letter.token, given, self.now)
        except NotFoundError:
            assert not is_open or letter.person in self.life.erased
            return
        assert is_open
        with self.database.reading() as session:
            answer = session.scalars(sa.select(Answer).where(Answer.invitation_id == letter.invitation)).one()
            kept = Said(said.at if said else self.now, rating, answer.questionnaire_version, reasons_of(answer, "fr"))
        self.life.said[letter.invitation] = kept

    @precondition(lambda self: self.life.letters)
    @rule(pick=st.integers(0, 99))
    def person_objects(self, pick: int) -> None:
        letter = self.life.letters[pick % len(self.life.letters)]
        with self.database.writing() as session:
            objections.record(session, letter.token, self.now)
        self.life.objected.setdefault((letter.person, letter.shop), self.now)

    @rule(person=people, shop=shops)
    def mailbox_is_gone(self, person: str, shop: str) -> None:
        address = self.life.address[person]
        with self.database.writing() as session:
            row = _shop(session, shop)
            suppression.suppress(session, row.id, address_key(SECRET, address), SuppressionReason.HARD_BOUNCE, self.now)
        self.life.gone.setdefault((address, shop), self.now)

    @rule(person=people)
    def person_moves_to_another_address(self, person: str) -> None:
        if person in self.life.erased:
            return
        self.number += 1
        address = f"{person}{self.number}@example.com"
        self.life.address[person] = address
        self.life.owner[address] = person
        with self.database.writing() as session:
            for slug in SHOPS:
                self._customer(session, _shop(session, slug), person)

    @rule(person=people)
    def person_is_erased(self, person: str) -> None:
        with self.database.writing() as session:
            rows = session.scalars(sa.select(Shop)).all()
            for address, owner in self.life.owner.items():
                if owner == person:
                    erase(session, Person.of(address, SECRET), rows, self.now)
        self.life.erased.setdefault(person, self.now)
        mine = {letter.invitation for letter in self.life.letters if letter.person == person}
        self.life.said = {id_: said for id_, said in self.life.said.items() if id_ not in mine}

    @rule(shop=shops, words=st.sampled_from(["Alors ?", "Et ce retour ?"]), bulky=st.booleans())
    def manager_changes_what_is_asked(self, shop: str, words: str, bulky: bool) -> None:  # noqa: FBT001 - drawn
        own = {"rating": words} | ({"reasons.own:bulky": f"{words} Trop grand"} if bulky else {})
        reasons = ("late", "defective", *(["own:bulky"] if bulky else []), "other")
        with self.database.writing() as session:
            draft = Questionnaire(reasons=reasons, words={"fr": own})
            versions.keep(session, _shop(session, shop).id, draft, self.now)

    @rule(
        shop=shops,
        enabled=st.booleans(),
        reminder_days=st.sampled_from([0, 4, 7]),
        hours=st.sampled_from([(9, 20), (20, 23), (22, 6)]),
    )
    def manager_changes_when(self, shop: str, enabled: bool, reminder_days: int, hours: tuple[int, int]) -> None:  # noqa: FBT001 - drawn
        with self.database.writing() as session:
            row = _shop(session, shop)
            row.surveys_enabled, row.reminder_days = enabled, reminder_days
            row.daytime_from, row.daytime_until = hours

    @invariant()
    def nobody_is_asked_after_a_no(self) -> None:
        for letter in self.life.letters:
            for no in (
                self.life.objected.get((letter.person, letter.shop)),
                self.life.erased.get(letter.person),
                self.life.gone.get((letter.address, letter.shop)),
            ):
                assert no is None or letter.at <= no

    @invariant()
    def person_is_asked_once_in_the_cap_by_all_shops_and_kinds_together(self) -> None:
        for person in PEOPLE:
            last: datetime | None = None
            for letter in (each for each in self.life.letters if each.person == person):
                if letter.kind != "survey_reminder":
                    assert last is None or letter.at >= last + CAP
                last = letter.at

    @invariant()
    def nobody_is_reminded_twice_or_after_an_answer_or_beside_the_days(self) -> None:
        reminders = [letter for letter in self.life.letters if letter.kind == "survey_reminder"]
        assert len({letter.invitation for letter in reminders}) == len(reminders)
        for reminder in reminders:
            first = next(letter for letter in self.life.letters if letter.invitation == reminder.invitation)
            assert timedelta(days=4) <= reminder.written_at - first.at < timedelta(days=8)
            said = self.life.said.get(reminder.invitation)
            assert said is None or reminder.at <= said.at

    @invariant()
    def answers_stay_what_was_said(self) -> None:
        with self.database.reading() as session:
            for id_, said in self.life.said.items():
                answer = session.scalars(sa.select(Answer).where(Answer.invitation_id == id_)).one()
                assert (answer.nps if answer.rating is None else answer.rating) == said.rating
                assert (answer.questionnaire_version, reasons_of(answer, "fr")) == (said.version, said.reasons)

    @invariant()
    def every_return_that_nobody_was_asked_about_says_why(self) -> None:
        with self.database.reading() as session:
            arrived = [letter.invitation for letter in self.life.letters]
            asked = set(session.scalars(sa.select(Invitation.return_id).where(Invitation.id.in_(arrived))))
            for returned in session.scalars(sa.select(Return)):
                why = why_not_sent(session, returned, self.now)
                assert (why is None) is (returned.id in asked), (why, returned.id)

    def _held(self) -> set[tuple[str, int]]:
        """Return whom (by address and shop) nobody may ask now: a refund is late."""
        with self.database.reading() as session:
            late = session.scalars(
                sa.select(Return).where(Return.closed_at.is_(None), Return.requested_at < self.now - timedelta(days=16))
            )
            return {
                (each.customer.email_key, each.shop_id) for each in late if each.customer and each.customer.email_key
            }

    def _deliver(self) -> None:
        """Let the real delivery hand over what is due, and read what arrived."""
        delivery = Delivery(
            self.database, self.clock, smtp_timeout=30, stopping=self.services.stopping,
            write=self.services.mail_writer.write,
        )  # fmt: skip
        while delivery.deliver_next([self.post]).claimed:
            pass
        arrived, self.seen = self.post.delivered[self.seen :], len(self.post.delivered)
        with self.database.reading() as session:
            self.life.letters += [self._letter(session, each) for each in arrived]

    def _letter(self, session: Session, arrived: Delivered) -> Letter:
        mail = session.scalars(sa.select(OutboxMail).where(OutboxMail.message_id == arrived.message_id)).one()
        which = sa.or_(Invitation.mail_id == mail.id, Invitation.reminder_mail_id == mail.id)
        invitation = session.scalars(sa.select(Invitation).where(which)).one()
        found = re.search(r"/s/([\w-]+)\?r=1", arrived.text)
        assert found
        person, shop = self.life.owner[arrived.recipient], invitation.shop.slug
        return Letter(person, shop, mail.kind, arrived.recipient, found[1], invitation.id, arrived.at, mail.created_at)


def _shop(session: Session, slug: str) -> Shop:
    return session.scalars(sa.select(Shop).where(Shop.slug == slug)).one()


def test_promises_to_customers_hold_whatever_happens(sqlite_template: Path) -> None:
    class OnTemplate(Surveys):
        template = sqlite_template

    # Without shrinking: a story of 25 steps reads well enough, and to shorten one takes minutes.
    generating = (Phase.explicit, Phase.generate)
    healthy = list(HealthCheck)
    bounds = settings(
        max_examples=10, stateful_step_count=25, deadline=None, phases=generating, suppress_health_check=healthy
    )
    run_state_machine_as_test(OnTemplate, settings=bounds)
