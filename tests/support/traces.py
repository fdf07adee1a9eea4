"""Two customers of one shop, each with the whole of their traces."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from feedback_service.alerts.models import Level, Story, StoryEvent, StoryItem, StoryState
from feedback_service.hashing import address_key, content_digest
from feedback_service.mail.incoming.kinds import MailClass
from feedback_service.mail.models import Audience, IncomingMail, MailState, OutboxMail
from feedback_service.mentions.models import Document, Mention
from feedback_service.returns.models import Order, Return, SurveyConsent
from feedback_service.sentiment.judgement import Label
from feedback_service.shops.models import Shop
from feedback_service.sources.models import Source, SourceKind
from feedback_service.surveys.models import Answer, Invitation
from feedback_service.surveys.replies import CustomerReply
from tests.support.builders import NOW, SECRET, make_customer, make_order, make_return, make_shop

ASKING = "ines@example.com"
OTHER = "louis@example.com"


def _mail(session: Session, shop: Shop, address: str, kind: str, cause: str, state: MailState) -> OutboxMail:
    mail = OutboxMail(
        shop_id=shop.id, kind=kind, audience=Audience.CUSTOMER, cause=cause, message_id=f"<{cause}@example.com>",
        state=state, sender="Atelier <bonjour@example.com>", recipient=address,
        recipient_key=address_key(SECRET, address), return_path="", subject=f"For {address}",
        text=f"Dear {address}", html=f"<p>{address}</p>",
        headers={"List-Unsubscribe": "<https://feedback.example.com/u/token>"}, created_at=NOW, due_at=NOW,
    )  # fmt: skip
    session.add(mail)
    session.flush()
    return mail


def leave_traces(session: Session, shop: Shop, address: str, number: int, at: datetime = NOW) -> Return:
    """Add everything that can be known of a customer; `at` is when the return was closed and answered."""
    customer = make_customer(session, shop, address, name=f"Name of {address}", external_id=f"C{number}")
    order = make_order(session, shop, f"AL-1000{number}", customer_id=customer.id, ordered_at=at - timedelta(days=9))
    returned = make_return(session, shop, order, external_id=f"R-{number}", closed_at=at)
    survey = _mail(session, shop, address, "survey", f"survey:{returned.id}", MailState.SENT)
    _mail(session, shop, address, "return_received", f"waiting:{returned.id}", MailState.QUEUED)
    invitation = Invitation(
        shop_id=shop.id, return_id=returned.id, mail_id=survey.id, token_digest=f"digest{number}-{shop.slug}",
        recipient_key=address_key(SECRET, address), language="fr", created_at=at, expires_at=at + timedelta(days=30),
        answered_at=at,
    )  # fmt: skip
    session.add(invitation)
    session.flush()
    answer = Answer(
        shop_id=shop.id, invitation_id=invitation.id, return_id=returned.id, language="fr", rating=1,
        reasons=["defective"], text=f"Words of {address}", other_reason=f"Told {address}", contact_permitted_at=at,
        created_at=at, updated_at=at,
    )  # fmt: skip
    session.add_all([answer, _consent(shop, address, at)])
    session.flush()
    _add_story(session, shop, answer, order, at)
    _add_reply(session, survey, returned, at)
    return returned


def _consent(shop: Shop, address: str, at: datetime) -> SurveyConsent:
    key, proof = address_key(SECRET, address), f"Box ticked by {address} on the order form"
    return SurveyConsent(shop_id=shop.id, address_key=key, given_at=at, how="api", proof=proof, recorded_at=at)


def _add_reply(session: Session, survey: OutboxMail, returned: Return, at: datetime) -> None:
    incoming = IncomingMail(
        key=f"key of {survey.cause}{survey.shop_id}", channel="mailbox", kind=MailClass.NONE, shop_id=survey.shop_id,
        mail_id=survey.id, recipient_key=survey.recipient_key, came_at=at,
    )  # fmt: skip
    session.add(incoming)
    session.flush()
    reply = CustomerReply(
        shop_id=returned.shop_id, incoming_id=incoming.id, return_id=returned.id, text=f"Yours, {survey.recipient}",
        language="en", is_negative=False, negative=0.1, evidence=[{"text": survey.recipient}], came_at=at,
    )  # fmt: skip
    session.add(reply)
    session.flush()


def _add_story(session: Session, shop: Shop, answer: Answer, order: Order, at: datetime) -> None:
    story = Story(
        shop_id=shop.id, key=f"answer:{answer.id}", title=answer.text, why="Rated 1 of 5.", level=Level.SAME_DAY,
        severity=50, state=StoryState.RESOLVED, return_id=answer.return_id, order_id=order.id, opened_at=at,
        updated_at=at, closed_at=at,
    )  # fmt: skip
    story.items.append(StoryItem(answer_id=answer.id, added_at=at))
    story.events.append(StoryEvent(at=at, kind="resolved", note=f"Called {answer.text}"))
    session.add(story)
    session.flush()


def add_mention(session: Session, shop: Shop, text: str, at: datetime = NOW, *, mentioned: bool = True) -> Document:
    """Add a document, and the mention in it."""
    key = content_digest(shop.slug, text)
    source = Source(
        shop_id=shop.id, url=f"https://blog.example.com/{key}", kind=SourceKind.FEED, state_since=at, created_at=at
    )
    session.add(source)
    session.flush()
    document = Document(
        source_id=source.id, identity=key, text=text, author="Anonyme", fetched_at=at, is_baseline=False
    )
    session.add(document)
    session.flush()
    if mentioned:
        start = text.find(ASKING)
        session.add(
            Mention(
                shop_id=shop.id, document_id=document.id, source_id=source.id, text_digest=key, thread=key, url="",
                title="", text=text, found_at=at, label=Label.NEGATIVE, negative=0.9, is_baseline=False,
                evidence=[{"start": start, "end": start + len(ASKING), "text": ASKING, "weight": -1}],
            )
        )  # fmt: skip
        session.flush()
    return document


def shop_with_traces(session: Session, slug: str = "atelier") -> Shop:
    """Add a shop in which both customers have left all their traces."""
    shop = make_shop(session, slug)
    leave_traces(session, shop, ASKING, 1)
    leave_traces(session, shop, OTHER, 2)
    add_mention(session, shop, f"{slug}: write to {ASKING} about it")
    return shop
