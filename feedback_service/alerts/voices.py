"""From rows to voices: what the rules of severity need to know of a story's mentions and answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.alerts import evidence, severity
from feedback_service.alerts.models import Story, StoryItem
from feedback_service.alerts.severity import Assessment, Voice
from feedback_service.mentions.models import Mention
from feedback_service.returns.lifecycle import ENDS
from feedback_service.returns.models import Return
from feedback_service.surveys.masking import mask
from feedback_service.surveys.models import Answer
from feedback_service.surveys.replies import CustomerReply

_ANSWER_SOURCE = "survey"
_REPLY_SOURCE = "reply"
_NAME_LENGTH = 40


@dataclass(frozen=True, slots=True)
class Quote:
    """The sentence that says it best, masked (R17), and the words in it that count."""

    sentence: str
    words: tuple[str, ...]


def mention_voice(mention: Mention) -> Voice:
    """Return what a mention says, for the rules."""
    spans = evidence.negative_spans(mention.evidence, len(mention.text))
    return Voice(
        text=mention.text,
        negative=mention.negative,
        stars=severity.scaled_stars(mention.rating, mention.best_rating),
        reach=mention.source.reach,
        source=str(mention.source_id),
        copies=mention.copies,
        words=tuple(mask(phrase) for phrase in evidence.phrases(mention.text, spans)),
        language=mention.language,
    )


def answer_voice(answer: Answer) -> Voice:
    """Return what an answer says, for the rules."""
    return rated_voice(answer.stars, answer.text, answer.language)


def rated_voice(stars: int, text: str | None, language: str) -> Voice:
    """Return what the rating and the text of an answer say; the rating stands in for a judgement of the text."""
    negative = (severity.STARS - stars) / (severity.STARS - 1)
    return Voice(text or "", negative, stars=float(stars), source=_ANSWER_SOURCE, is_answer=True, language=language)


def reply_voice(reply: CustomerReply) -> Voice:
    """Return what a customer wrote back, for the rules."""
    text = reply.text or ""
    spans = evidence.negative_spans(reply.evidence, len(text))
    words = evidence.phrases(text, spans)
    return Voice(text, reply.negative, source=_REPLY_SOURCE, words=words, language=reply.language)


def voices_of(items: Sequence[StoryItem]) -> list[Voice]:
    """Return the voices of a story's items."""
    voices = [mention_voice(item.mention) for item in items if item.mention]
    voices += [answer_voice(item.answer) for item in items if item.answer]
    return voices + [reply_voice(item.reply) for item in items if item.reply]


def assess_story(session: Session, story: Story, threshold: float) -> Assessment:
    """Return what the rules make of a story as it stands now."""
    return severity.assess(voices_of(story.items), threshold=threshold, refund_open=refund_is_open(session, story))


def refund_is_open(session: Session, story: Story) -> bool:
    """Tell whether a return behind the story was asked for and not yet closed: the customer still waits."""
    behind = []
    if story.return_id is not None:
        behind.append(Return.id == story.return_id)
    if story.order_id is not None:
        behind.append(Return.order_id == story.order_id)
    if not behind:
        return False
    waiting = sa.select(Return.id).where(sa.or_(*behind), Return.state.not_in(ENDS)).limit(1)
    return session.scalar(waiting) is not None


def quote_of(story: Story) -> Quote:
    """Return the most telling sentence of the story's worst item; empty where nothing was written."""
    mentions = [item.mention for item in story.items if item.mention]
    if mentions:
        worst = max(mentions, key=lambda mention: (mention.negative, -mention.id))
        spans = evidence.negative_spans(worst.evidence, len(worst.text))
        return Quote(mask(evidence.telling_sentence(worst.text, spans)), mention_voice(worst).words)
    replies = [item.reply for item in story.items if item.reply and item.reply.text]
    if replies:
        loudest = max(replies, key=lambda reply: (reply.negative, -reply.id))
        text = loudest.text or ""
        spans = evidence.negative_spans(loudest.evidence, len(text))
        return Quote(mask(evidence.telling_sentence(text, spans)), reply_voice(loudest).words)
    texts = [item.answer.text for item in story.items if item.answer and item.answer.text]
    return Quote(quote_of_text(texts[0]) if texts else "", ())


def quote_of_text(text: str) -> str:
    """Return the sentence of an answer that says it best, masked (R17)."""
    return mask(evidence.telling_sentence(text, ()))


def source_name(mention: Mention) -> str:
    """Return what people call the source: its title if short, else the host, or the account where there is none."""
    title = " ".join(mention.source.title.split())
    if title and len(title) <= _NAME_LENGTH:
        return title
    host = urlsplit(mention.url).hostname or urlsplit(mention.source.url).hostname or mention.source.url
    return host.removeprefix("www.")
