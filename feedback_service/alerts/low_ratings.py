"""The stories of low ratings, several at once: one look at what stands behind them, and a statement for each table.

Answers come in by the hundred, and every fifth may be a low one: by objects of the session a story takes ten times
as long as the answer that it tells of.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from feedback_service import i18n
from feedback_service.alerts import severity, wording
from feedback_service.alerts.cards import title_of_answer
from feedback_service.alerts.models import Story, StoryEvent, StoryItem, StoryState
from feedback_service.alerts.severity import Assessment
from feedback_service.alerts.voices import rated_voice
from feedback_service.db import table_of
from feedback_service.prepared import PreparedForSeveral, constants, inserting, several
from feedback_service.returns.lifecycle import ENDS
from feedback_service.returns.models import Return
from feedback_service.shops.models import Role, Shop, Staff, StaffShop
from feedback_service.surveys.models import Answer

_ANSWER, _SHOP, _RETURN, _STORY = (table_of(model) for model in (Answer, Shop, Return, Story))
_STAFF, _STAFF_OF_SHOP = table_of(Staff), table_of(StaffShop)
ALERTED_ROLES = (Role.AGENT, Role.ADMIN)
"""Whose alert mails a shop's stories become."""
_KEY = "answer:"
_ITEM, _EVENT = table_of(StoryItem), table_of(StoryEvent)


@dataclass(frozen=True, slots=True)
class LowRating:
    """An answer whose rating is low, and what its story must know; `story_id` is None while it has no story."""

    answer_id: int
    invitation_id: int
    stars: int
    text: str | None
    language: str
    created_at: datetime
    return_id: int | None
    order_id: int | None
    refund_is_open: bool
    story_id: int | None
    shop_id: int
    shop_language: str
    alert_threshold: float
    someone_is_told: bool

    @property
    def key(self) -> str:
        """The key of its story."""
        return key_of(self.answer_id)

    def assessed(self) -> Assessment:
        """Return what the rules make of it."""
        voice = rated_voice(self.stars, self.text, self.language)
        return severity.assess([voice], threshold=self.alert_threshold, refund_open=self.refund_is_open)


def key_of(answer_id: int) -> str:
    """Return the key of the story of an answer."""
    return f"{_KEY}{answer_id}"


def _asked(count: int) -> sa.Select[Any]:
    other = _RETURN.alias()
    same_order = sa.select(other.c.id).where(
        other.c.order_id == _RETURN.c.order_id, other.c.state.not_in(constants(ENDS))
    )
    waits = sa.and_(_RETURN.c.id.is_not(None), sa.or_(_RETURN.c.state.not_in(constants(ENDS)), same_order.exists()))
    own = sa.and_(
        _STORY.c.shop_id == _ANSWER.c.shop_id,
        _STORY.c.key == constants([_KEY])[0].concat(sa.cast(_ANSWER.c.id, sa.Text)),
    )
    told = (
        sa.select(_STAFF.c.id)
        .join(_STAFF_OF_SHOP, _STAFF_OF_SHOP.c.staff_id == _STAFF.c.id)
        .where(_STAFF_OF_SHOP.c.shop_id == _SHOP.c.id, _STAFF.c.is_active, _STAFF.c.wants_alerts)
        .where(_STAFF.c.role.in_(constants(ALERTED_ROLES)))
    )
    answer = (_ANSWER.c[name] for name in ("id", "invitation_id", "rating", "text", "language", "created_at"))
    behind = (_RETURN.c.id, _RETURN.c.order_id, waits.label("waits"), _STORY.c.id)
    shop = (_SHOP.c[name] for name in ("id", "language", "alert_threshold"))
    return (
        sa.select(*answer, *behind, *shop, told.exists().label("told"))
        .select_from(
            _ANSWER.join(_SHOP, _SHOP.c.id == _ANSWER.c.shop_id)
            .outerjoin(_RETURN, _RETURN.c.id == _ANSWER.c.return_id)
            .outerjoin(_STORY, own)
        )
        .where(_ANSWER.c.invitation_id.in_(several("invitation_id", _ANSWER.c.invitation_id.type, count)))
        .where(_ANSWER.c.rating <= _SHOP.c.low_rating)
        .order_by(_ANSWER.c.id)
    )


_LEFT_OUT = {"id", "owner_id", "acknowledged_at", "closed_at"}
_NEW_STORIES = inserting(_STORY, [column.name for column in _STORY.c if column.name not in _LEFT_OUT])
_NEW_ITEMS = inserting(_ITEM, ("story_id", "answer_id", "added_at"))
_NEW_EVENTS = inserting(_EVENT, ("story_id", "at", "kind", "note"))


def _ids(count: int) -> sa.Select[Any]:
    keys = several("key", _STORY.c.key.type, count)
    shops = several("shop_id", _STORY.c.shop_id.type, count)
    return sa.select(_STORY.c.shop_id, _STORY.c.key, _STORY.c.id).where(
        _STORY.c.key.in_(keys), _STORY.c.shop_id.in_(shops)
    )


_ASKED = PreparedForSeveral(_asked)
_IDS = PreparedForSeveral(_ids)


def low_ratings(connection: sa.Connection, invitation_ids: Sequence[int]) -> Iterator[LowRating]:
    """Yield the answers of these invitations whose rating is low."""
    for values in _ASKED.rows(connection, [{"invitation_id": id_} for id_ in invitation_ids]):
        yield LowRating(*values)


def open_stories(
    connection: sa.Connection, new: Sequence[LowRating], at: Mapping[int, datetime]
) -> list[tuple[int, LowRating, Assessment]]:
    """Open a story for each of the low ratings, which have none; return the stories' ids, and what they are worth.

    `at` gives the instants by the invitations' ids.
    """
    assessed = [(each, each.assessed()) for each in new]
    _NEW_STORIES.execute(connection, [_story(each, found, at[each.invitation_id]) for each, found in assessed])
    named = [{"key": each.key, "shop_id": each.shop_id} for each in new]
    ids = {(shop_id, key): id_ for shop_id, key, id_ in _IDS.rows(connection, named)}
    opened = [(ids[each.shop_id, each.key], each, found) for each, found in assessed]
    items = [
        {"story_id": id_, "answer_id": each.answer_id, "added_at": at[each.invitation_id]} for id_, each, _ in opened
    ]
    _NEW_ITEMS.execute(connection, items)
    _NEW_EVENTS.execute(
        connection,
        [{"story_id": id_, "at": at[each.invitation_id], "kind": "opened", "note": ""} for id_, each, _ in opened],
    )
    return opened


def _story(low: LowRating, found: Assessment, now: datetime) -> dict[str, Any]:
    language = i18n.staff_language(low.shop_language)
    return {
        "shop_id": low.shop_id,
        "key": low.key,
        "title": title_of_answer(low.stars, low.text, language),
        "why": wording.why(found.reasons, language),
        "level": found.level,
        "severity": found.severity,
        "state": StoryState.OPEN,
        "return_id": low.return_id,
        "order_id": low.order_id,
        "published_at": low.created_at,
        "fetched_at": low.created_at,
        "opened_at": now,
        "updated_at": now,
    }
