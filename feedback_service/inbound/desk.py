"""InboundDesk: takes in what comes back, each once, with all its consequences in one transaction.

    raw mail -> read, classified -> matched to our mail -> row + consequences    (one transaction)
    provider's event ---------------^

A process that is killed before the commit has done nothing, and the mail is still where it was; one that
is killed after it finds the row when the mail comes again, and does nothing more.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy.orm import Session

from feedback_service.batches import batched
from feedback_service.db import Database, insert_for
from feedback_service.errors import NotFoundError
from feedback_service.hashing import address_key
from feedback_service.inbound import consequences, matching
from feedback_service.inbound.correspondence import Correspondence, Judged
from feedback_service.inbound.events import Arrival, about_recipient, arrival_of
from feedback_service.mail.incoming.classify import classify_message
from feedback_service.mail.incoming.kinds import MailClass
from feedback_service.mail.incoming.message import addresses_in, read_message
from feedback_service.mail.models import IncomingMail, OutboxMail
from feedback_service.settings import Settings
from feedback_service.shops.models import Shop
from feedback_service.surveys import objections

_DIAGNOSIS = 300
_AT_ONCE = 100

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one arrival: `is_new` False when it was known, `is_matched` False where no mail is ours."""

    kind: MailClass
    is_new: bool
    is_matched: bool


class InboundDesk:
    """Takes in mails and providers' events; safe in several processes.

    Args:
        database: where it is kept.
        settings: the bounce address and the key of keyed hashes.
        correspondence: what is done with a person's reply.
    """

    def __init__(self, database: Database, settings: Settings, correspondence: Correspondence) -> None:
        self._database = database
        self._settings = settings
        self._secret = settings.secret_key.get_secret_value()
        self._correspondence = correspondence

    def take_mail(self, raw: bytes, channel: str, now: datetime) -> Taken:
        """Take in a mail as it came; whatever it holds, it raises only when the database fails."""
        message = read_message(raw)
        return self.take(arrival_of(raw, message, classify_message(message), channel), now)

    def take(self, arrival: Arrival, now: datetime) -> Taken:
        """Take in one arrival; the same one again changes nothing."""
        judged = self._judged(arrival)
        with self._database.writing() as session:
            return self._taken(session, arrival, judged, now)

    def take_reports(self, arrivals: Iterable[Arrival], now: datetime) -> None:
        """Take in what a provider reports, many at a time in one transaction: groups hold a thousand."""
        for some in batched(arrivals, _AT_ONCE):
            with self._database.writing() as session:
                for arrival in some:
                    self._taken(session, arrival, None, now)

    def _taken(self, session: Session, arrival: Arrival, judged: Judged | None, now: datetime) -> Taken:
        mail = matching.find_mail(session, arrival, self._settings.bounce_address, self._secret)
        if mail is not None:
            arrival = about_recipient(arrival, partial(self._is_whose, mail.recipient_key))
        incoming = _stored(session, arrival, mail, now)
        if incoming is None:
            return Taken(arrival.kind, is_new=False, is_matched=mail is not None)
        if arrival.unsubscribe_token:
            _objected(session, arrival.unsubscribe_token, now)
        elif mail is not None and arrival.is_objection:
            objections.record_of_mail(session, mail, now)
        elif mail is not None:
            consequences.draw(session, incoming, mail, now)
            if judged is not None:
                self._correspondence.take(session, incoming, mail, judged, now)
        self._log(arrival, incoming)
        return Taken(arrival.kind, is_new=True, is_matched=mail is not None)

    def _is_whose(self, key: str, address: str) -> bool:
        return bool(key) and address_key(self._secret, address) == key

    def _judged(self, arrival: Arrival) -> Judged | None:
        """Read and judge a person's reply before the transaction: that takes longer than everything in it."""
        if arrival.kind is not MailClass.NONE or arrival.message is None or arrival.unsubscribe_token:
            return None
        with self._database.reading() as session:
            mail = matching.find_mail(session, arrival, self._settings.bounce_address, self._secret)
            shop = session.get(Shop, mail.shop_id) if mail is not None and mail.shop_id else None
        return self._correspondence.judge(arrival.message, shop) if shop is not None else None

    def _log(self, arrival: Arrival, incoming: IncomingMail) -> None:
        says = log.warning if arrival.kind is MailClass.POLICY else log.info
        says("mail came back", kind=arrival.kind.value, channel=arrival.channel, status=arrival.status,
             mail=incoming.mail_id, why=incoming.diagnosis)  # fmt: skip


def _stored(session: Session, arrival: Arrival, mail: OutboxMail | None, now: datetime) -> IncomingMail | None:
    values = {
        "key": arrival.key,
        "channel": arrival.channel,
        "kind": arrival.kind,
        "is_delayed": arrival.is_delayed,
        "status": arrival.status,
        "diagnosis": _without_addresses(arrival.diagnosis),
        "shop_id": mail.shop_id if mail else None,
        "mail_id": mail.id if mail else None,
        "recipient_key": mail.recipient_key if mail else "",
        "came_at": now,
    }
    insert = insert_for(session, IncomingMail).values(values)
    return session.scalar(insert.on_conflict_do_nothing(index_elements=["key"]).returning(IncomingMail))


def _objected(session: Session, token: str, now: datetime) -> None:
    try:
        objections.record(session, token, now)
    except NotFoundError:
        log.info("mail asks for no more surveys, with a token that is not known")


def _without_addresses(text: str) -> str:
    """Return what a server said without the addresses in it: it is kept longer than they are (R15)."""
    for address in addresses_in(text):
        text = re.sub(re.escape(address), "the recipient", text, flags=re.IGNORECASE)
    return text[:_DIAGNOSIS]
