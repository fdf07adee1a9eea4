"""Delivery: one digest per shop and week, frozen, and one mail per manager, however often the job runs."""

import dataclasses
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.db import Database, insert_for
from feedback_service.digest import builder
from feedback_service.digest.builder import Contents
from feedback_service.digest.models import Digest
from feedback_service.digest.paper import Paper, paper
from feedback_service.digest.periods import Week, due_week
from feedback_service.formats import zone
from feedback_service.links import Links
from feedback_service.mail.letters import InlineImage, Letter
from feedback_service.mail.models import Audience, OutboxMail
from feedback_service.mail.outbox import Outbox
from feedback_service.mail.render import Rendered, Renderer
from feedback_service.reports.charts import png
from feedback_service.shops.configuration import list_shops
from feedback_service.shops.models import Role, Shop, Staff

_READERS = (Role.MANAGER, Role.ADMIN)
_PRIORITY = 60
_WORTH_SENDING = timedelta(days=7)


@dataclasses.dataclass(frozen=True)
class DigestDesk:
    """Builds and queues digests."""

    database: Database
    outbox: Outbox
    renderer: Renderer
    links: Links

    def queue_due(self, now: datetime) -> int:
        """Queue the digests that are due in every shop, from Monday 08:00 its time; return the number of mails."""
        with self.database.reading() as session:
            shops = list_shops(session)
        return sum(self.queue(shop, due_week(now, zone(shop.time_zone)), now) for shop in shops)

    def queue(self, shop: Shop, week: Week, now: datetime) -> int:
        """Queue the digest of `week` for every reader who has not got it yet; return the number of mails.

        Without readers nothing is built: the figures would freeze before anyone could read them.
        """
        with self.database.reading() as session:
            readers = _readers_without(session, shop, week)
        if not readers:
            return 0
        digest = self._frozen(shop, week, now)
        contents = builder.from_json(digest.contents)
        letters = _letters(digest, contents, shop, readers, self.links, now)
        return sum(self._post(letter, now) for letter in letters)

    def contents(self, shop: Shop, week: Week, now: datetime) -> Contents:
        """Return the contents of the digest of `week`: the frozen ones if it was built, else as it would be now."""
        with self.database.reading() as session:
            digest = session.scalar(_select(shop, week))
            if digest:
                return builder.from_json(digest.contents)
            return builder.build(session, shop, week, now)

    def preview(self, shop: Shop, week: Week, language: str, now: datetime) -> Rendered:
        """Return the mail of `week` as a reader of `language` would get it; nothing is stored."""
        in_words = paper(self.contents(shop, week, now), shop, language, self.links)
        context = {"shop": shop} | _context(in_words, self.links.dashboard())
        return self.renderer.render("digest", language, shop.time_zone, context)

    def _frozen(self, shop: Shop, week: Week, now: datetime) -> Digest:
        """Return the one digest of shop and week; the first process to store it decides its figures."""
        with self.database.reading() as session:
            digest = session.scalar(_select(shop, week))
            if digest:
                return digest
            contents = builder.to_json(builder.build(session, shop, week, now))
        with self.database.writing() as session:
            values = {"shop_id": shop.id, "week_on": week.monday, "contents": contents, "built_at": now}
            session.execute(insert_for(session, Digest).values(**values).on_conflict_do_nothing())
            return session.scalars(_select(shop, week)).one()

    def _post(self, letter: Letter, now: datetime) -> bool:
        with self.database.writing() as session:
            return self.outbox.post(session, letter, now) is not None


def cause(shop: Shop, week: Week, staff_id: int) -> str:
    """Return the key under which one reader gets one digest once."""
    return f"digest:{shop.id}:{week.monday.isoformat()}:{staff_id}"


def images(in_words: Paper) -> tuple[InlineImage, ...]:
    """Return the charts of a digest as PNG, under the Content-IDs its HTML part names."""
    return tuple(InlineImage(section.key, png(section.chart.svg)) for section in in_words.sections if section.chart)


def _select(shop: Shop, week: Week) -> sa.Select[Digest]:
    return sa.select(Digest).where(Digest.shop_id == shop.id, Digest.week_on == week.monday)


def _readers_without(session: Session, shop: Shop, week: Week) -> Sequence[Staff]:
    readers = session.scalars(
        sa.select(Staff)
        .where(
            Staff.shops.any(Shop.id == shop.id),
            Staff.role.in_(_READERS),
            Staff.wants_digest.is_(True),
            Staff.is_active.is_(True),
        )
        .order_by(Staff.id)
    ).all()
    causes = {cause(shop, week, staff.id) for staff in readers}
    posted = set(session.scalars(sa.select(OutboxMail.cause).where(OutboxMail.cause.in_(causes))))
    return [staff for staff in readers if cause(shop, week, staff.id) not in posted]


def _letters(
    digest: Digest, contents: Contents, shop: Shop, readers: Sequence[Staff], links: Links, now: datetime
) -> list[Letter]:
    """Return one letter per reader; words and drawings are made once per language."""
    papers = {staff.language: paper(contents, shop, staff.language, links) for staff in readers}
    drawn = {language: images(in_words) for language, in_words in papers.items()}
    made = [
        digest_letter(
            shop,
            staff,
            papers[staff.language],
            links.digest(digest.id),
            cause=cause(shop, Week(digest.week_on), staff.id),
            drawn=drawn[staff.language],
        )
        for staff in readers
    ]
    return [dataclasses.replace(letter, expires_at=now + _WORTH_SENDING) for letter in made]


def digest_letter(
    shop: Shop, staff: Staff, in_words: Paper, page: str, *, cause: str, drawn: tuple[InlineImage, ...] | None = None
) -> Letter:
    """Return the digest to one reader; `drawn` are its charts where they are drawn already."""
    return Letter(
        template="digest",
        audience=Audience.STAFF,
        cause=cause,
        recipient=staff.email,
        language=staff.language,
        shop=shop,
        context=_context(in_words, page),
        images=images(in_words) if drawn is None else drawn,
        priority=_PRIORITY,
    )


def _context(in_words: Paper, page: str) -> dict[str, Any]:
    return {"paper": in_words, "page": page}
