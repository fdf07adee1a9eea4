"""The outbox: a mail is a row written in the transaction of its cause."""

from datetime import datetime
from email.utils import formataddr, make_msgid

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.hashing import address_key
from feedback_service.mail.letters import Letter
from feedback_service.mail.models import MailImage, OutboxMail
from feedback_service.mail.render import Renderer


class Outbox:
    """Takes letters; `mail.delivery` sends them."""

    def __init__(self, renderer: Renderer, secret: str) -> None:
        self._renderer = renderer
        self._secret = secret

    def post(self, session: Session, letter: Letter, now: datetime) -> OutboxMail | None:
        """Render `letter` and store it in this transaction; None when its cause has mailed already."""
        if session.scalar(sa.select(OutboxMail.id).where(OutboxMail.cause == letter.cause)):
            return None
        shop = letter.shop
        rendered = self._renderer.render(
            letter.template, letter.language, shop.time_zone, {"shop": shop, **letter.context}
        )
        mail = OutboxMail(
            shop_id=shop.id,
            kind=letter.template,
            audience=letter.audience,
            cause=letter.cause,
            message_id=make_msgid(domain=shop.sender_address.rpartition("@")[2]),
            priority=letter.priority,
            language=letter.language,
            sender=formataddr((shop.sender_name or shop.name, shop.sender_address)),
            recipient=letter.recipient,
            recipient_key=address_key(self._secret, letter.recipient),
            reply_to=shop.reply_to,
            subject=rendered.subject,
            text=rendered.text,
            html=rendered.html,
            headers=dict(letter.headers),
            images=[MailImage(content_id=image.content_id, png=image.png) for image in letter.images],
            created_at=now,
            due_at=now,
            expires_at=letter.expires_at,
        )
        session.add(mail)
        session.flush()
        return mail
