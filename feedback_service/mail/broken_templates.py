"""A shop's own template that cannot be used, told to the operator: once a week for each reason."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from feedback_service import i18n
from feedback_service.hashing import content_digest
from feedback_service.logs import mask_tokens
from feedback_service.mail.letters import Letter
from feedback_service.mail.models import Audience
from feedback_service.shops.operators import operators

if TYPE_CHECKING:
    from feedback_service.mail.flaws import Flaw

TEMPLATE = "template_broken"
_PRIORITY = 20
_LONGEST = 600


def letters(session: Session, failed: Letter, why: "Sequence[Flaw]", now: datetime) -> Iterator[Letter]:
    """Yield what tells the operators of the shop that `failed` went out by our template, and `why`."""
    # By kind and place alone: what is filled in may be of one mail, and each would be told.
    kinds = (f"{flaw.message} {flaw.file}:{flaw.line}" for flaw in why)
    reason = content_digest(failed.template, *kinds)[:16]
    for staff in operators(session, failed.shop):
        language = i18n.staff_language(staff.language)
        yield Letter(
            template=TEMPLATE,
            audience=Audience.STAFF,
            cause=f"template:{failed.shop.id}:{reason}:{now:%G-%V}:{staff.id}",
            recipient=staff.email,
            language=language,
            shop=failed.shop,
            context={"failed": failed.template, "in_language": failed.language, "why": in_words(why, language)},
            priority=_PRIORITY,
        )


def in_words(why: "Sequence[Flaw]", language: str) -> str:
    """Return the reasons as the mail has them: without the tokens of the customer whose mail it was (R45)."""
    return mask_tokens(" ".join(flaw.in_words(language) for flaw in why))[:_LONGEST]
