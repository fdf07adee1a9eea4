"""The shop's platform: it reports what happened this morning over the API, as a real one does."""

from datetime import timedelta

import httpx
import sqlalchemy as sa

from feedback_service.bootstrap import Services
from feedback_service.errors import OutsideError
from feedback_service.returns.models import Return, ReturnState
from feedback_service.shops.api_keys import add_key
from feedback_service.shops.models import Shop

_SECONDS = 15.0
_LATELY = timedelta(minutes=20)
_FORGOTTEN = timedelta(days=14)
"""A return requested longer ago and still open is the one the shop overlooks."""

_NEXT = {ReturnState.IN_TRANSIT: ReturnState.RECEIVED, ReturnState.RECEIVED: ReturnState.REFUNDED}


def report_this_morning(services: Services) -> int:
    """Report by HTTP that the parcels under way arrived and the received ones were refunded; return how many."""
    now = services.clock.now()
    with services.database.writing() as session:
        shop = session.scalars(sa.select(Shop)).one()
        _, key = add_key(session, shop, "Boutique en ligne (demo)", now)
        waiting = session.execute(
            sa.select(Return.external_id, Return.state)
            .where(Return.state.in_(_NEXT), Return.requested_at > now - _FORGOTTEN)
            .order_by(Return.id)
        ).all()
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=services.settings.public_url, headers=headers, timeout=_SECONDS, trust_env=False) as api:
        for returned in waiting:
            event = {"kind": _NEXT[returned.state].value, "happened_at": (now - _LATELY).isoformat()}
            answer = api.post(f"/api/v1/returns/{returned.external_id}/events", json=event)
            if not answer.is_success:
                sentence = f"The API refused an event of {returned.external_id}: {answer.text}"
                raise OutsideError(sentence, subject=returned.external_id, permanent=True)
    return len(waiting)
