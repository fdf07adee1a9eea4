"""Many invited customers at once, for tests of load."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from feedback_service.bootstrap import Services
from feedback_service.db import insert_rows
from feedback_service.hashing import new_token, token_digest
from feedback_service.returns.models import Return, ReturnState
from feedback_service.surveys.models import Invitation
from tests.support.builders import make_shop


def invite_many(services: Services, count: int, now: datetime | None = None) -> list[str]:
    """Make a shop with so many invited customers at `now`, or by the machine's clock; return their tokens."""
    now = now or datetime.now(UTC)
    tokens = [new_token() for _ in range(count)]
    with services.database.writing() as session:
        shop = make_shop(session)
        insert_rows(session, Return, [_return(shop.id, number, now) for number in range(count)])
        ids = session.scalars(sa.select(Return.id).order_by(Return.id)).all()
        insert_rows(
            session,
            Invitation,
            [_invitation(shop.id, id_, token, now) for id_, token in zip(ids, tokens, strict=True)],
        )
    return tokens


def _return(shop_id: int, number: int, now: datetime) -> dict[str, object]:
    return {
        "shop_id": shop_id,
        "external_id": f"R-{number}",
        "order_reference": "",
        "language": "fr",
        "currency": "EUR",
        "state": ReturnState.REFUNDED,
        "reason": "defective",
        "raw_reason": "DEFECTIVE",
        "requested_at": now - timedelta(days=8),
        "state_at": now - timedelta(hours=30),
        "closed_at": now - timedelta(hours=30),
        "created_at": now - timedelta(days=8),
        "updated_at": now - timedelta(hours=30),
    }


def _invitation(shop_id: int, return_id: int, token: str, now: datetime) -> dict[str, object]:
    return {
        "shop_id": shop_id,
        "return_id": return_id,
        "token_digest": token_digest(token),
        "recipient_key": token[:8],
        "language": "fr",
        "created_at": now,
        "expires_at": now + timedelta(days=30),
    }
