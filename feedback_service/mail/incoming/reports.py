"""Machine-readable reports: delivery status (RFC 3464) and feedback (RFC 5965). Pure."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from feedback_service.mail.incoming.decoding import header_text
from feedback_service.mail.incoming.message import Headers, Message, addresses_in, read_headers

_MAX_RECIPIENTS = 100
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,4}")
# In running text: not the version of a program, and not what went well.
_SAID_STATUS = re.compile(r"(?<![\d.])[45]\.[0-7]\.\d{1,3}(?![\d.]*\d)")
_COMPLAINT = re.compile(r"complaint about message from [\d.a-f:]{7,45}", re.IGNORECASE)
_ACTION = re.compile(r"[a-z]+")
_RECIPIENT_FIELDS = ("original-recipient", "final-recipient", "x-actual-recipient")


@dataclass(frozen=True, slots=True)
class RecipientStatus:
    """One block of a delivery report: `action` in lower case ("failed", "delayed", "delivered"...)."""

    recipient: str
    action: str
    status: str
    diagnosis: str


def recipient_statuses(text: str) -> list[RecipientStatus]:
    """Read the blocks of a message/delivery-status; those without a recipient, action and status are left out."""
    blocks = re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n").replace("\r", "\n"))
    # Some servers leave out the empty line between two recipients, or before the first.
    pieces = [piece for block in blocks for piece in _by_recipient(block)]
    read = (_recipient_status(read_headers(piece)) for piece in pieces[:_MAX_RECIPIENTS])
    return [status for status in read if status is not None]


def feedback_type(message: Message) -> str:
    """Return the Feedback-Type of an abuse report in lower case; empty for any other mail.

    Outlook.com's older reports and those of Amazon SES are told by their subject, and give our mail back.
    """
    part = message.part("message/feedback-report")
    if part is None:
        told = message.report_type == "feedback-report" or (
            _COMPLAINT.match(message.headers.get("subject")) and message.part("message/rfc822") is not None
        )
        return "abuse" if told else ""
    return (read_headers(part.text).get("feedback-type") or "abuse").split()[0].lower()


def feedback_recipients(message: Message, original: Headers) -> list[str]:
    """Return who complained, as the report says it: often it does not (RFC 5965 3.2)."""
    part = message.part("message/feedback-report")
    report = read_headers(part.text) if part else Headers()
    fields = ("original-rcpt-to", "removal-recipient", "redacted-address")
    named = [value for name in fields for value in report.all(name)] + original.all("x-hmxmroriginalrecipient")
    return [address for value in named for address in addresses_in(value)] or addresses_in(original.get("to"))


def first_status(text: str) -> str:
    """Return the first '4.y.z' or '5.y.z' of RFC 3463 in a text that does not stand inside a longer number."""
    match = _SAID_STATUS.search(text)
    return match[0] if match else ""


def _by_recipient(block: str) -> Sequence[str]:
    starts = [match.start() for match in re.finditer(r"^final-recipient[ \t]*:", block, re.IGNORECASE | re.MULTILINE)]
    if len(starts) <= 1:
        return [block]
    bounds = [0, *starts[1:], len(block)]
    return [block[start:end] for start, end in itertools.pairwise(bounds)]


def _recipient_status(fields: Headers) -> RecipientStatus | None:
    action = _ACTION.match(fields.get("action").strip().lower())
    status = _STATUS.search(fields.get("status"))
    found = [address for name in _RECIPIENT_FIELDS for address in addresses_in(fields.get(name))]
    if not (found or fields.get("final-recipient")) or not (action or status):
        return None
    said = " ".join(header_text(value) for value in fields.all("diagnostic-code"))
    # A status may come with the server's words in brackets, as Oracle's does.
    words = fields.get("status").partition(" ")[2].strip("() ")
    return RecipientStatus(
        recipient=found[0] if found else "",
        action=action[0] if action else "failed",
        status=status[0] if status else "",
        diagnosis=said.partition(";")[2].strip() if re.match(r"\s*[\w-]+\s*;", said) else said or words,
    )
