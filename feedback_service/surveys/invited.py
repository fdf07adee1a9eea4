"""What a customer's page knows of an invitation: one query, no object of the session.

The page is opened far more often than anything else is, and what is asked once a visit must cost little. The
values are frozen and compare by what they hold: what was rendered for one shop can be kept and found again.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.db import Base, Database, table_of
from feedback_service.hashing import token_digest
from feedback_service.mail.models import OutboxMail
from feedback_service.prepared import PreparedForSeveral, PreparedQuery, several
from feedback_service.shops.models import Shop
from feedback_service.surveys.models import Answer, Invitation
from feedback_service.surveys.questions import Survey


@dataclass(frozen=True, slots=True)
class ShopFace:
    """What a page shows of a shop and what it goes by; each field is a column of `Shop`."""

    id: int
    name: str
    controller: str
    privacy_url: str
    public_review_url: str
    time_zone: str
    sender_address: str
    reply_to: str
    low_rating: int
    questionnaire_version: int
    accent: str
    logo_digest: str
    logo_width: int
    logo_height: int

    @classmethod
    def of(cls, shop: Shop) -> "ShopFace":
        """Return what a page shows of a loaded shop."""
        return cls(*(getattr(shop, field.name) for field in fields(cls)))


@dataclass(frozen=True, slots=True)
class Given:
    """The answer that was given before; each field is a column of `Answer`."""

    id: int
    questionnaire_version: int
    rating: int | None
    nps: int | None
    effort: int | None
    reasons: list[str]
    other_reason: str | None
    text: str | None
    contact_permitted_at: datetime | None
    flags: list[str]


@dataclass(frozen=True, slots=True)
class Invited:
    """One invitation; `given` is None where nothing was answered, or where it was not asked for (`thanked`)."""

    id: int
    return_id: int | None
    survey: Survey
    language: str
    expires_at: datetime
    answered_at: datetime | None
    objected_at: datetime | None
    has_consent: bool
    reminder_mail_id: int | None
    mail_sent_at: datetime | None
    shop: ShopFace
    given: Given | None = None


def _columns(model: type[Base], shape: type[ShopFace | Given]) -> Iterator[sa.ColumnElement[Any]]:
    return (table_of(model).c[field.name] for field in fields(shape))


_I, _S, _A, _M = (table_of(model) for model in (Invitation, Shop, Answer, OutboxMail))
_OWN = (
    "id",
    "return_id",
    "survey",
    "language",
    "expires_at",
    "answered_at",
    "objected_at",
    "has_consent",
    "reminder_mail_id",
)
_SHOP_AT = len(_OWN) + 1
_GIVEN_AT = _SHOP_AT + len(fields(ShopFace))


def _statement(by_mail: sa.ColumnElement[bool], by_reminder: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """Return the question for invitations, without their answers: the page of thanks must not read one (R20)."""
    # The mail that carried this token: the survey mail, or the reminder.
    carrier = sa.case((by_mail, _I.c.mail_id), else_=_I.c.reminder_mail_id)
    return (
        sa.select(*(_I.c[name] for name in _OWN), _M.c.sent_at, *_columns(Shop, ShopFace))
        .select_from(_I.join(_S, _S.c.id == _I.c.shop_id).outerjoin(_M, _M.c.id == carrier))
        .where(sa.or_(by_mail, by_reminder))
    )


def _with_answer(statement: sa.Select[Any]) -> sa.Select[Any]:
    return statement.outerjoin_from(_I, _A, _A.c.invitation_id == _I.c.id).add_columns(*_columns(Answer, Given))


def _named(count: int) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    digests = several("digest", _I.c.token_digest.type, count)
    return _I.c.token_digest.in_(digests), _I.c.reminder_digest.in_(digests)


def _several(count: int) -> sa.Select[Any]:
    return _with_answer(_statement(*_named(count))).add_columns(_I.c.token_digest, _I.c.reminder_digest)


def _lock(count: int) -> sa.Select[Any]:
    return sa.select(_I.c.id).where(sa.or_(*_named(count))).order_by(_I.c.id).with_for_update()


_DIGEST = sa.bindparam("digest", type_=_I.c.token_digest.type)
_ONE = _statement(_I.c.token_digest == _DIGEST, _I.c.reminder_digest == _DIGEST)
_SEVERAL = PreparedForSeveral(_several)
_LOCKED = PreparedForSeveral(_lock)


class Invitations:
    """Finds the invitation behind a link, for a page."""

    def __init__(self, database: Database) -> None:
        self._with_answer = PreparedQuery(database, _with_answer(_ONE))
        self._without_answer = PreparedQuery(database, _ONE)

    def find(self, token: str) -> Invited | None:
        """Return the invitation of a token with its answer; None where there is none."""
        row = self._with_answer.first({"digest": token_digest(token)})
        return None if row is None else _invited(row)

    def find_without_answer(self, token: str) -> Invited | None:
        """Return the invitation of a token; nothing of an answer is read (R20)."""
        row = self._without_answer.first({"digest": token_digest(token)})
        return None if row is None else _invited(row)


def find_locked(session: Session, tokens: Collection[str]) -> dict[str, Invited]:
    """Return the invitations of `tokens` with their answers; whoever else writes to them waits for this transaction.

    Every transaction locks in the same order, so that no two wait for each other.
    """
    # What waits in the session may be what is asked for here.
    session.flush()
    connection = session.connection()
    digests = {token_digest(token): token for token in tokens}
    asked = [{"digest": digest} for digest in digests]
    if connection.dialect.name != "sqlite":  # The transaction of a writer is alone there.
        _LOCKED.rows(connection, asked)
    found: dict[str, Invited] = {}
    for *values, by_mail, by_reminder in _SEVERAL.rows(connection, asked):
        found |= {digests[digest]: _invited(values) for digest in (by_mail, by_reminder) if digest in digests}
    return found


def _invited(row: Sequence[Any]) -> Invited:
    given = row[_GIVEN_AT:]
    is_answered = bool(given) and given[0] is not None
    shop = ShopFace(*row[_SHOP_AT:_GIVEN_AT])
    return Invited(*[*row[:_SHOP_AT], shop, Given(*given) if is_answered else None])
