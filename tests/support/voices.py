"""Builders of what people say: surveys sent, answers, mentions, sources and stories."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from feedback_service.alerts.models import Level, Story, StoryState
from feedback_service.hashing import address_key
from feedback_service.mail.models import Audience, MailState, OutboxMail
from feedback_service.mentions.models import Document, Mention
from feedback_service.returns.models import Return
from feedback_service.sentiment.judgement import Label
from feedback_service.shops.models import Shop
from feedback_service.sources.models import Source, SourceKind, SourceState
from feedback_service.surveys.models import Answer, Invitation
from tests.support.builders import NOW, SECRET


def make_sent_survey(session: Session, returned: Return, sent_at: datetime, **values: Any) -> Invitation:  # noqa: ANN401 - any column
    """Add an invitation whose mail went out at `sent_at`."""
    mail = OutboxMail(
        shop_id=returned.shop_id,
        kind="survey",
        audience=Audience.CUSTOMER,
        cause=f"survey:{uuid4().hex}",
        message_id=f"<{uuid4().hex}@example.com>",
        state=MailState.SENT,
        sender="bonjour@example.com",
        recipient="client@example.com",
        recipient_key=address_key(SECRET, "client@example.com"),
        subject="Votre retour",
        created_at=sent_at,
        sent_at=sent_at,
    )
    session.add(mail)
    session.flush()
    defaults: dict[str, Any] = {
        "token_digest": uuid4().hex,
        "recipient_key": mail.recipient_key,
        "language": "fr",
        "created_at": sent_at,
        "expires_at": sent_at + timedelta(days=30),
    }
    invitation = Invitation(shop_id=returned.shop_id, return_id=returned.id, mail_id=mail.id, **(defaults | values))
    session.add(invitation)
    session.flush()
    return invitation


def make_answer(session: Session, shop: Shop, rating: int, at: datetime = NOW, **values: Any) -> Answer:  # noqa: ANN401 - any column
    """Add an answer without an invitation."""
    defaults: dict[str, Any] = {"language": "fr", "created_at": at, "updated_at": at}
    answer = Answer(shop_id=shop.id, rating=rating, **(defaults | values))
    session.add(answer)
    session.flush()
    return answer


def make_source(session: Session, shop: Shop, url: str = "https://avis.example.com/feed", **values: Any) -> Source:  # noqa: ANN401 - any column
    """Add a feed that is read and well."""
    defaults: dict[str, Any] = {
        "kind": SourceKind.FEED,
        "title": "Avis Exemple",
        "state": SourceState.OK,
        "state_since": NOW - timedelta(days=30),
        "created_at": NOW - timedelta(days=60),
        "due_at": NOW + timedelta(hours=1),
    }
    source = Source(shop_id=shop.id, url=url, **(defaults | values))
    session.add(source)
    session.flush()
    return source


def make_mention(session: Session, source: Source, label: Label, at: datetime = NOW, **values: Any) -> Mention:  # noqa: ANN401 - any column
    """Add a document of `source` and the mention in it, found at `at`."""
    key = uuid4().hex
    document = Document(
        source_id=source.id, identity=key, text="Bonjour", fetched_at=at, is_baseline=values.get("is_baseline", False)
    )
    session.add(document)
    session.flush()
    defaults: dict[str, Any] = {
        "text_digest": key,
        "thread": f"https://avis.example.com/{key}",
        "url": f"https://avis.example.com/{key}",
        "title": "",
        "text": "Bonjour",
        "found_at": at,
        "negative": 0.9 if label is Label.NEGATIVE else 0.1,
        "is_baseline": False,
    }
    mention = Mention(
        shop_id=source.shop_id, document_id=document.id, source_id=source.id, label=label, **(defaults | values)
    )
    session.add(mention)
    session.flush()
    return mention


def make_story(session: Session, shop: Shop, opened_at: datetime = NOW, **values: Any) -> Story:  # noqa: ANN401 - any column
    """Add an open story of the same-day level."""
    defaults: dict[str, Any] = {
        "key": uuid4().hex,
        "title": "Colis jamais arrivé",
        "why": "Une étoile sur cinq.",
        "level": Level.SAME_DAY,
        "severity": 60.0,
        "state": StoryState.OPEN,
        "updated_at": opened_at,
    }
    story = Story(shop_id=shop.id, opened_at=opened_at, **(defaults | values))
    session.add(story)
    session.flush()
    return story
