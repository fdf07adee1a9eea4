"""Whether the customer behind a story may be written to about it, and where."""

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote

from feedback_service.alerts.models import Story
from feedback_service.hashing import address_key


class MayWrite(StrEnum):
    """What the customer said about being written to."""

    YES = "yes"
    NOT_ASKED_FOR = "not_asked_for"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class WritingBack:
    """What an agent may do; `address` is where, empty where it may not be or is not known any more."""

    may: MayWrite
    address: str = ""

    def mail_link(self, text: str) -> str:
        """Return the link that opens a mail to the customer with `text` in it (RFC 6068)."""
        return f"mailto:{quote(self.address)}?body={quote(text.replace(chr(10), chr(13) + chr(10)))}"


def may_write(story: Story) -> MayWrite:
    """Return what the customer said: yes also of one who wrote to us; unknown of who spoke in public."""
    answers = [item.answer for item in story.items if item.answer]
    if any(item.reply for item in story.items) or any(answer.contact_permitted_at for answer in answers):
        return MayWrite.YES
    return MayWrite.NOT_ASKED_FOR if answers else MayWrite.UNKNOWN


def writing_back(story: Story, secret: str) -> WritingBack:
    """Return what an agent may do about the customer behind a story.

    The survey promises that only the address it was sent to is written to: another one is not given to who answers it.
    """
    may, returned = may_write(story), story.returned
    if may is not MayWrite.YES or returned is None or returned.customer is None:
        return WritingBack(may)
    address = returned.customer.email or ""
    asked = {item.answer.invitation.recipient_key for item in story.items if item.answer and item.answer.invitation}
    wrote = any(item.reply for item in story.items)
    return WritingBack(may, address if wrote or (address and address_key(secret, address) in asked) else "")
