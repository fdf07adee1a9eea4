"""Letter: what a room wants to say to whom. The outbox renders it and keeps it until it is sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from feedback_service.mail.models import Audience
from feedback_service.shops.models import Shop

HTML_LIMIT = 100_000
"""Most bytes of an HTML part (R32): mail programs clip longer ones."""


@dataclass(frozen=True, slots=True)
class InlineImage:
    """A PNG shown inside the HTML part as `<img src="cid:...">`; always with alt text there."""

    content_id: str
    png: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail before it is rendered.

    Attributes:
        template: folder below `templates/mail`, which holds subject.txt, body.txt and body.html.
        cause: key of what caused it; the same cause never mails twice.
        context: what the templates may use, beside `shop`, `links` and the formatting filters.
        headers: further headers, such as List-Unsubscribe (R24).
        priority: smaller goes first: alerts 10, notices 30, surveys 50, digests 60.
        expires_at: not sent after this instant.
        reply_to: who answers are for, where that is not the shop.
    """

    template: str
    audience: Audience
    cause: str
    recipient: str
    language: str
    shop: Shop
    context: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)
    images: tuple[InlineImage, ...] = ()
    priority: int = 50
    expires_at: datetime | None = None
    reply_to: str = ""
