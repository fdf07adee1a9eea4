"""What somebody said, as it is read on the page of a story and on that of the review."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from feedback_service.alerts import about, wording
from feedback_service.alerts.about import Grounds
from feedback_service.alerts.cards import web_address
from feedback_service.alerts.evidence import Segment, negative_spans, segments
from feedback_service.alerts.models import StoryItem
from feedback_service.alerts.severity import scaled_stars
from feedback_service.alerts.voices import source_name
from feedback_service.mentions.identity import judged_text
from feedback_service.mentions.models import Document, Mention
from feedback_service.sources.items import Item
from feedback_service.surveys.masking import mask
from feedback_service.surveys.models import Answer
from feedback_service.surveys.reading import reasons_of
from feedback_service.surveys.replies import CustomerReply

_DIGEST_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a mention said before its author edited it, masked, with the beginning of its SHA-256."""

    text: str
    digest: str
    replaced_at: datetime


@dataclass(frozen=True, slots=True)
class Voice:
    """A mention or an answer as it is read: its text in pieces, the telling ones marked, masked (R17).

    `topics`, `sureness` and `grounds` say what a mention is about and why; an answer has none of them. `earlier` and
    `gone_at` are known of the items of a story only.
    """

    segments: tuple[Segment, ...]
    language: str
    source: str
    url: str
    stars: str
    at: datetime
    found_at: datetime | None
    copies: int
    reasons: tuple[str, ...]
    topics: tuple[str, ...] = ()
    sureness: str = ""
    grounds: Grounds = field(default_factory=Grounds)
    earlier: tuple[Earlier, ...] = ()
    gone_at: datetime | None = None


def voice(item: StoryItem, language: str) -> Voice:
    """Return an item of a story as it is read in `language`."""
    if item.mention is not None:
        return _with_history(mention_voice(item.mention, language), item.mention.document)
    if item.reply is not None:
        return _reply_voice(item.reply, language)
    assert item.answer is not None  # noqa: S101 - an item has one of the three
    return _answer_voice(item.answer, language)


def _with_history(voice: Voice, document: Document) -> Voice:
    earlier = tuple(
        Earlier(mask(judged_text(Item("", "", old.title, old.text))), old.digest[:_DIGEST_SHOWN], old.replaced_at)
        for old in document.versions
    )
    return replace(voice, earlier=earlier, gone_at=document.gone_at)


def mention_voice(mention: Mention, language: str) -> Voice:
    """Return a mention as it is read in `language`."""
    stars = scaled_stars(mention.rating, mention.best_rating)
    return Voice(
        segments=_masked(mention),
        language=mention.language,
        source=source_name(mention),
        url=web_address(mention.url),
        stars="" if stars is None else wording.stars_words(stars, language),
        at=mention.published_at or mention.found_at,
        found_at=mention.found_at if mention.published_at else None,
        copies=mention.copies,
        reasons=(),
        topics=about.topic_words(mention.topics, language),
        sureness=about.sureness(mention, language) if mention.clues else "",
        grounds=about.grounds(mention.clues, language),
    )


def _masked(mention: Mention) -> tuple[Segment, ...]:
    """Return the text in masked pieces; unmarked where a mark would cut an address so that it is not known as one."""
    pieces = segments(mention.text, negative_spans(mention.evidence, len(mention.text)))
    masked = tuple(Segment(mask(piece.text), piece.is_marked) for piece in pieces)
    whole = mask(mention.text)
    return masked if "".join(piece.text for piece in masked) == whole else (Segment(whole, is_marked=False),)


def _reply_voice(reply: CustomerReply, language: str) -> Voice:
    text = reply.text or ""
    pieces = segments(text, negative_spans(reply.evidence, len(text)))
    return Voice(
        segments=tuple(Segment(mask(piece.text), piece.is_marked) for piece in pieces),
        language=reply.language,
        source=wording.reply_source(language),
        url="",
        stars="",
        at=reply.came_at,
        found_at=None,
        copies=1,
        reasons=(),
    )


def _answer_voice(answer: Answer, language: str) -> Voice:
    return Voice(
        segments=(Segment(mask(answer.text), is_marked=False),) if answer.text else (),
        language=answer.language,
        source=wording.survey_source(language),
        url="",
        stars=wording.stars_words(answer.stars, language),
        at=answer.created_at,
        found_at=None,
        copies=1,
        reasons=reasons_of(answer, language),
    )
