"""Builders of what stories are made of: sources, documents, mentions, answers."""

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from feedback_service.hashing import content_digest
from feedback_service.mentions.models import Document, Mention
from feedback_service.returns.models import Return
from feedback_service.sentiment.judgement import Label
from feedback_service.shops.models import Shop
from feedback_service.sources.models import Source, SourceKind, SourceState
from feedback_service.surveys.models import Answer
from tests.support.builders import NOW

BAD_TEXT = "Commande AL-10001. Deux mois d'attente et jamais remboursé ! Le service client ne répond pas."


def make_source(session: Session, shop: Shop, url: str = "https://blog.example.com/feed", **values: Any) -> Source:  # noqa: ANN401 - any column
    """Add a feed that is read well."""
    defaults: dict[str, Any] = {"kind": SourceKind.FEED, "state": SourceState.OK, "state_since": NOW, "created_at": NOW}
    source = Source(shop_id=shop.id, url=url, **(defaults | values))
    session.add(source)
    session.flush()
    return source


def make_mention(session: Session, source: Source, text: str = BAD_TEXT, **values: Any) -> Mention:  # noqa: ANN401 - any column
    """Add a negative mention found at `NOW`, with evidence where `evidence` names words of the text."""
    url = values.pop("url", f"{source.url}/{content_digest(text)[:8]}")
    words = values.pop("evidence", ["jamais remboursé"] if text == BAD_TEXT else [])
    document = Document(
        source_id=source.id, identity=content_digest(url, text), url=url, text=text, fetched_at=NOW, is_baseline=False
    )
    session.add(document)
    session.flush()
    defaults: dict[str, Any] = {
        "text_digest": content_digest(text),
        "thread": url,
        "title": "",
        "published_at": NOW - timedelta(hours=3),
        "found_at": NOW,
        "language": "fr",
        "label": Label.NEGATIVE,
        "negative": 0.8,
        "evidence": [
            {"start": text.index(word), "end": text.index(word) + len(word), "text": word, "weight": -1.0}
            for word in words
        ],
        "is_baseline": False,
    }
    mention = Mention(
        shop_id=source.shop_id, document_id=document.id, source_id=source.id, url=url, text=text, **(defaults | values)
    )
    session.add(mention)
    session.flush()
    return mention


def make_answer(session: Session, shop: Shop, returned: Return | None = None, **values: Any) -> Answer:  # noqa: ANN401 - any column
    """Add an answer of one star."""
    defaults: dict[str, Any] = {
        "language": "fr",
        "rating": 1,
        "reasons": ["defective"],
        "text": "La lampe est arrivée cassée.",
        "created_at": NOW,
        "updated_at": NOW,
    }
    answer = Answer(shop_id=shop.id, return_id=returned.id if returned else None, **(defaults | values))
    session.add(answer)
    session.flush()
    return answer
