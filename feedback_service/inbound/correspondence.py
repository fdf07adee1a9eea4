"""A person's reply to a mail of ours: into the case, into the inbox when it is a complaint, and to the shop."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.orm import Session

from feedback_service.inbound.events import sender_of
from feedback_service.inbound.matching import return_behind
from feedback_service.links import Links
from feedback_service.mail import addresses
from feedback_service.mail.errors import MailError
from feedback_service.mail.incoming.message import Message, addresses_in
from feedback_service.mail.incoming.reply_text import reply_text
from feedback_service.mail.letters import Letter
from feedback_service.mail.models import Audience, IncomingMail, OutboxMail
from feedback_service.mail.outbox import Outbox
from feedback_service.returns.models import Return
from feedback_service.sentiment.judgement import Judgement, Label
from feedback_service.settings import Settings
from feedback_service.shops.models import Shop
from feedback_service.surveys.masking import mask
from feedback_service.surveys.replies import CustomerReply

PRIORITY = 15
_SUBJECT = 200

ReplyPort = Callable[[Session, CustomerReply, datetime], object]
"""Called in the transaction that stores a reply: the story desk listens."""


class Judge(Protocol):
    """Judges texts of one shop."""

    def score(self, text: str, language: str | None = None) -> Judgement:
        """Return the judgement on a text."""
        ...


@dataclass(frozen=True, slots=True)
class Judged:
    """A reply, read and judged.

    Attributes:
        text: as it was written, without what it quotes.
        masked: the same with e-mail, phone and IBAN masked (R17); what is judged and kept.
        sender: whom to answer; empty where the mail does not say it in a usable form.
        reached: the addresses that it was sent to, in lower case.
    """

    text: str
    masked: str
    judgement: Judgement
    sender: str
    subject: str
    has_attachments: bool
    reached: frozenset[str] = field(default=frozenset())


class Correspondence:
    """Takes replies.

    Args:
        judge_for: gives the judge of a shop.
        on_reply: the story desk.
        outbox: takes the mail that passes a reply on to the shop.
        links: addresses of our pages.
        settings: the bounce address, from which alone replies are passed on.
    """

    def __init__(
        self, judge_for: Callable[[Shop], Judge], on_reply: ReplyPort, outbox: Outbox, links: Links, settings: Settings
    ) -> None:
        self._judge_for = judge_for
        self._on_reply = on_reply
        self._outbox = outbox
        self._links = links
        self._bounce_address = settings.bounce_address

    def judge(self, message: Message, shop: Shop) -> Judged:
        """Read a reply and judge what is new in it."""
        text = reply_text(message.text)
        masked = mask(text)
        return Judged(
            text=text,
            masked=masked,
            judgement=self._judge_for(shop).score(masked),
            sender=_usable(sender_of(message)),
            subject=message.headers.get("subject")[:_SUBJECT],
            has_attachments=any(part.is_attachment for part in message.parts),
            reached=frozenset(
                address.lower() for name in ("to", "cc") for value in message.headers.all(name)
                for address in addresses_in(value)
            ),
        )  # fmt: skip

    def take(self, session: Session, incoming: IncomingMail, mail: OutboxMail, judged: Judged, now: datetime) -> None:
        """Store a reply to `mail` with its story, and pass it on to the shop, all in this transaction."""
        if mail.audience is not Audience.CUSTOMER or mail.shop_id is None:
            return
        shop = session.get_one(Shop, mail.shop_id)
        returned = return_behind(session, mail)
        if judged.masked:
            reply = _reply(shop, incoming, returned, judged, now)
            session.add(reply)
            session.flush()
            self._on_reply(session, reply, now)
        if self._is_ours_to_pass_on(shop, judged):
            self._outbox.post(session, self._letter(shop, incoming, mail, returned, judged), now)

    def _is_ours_to_pass_on(self, shop: Shop, judged: Judged) -> bool:
        """Tell whether the shop has not got the reply itself; one mailbox for all must not answer itself for ever."""
        shop_address = addresses.split(shop.reply_to)[1].lower()
        bounce_address = addresses.split(self._bounce_address)[1].lower()
        return bool(shop_address) and shop_address != bounce_address and shop_address not in judged.reached

    def _letter(
        self, shop: Shop, incoming: IncomingMail, mail: OutboxMail, returned: Return | None, judged: Judged
    ) -> Letter:
        context: dict[str, Any] = {
            "subject": judged.subject,
            "text": judged.text,
            "sender": judged.sender,
            "has_attachments": judged.has_attachments,
            "our_subject": mail.subject,
            "number": returned.external_id if returned else "",
            "return_url": self._links.returned(returned.id) if returned else "",
        }
        return Letter(
            template="customer_reply",
            audience=Audience.STAFF,
            cause=f"reply:{incoming.id}",
            recipient=addresses.split(shop.reply_to)[1],
            language=shop.language,
            shop=shop,
            context=context,
            priority=PRIORITY,
            reply_to=judged.sender,
        )


def _reply(shop: Shop, incoming: IncomingMail, returned: Return | None, judged: Judged, now: datetime) -> CustomerReply:
    judgement = judged.judgement
    return CustomerReply(
        shop_id=shop.id,
        incoming_id=incoming.id,
        return_id=returned.id if returned else None,
        text=judged.masked,
        language=judgement.language,
        is_negative=judgement.label is Label.NEGATIVE,
        negative=judgement.negative,
        evidence=[piece._asdict() for piece in judgement.evidence],
        came_at=now,
    )


def _usable(address: str) -> str:
    try:
        return addresses.mailbox(address).address if address else ""
    except MailError:
        return ""
