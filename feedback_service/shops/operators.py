"""Who looks after an installation. Apart from `shops.staff`, whose passwords take 3 MB in every process."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.shops.models import Role, Shop, Staff


def operators(session: Session, shop: Shop) -> list[Staff]:
    """Return who looks after the installation for `shop`: its administrators, or else its managers."""
    for role in (Role.ADMIN, Role.MANAGER):
        chosen = sa.select(Staff).where(Staff.shops.any(Shop.id == shop.id), Staff.role == role)
        found = session.scalars(chosen.where(Staff.is_active, Staff.wants_alerts).order_by(Staff.id)).all()
        if found:
            return list(found)
    return []
