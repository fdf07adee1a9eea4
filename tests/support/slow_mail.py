"""The slow way to the wire: the standard library writes the whole message. What `mail.wire` does must not differ."""

from datetime import datetime
from email.message import EmailMessage, MIMEPart
from typing import cast

from feedback_service.mail.letters import HTML_LIMIT
from feedback_service.mail.models import OutboxMail
from feedback_service.mail.policy import INTERNATIONAL, PLAIN
from feedback_service.mail.skeletons import ALTERNATIVE, RELATED
from feedback_service.mail.wire import headers, mailboxes

JPEG = b"\xff\xd8"


def slow_bytes(mail: OutboxMail, now: datetime) -> bytes:
    """Return what `EmailMessage` makes of a mail; only its random boundaries are replaced by ours."""
    people = mailboxes(mail)
    international = any(not box.local.isascii() for _, box in people.values())
    message = EmailMessage(INTERNATIONAL if international else PLAIN)
    for name, value in headers(mail, people, now):
        message[name] = value
    message.set_content(mail.text or "", cte="quoted-printable")
    if mail.html and len(mail.html.encode()) < HTML_LIMIT:
        message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
        message.set_boundary(ALTERNATIVE)
        _add_images(cast("list[MIMEPart]", message.get_payload())[1], mail)
    return message.as_bytes()


def _add_images(page: MIMEPart, mail: OutboxMail) -> None:
    for image in mail.images:
        subtype, ending = ("jpeg", "jpg") if image.png.startswith(JPEG) else ("png", "png")
        content_id = image.content_id.strip("<>")
        page.add_related(
            image.png,
            "image",
            subtype,
            cid=f"<{content_id}>",
            disposition="inline",
            filename=f"{content_id}.{ending}",
        )
    if mail.images:
        page.set_boundary(RELATED)
