"""Mails to put into the outbox."""

import re
from datetime import datetime

from feedback_service.mail.letters import Letter
from feedback_service.mail.models import Audience
from feedback_service.shops.models import Shop


def return_letter(
    shop: Shop, recipient: str, now: datetime, *, cause: str, audience: Audience = Audience.CUSTOMER, priority: int = 50
) -> Letter:
    """Return the mail that says that a return has arrived."""
    return Letter(
        template="return_received",
        audience=audience,
        cause=cause,
        recipient=recipient,
        language="en",
        shop=shop,
        context={
            "name": "Camille",
            "order_number": "AL-10001",
            "return_number": "R-1",
            "lines": [{"product": "Lampe Aube", "quantity": 1}],
            "amount": None,
            "currency": "EUR",
            "happened_at": now,
            "is_favour": False,
            "refund_by": None,
        },
        priority=priority,
    )


def unwrapped(text: str | None) -> str:
    """Return a text part in one line: where its lines are broken is for the reader's eye alone."""
    return re.sub(r"[ \n]+", " ", text or "")
