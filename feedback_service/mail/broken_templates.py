"""A shop's own template that cannot be used, told to the operator: once a week for each reason."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from feedback_service import i18n
from feedback_service.hashing import content_digest
from feedback_service.mail.letters import Letter
from feedback_service.mail.models import Audience
from feedback_service.shops.operators import operators

TEMPLATE = "template_broken"
_PRIORITY = 20


def letters(session: Session, failed: Letter, why: str, now: datetime) -> Iterator[Letter]:
    """Yield what tells the operators of the shop that `failed` went out by our template, and `why`."""
    reason = content_digest(failed.template, why)[:16]
    for staff in operators(session, failed.shop):
        yield Letter(
            template=TEMPLATE,
            audience=Audience.STAFF,
            cause=f"template:{failed.shop.id}:{reason}:{now:%G-%V}:{staff.id}",
            recipient=staff.email,
            language=i18n.staff_language(staff.language),
            shop=failed.shop,
            context={"failed": failed.template, "in_language": failed.language, "why": why},
            priority=_PRIORITY,
        )
