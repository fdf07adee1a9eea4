"""A mail that a run has claimed: as much of its row as sending needs, and its bytes."""

from datetime import datetime
from typing import Any, NamedTuple

from feedback_service.db import table_of
from feedback_service.mail.headers import UNSUBSCRIBE
from feedback_service.mail.models import Audience, MailState, OutboxMail

_MAIL = table_of(OutboxMail).c


class HeldMail(NamedTuple):
    """A claimed mail. A tuple: hundreds are made at once.

    Attributes:
        state: as it was found when it was claimed.
        attempts: this one among them.
        wire: the message as it goes out but for its date (`prepared`); None where it has yet to be written.
        unwritten: the mail with its content and images, where `wire` is None.
    """

    id: int
    claim: str
    shop_id: int | None
    kind: str
    audience: Audience
    state: MailState
    priority: int
    sender: str
    recipient: str | None
    recipient_key: str
    domain: str
    return_path: str
    headers: dict[str, Any]
    attempts: int
    created_at: datetime
    expires_at: datetime | None
    first_tried_at: datetime | None
    wire: bytes | None
    unwritten: OutboxMail | None

    @property
    def is_optional(self) -> bool:
        """Tell whether the customer may object to mail of this kind: it then says how (R24)."""
        return self.audience is Audience.CUSTOMER and UNSUBSCRIBE in self.headers


COLUMNS = tuple(_MAIL[name] for name in HeldMail._fields if name in _MAIL)
"""What is read of the row, in the order of the fields."""
