"""API keys: how a shop's platform shows who it is. A key is shown once; only its digest is kept."""

import hmac
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.errors import NotFoundError
from feedback_service.hashing import new_token, token_digest
from feedback_service.shops.models import ApiKey, Shop

_MARK = "fsk_"  # So that a key found in a log or a repository is known for what it is.
_SHOWN = len(_MARK) + 6
_LONGEST = 200
_TOUCH_EVERY = timedelta(hours=1)


def add_key(session: Session, shop: Shop, name: str, now: datetime) -> tuple[ApiKey, str]:
    """Make a key of `shop`; return its row and the key itself, which cannot be had again."""
    key = _MARK + new_token()
    row = ApiKey(shop_id=shop.id, name=name, prefix=key[:_SHOWN], digest=token_digest(key), created_at=now)
    session.add(row)
    session.flush()
    return row, key


def find_key(session: Session, key: str) -> ApiKey | None:
    """Return the row of a key that is valid; None for one that is wrong or revoked.

    The digest is looked up by an index, which tells an attacker nothing of a 192-bit random key; the final
    comparison takes the same time whatever differs.
    """
    if not key or len(key) > _LONGEST:
        return None
    digest = token_digest(key)
    row = session.scalar(sa.select(ApiKey).where(ApiKey.digest == digest, ApiKey.revoked_at.is_(None)))
    return row if row and hmac.compare_digest(row.digest, digest) else None


def touch_key(session: Session, key_id: int, now: datetime) -> None:
    """Note that a key was used, to the hour: not every call is worth a write."""
    unused = sa.or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at <= now - _TOUCH_EVERY)
    session.execute(sa.update(ApiKey).where(ApiKey.id == key_id, unused).values(last_used_at=now))


def revoke_key(session: Session, prefix: str, now: datetime) -> ApiKey:
    """End a key by its first characters, as `key list` shows them; it is refused from now on."""
    rows = session.scalars(sa.select(ApiKey).where(ApiKey.prefix == prefix, ApiKey.revoked_at.is_(None))).all()
    if len(rows) != 1:
        sentence = f"There is no valid key that begins with {prefix!r}; `feedback-service key list` shows them."
        raise NotFoundError(sentence)
    rows[0].revoked_at = now
    return rows[0]
