"""The outbox: a mail is a row written in the transaction of its cause."""

import secrets
from collections.abc import Callable
from datetime import datetime
from email.utils import make_msgid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from feedback_service.db import insert_for
from feedback_service.hashing import address_key
from feedback_service.mail import addresses, broken_templates, rules
from feedback_service.mail.headers import provider_headers
from feedback_service.mail.letters import Letter
from feedback_service.mail.models import Audience, MailContent, MailImage, MailState, OutboxMail
from feedback_service.mail.prepared import prepared
from feedback_service.mail.render import Rendered, Renderer
from feedback_service.settings import MailProvider
from feedback_service.shops.look import PLAIN, look_of, sender_name

_TAG_BYTES = 8
URGENT = rules.URGENT
"""The priority of what is worth waking the sender for; smaller is more urgent."""


class Outbox:
    """Takes letters; `mail.delivery` sends them.

    Args:
        renderer: puts letters into words.
        secret: key of the hashes of addresses.
        provider: whose header tells us in its reports which mail is meant.
        bounce_address: where failures come back to, tagged for each mail (VERP); empty for the shop's sender.
        on_urgent: is told of the session that has stored an urgent mail.
    """

    def __init__(
        self,
        renderer: Renderer,
        secret: str,
        bounce_address: str = "",
        provider: MailProvider = MailProvider.NONE,
        on_urgent: Callable[[Session], None] | None = None,
    ) -> None:
        self._renderer = renderer
        self._secret = secret
        self._bounce_address = bounce_address
        self._provider = provider
        self._on_urgent = on_urgent

    def post(self, session: Session, letter: Letter, now: datetime) -> OutboxMail | None:
        """Render `letter` and store it in this transaction; None when its cause has mailed already.

        Of two transactions that post one cause at the same time the later one waits for the first and
        gets None.
        """
        if session.scalar(sa.select(OutboxMail.id).where(OutboxMail.cause == letter.cause)):
            return None
        rendered = self.rendered(letter)
        values = self._values(letter, rendered, now)
        insert = insert_for(session, OutboxMail).values(values).on_conflict_do_nothing(index_elements=["cause"])
        mail_id = session.scalar(insert.returning(OutboxMail.id))
        mail = self._filled(session, mail_id, letter, rendered, now) if mail_id is not None else None
        if mail is not None and self._on_urgent and letter.priority <= URGENT:
            self._on_urgent(session)
        if mail is not None and rendered.own_failed and letter.template != broken_templates.TEMPLATE:
            for told in broken_templates.letters(session, letter, rendered.own_failed, now):
                self.post(session, told, now)
        return mail

    def _filled(self, session: Session, mail_id: int, letter: Letter, rendered: Rendered, now: datetime) -> OutboxMail:
        images = [MailImage(mail_id=mail_id, content_id=image.content_id, png=image.png) for image in letter.images]
        mail = session.get_one(OutboxMail, mail_id)
        set_committed_value(mail, "text", rendered.text)
        set_committed_value(mail, "html", rendered.html)
        set_committed_value(mail, "wire", None if images else prepared(mail, now))
        session.add_all(images)
        session.add(MailContent(mail_id=mail_id, text=mail.text, html=mail.html, wire=mail.wire))
        session.flush()
        return mail

    def rendered(self, letter: Letter) -> Rendered:
        """Return `letter` in words, as it would be posted; nothing is stored."""
        look = look_of(letter.shop) if letter.audience is Audience.CUSTOMER else PLAIN
        context = {"shop": letter.shop, "look": look, **letter.context}
        return self._renderer.render(letter.template, letter.language, letter.shop.time_zone, context)

    def _values(self, letter: Letter, rendered: Rendered, now: datetime) -> dict[str, Any]:
        shop = letter.shop
        # A report that names it counts as proof: it must not be guessed, nor come twice where `random` is seeded.
        tag, domain = secrets.token_hex(_TAG_BYTES), addresses.punycode_domain(shop.sender_address)
        message_id = make_msgid(tag, domain)
        return {
            "shop_id": shop.id,
            "kind": letter.template,
            "audience": letter.audience,
            "cause": letter.cause,
            "message_id": message_id,
            "state": MailState.QUEUED,
            "priority": letter.priority,
            "language": letter.language,
            "sender": addresses.named(sender_name(shop, letter.template), shop.sender_address),
            "recipient": letter.recipient,
            "recipient_key": address_key(self._secret, letter.recipient),
            "domain": addresses.punycode_domain(letter.recipient).lower(),
            "reply_to": letter.reply_to or shop.reply_to,
            "return_path": self._return_path(shop.sender_address),
            "subject": rendered.subject,
            "headers": {**letter.headers, **provider_headers(self._provider, message_id)},
            "created_at": now,
            "due_at": now,
            "expires_at": letter.expires_at,
        }

    def _return_path(self, sender_address: str) -> str:
        # The tag tells which mail came back; it is random, so that nobody can forge a bounce.
        if not self._bounce_address:
            return sender_address
        return addresses.tagged(self._bounce_address, secrets.token_hex(_TAG_BYTES))
