"""A story as people read it: one card for the inbox, the story's page and the alert mail."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from feedback_service import i18n
from feedback_service.alerts import replies, wording
from feedback_service.alerts.evidence import clipped
from feedback_service.alerts.models import Level, Story, StoryState
from feedback_service.alerts.severity import STARS, Assessment, ReasonKind
from feedback_service.alerts.voices import assess_story, quote_of, quote_of_text, source_name, voices_of
from feedback_service.sentiment.grave import grave_words
from feedback_service.sentiment.markers import Gravity

_QUOTE_LENGTH = 120
_HEADLINE_LENGTH = 64
TITLE_LENGTH = 100
"""Most letters in the title of a story."""


@dataclass(frozen=True, slots=True)
class Card:
    """What is shown of a story, in one language.

    Attributes:
        headline: the words that hurt, short.
        quote: the most telling sentence, masked (R17).
        words: the words in it that count.
        why: one sentence; `reasons` are all of them, one by one.
        source: what people call the place; `source_url` where it is (http or https, else empty).
        stars: in words, empty without a rating.
        since: when it was said, else when it was found.
        owner: who deals with it, empty for nobody.
        is_answer: a customer said it to the shop itself; `is_reply`: and last by mail.
    """

    id: int
    shop: str
    level: Level
    level_word: str
    state: StoryState
    state_word: str
    headline: str
    quote: str
    words: tuple[str, ...]
    why: str
    reasons: tuple[str, ...]
    source: str
    source_url: str
    stars: str
    since: datetime
    owner: str
    voices: int
    is_answer: bool
    is_reply: bool


def card(session: Session, story: Story, language: str) -> Card:
    """Return the card of a story; it reads the story's items and the returns behind it."""
    return card_of(story, assess_story(session, story, story.shop.alert_threshold), language)


def card_of(story: Story, found: Assessment, language: str) -> Card:
    """Return the card of a story that has been assessed."""
    quote = quote_of(story)
    mention = next((item.mention for item in reversed(story.items) if item.mention), None)
    return Card(
        id=story.id,
        shop=story.shop.name,
        level=story.level,
        level_word=wording.level_word(story.level, language),
        state=story.state,
        state_word=wording.state_word(story.state, language),
        headline=headline(story, language),
        quote=clipped(quote.sentence, _QUOTE_LENGTH),
        words=quote.words,
        why=wording.why(found.reasons, language),
        reasons=tuple(wording.every_reason(found.reasons, language)),
        source=source_name(mention) if mention else _own_source(story, language),
        source_url=web_address(mention.url) if mention else "",
        stars=_stars(found, language),
        since=story.published_at or story.fetched_at or story.opened_at,
        owner=story.owner.name if story.owner and story.state is not StoryState.OPEN else "",
        voices=len(story.items),
        is_answer=mention is None,
        is_reply=mention is None and _ends_in_a_reply(story),
    )


def _own_source(story: Story, language: str) -> str:
    """Return where a customer said it to the shop itself: the latest counts."""
    return wording.reply_source(language) if _ends_in_a_reply(story) else wording.survey_source(language)


def _ends_in_a_reply(story: Story) -> bool:
    return bool(story.items) and story.items[-1].reply is not None


def headline(story: Story, language: str) -> str:
    """Return the telling sentence, cut short, in quotation marks; for an answer without text its rating."""
    quote = quote_of(story).sentence
    if quote:
        return wording.quoted(clipped(quote, _HEADLINE_LENGTH), language)
    answer = next((item.answer for item in story.items if item.answer), None)
    if answer is None:
        return story.title
    return _rated_without_a_word(answer.stars, language)


def title_of_answer(stars: int, text: str | None, language: str) -> str:
    """Return what the story of an answer is called: its telling sentence, else its rating."""
    quote = clipped(quote_of_text(text), TITLE_LENGTH) if text else ""
    return quote or _rated_without_a_word(stars, language)


def _rated_without_a_word(stars: int, language: str) -> str:
    _ = i18n.translations(language).gettext
    return _("Rated %(rating)s of %(best)s, without a word") % {"rating": stars, "best": STARS}


def suggested_reply(story: Story) -> tuple[str, str]:
    """Return a polite reply to the story and its language; a person approves it (R49)."""
    shop = story.shop
    voices = voices_of(story.items)
    words = [word for voice in voices for word in grave_words(voice.text, voice.language)]
    language = replies.reply_language(voices[0].language if voices else "", shop.language)
    is_danger = any(gravity is Gravity.SAFETY for _, gravity in words)
    topic = replies.topic_of([voice.text for voice in voices], is_danger=is_danger)
    is_private = not any(item.mention for item in story.items)
    return replies.suggest(topic, language, shop.name, shop.reply_to, is_private=is_private), language


def web_address(url: str) -> str:
    """Return `url` if it is one a browser may follow, else nothing: outside links are not to be trusted."""
    try:
        return url if urlsplit(url).scheme in {"http", "https"} else ""
    except ValueError:
        return ""


def _stars(found: Assessment, language: str) -> str:
    for reason in found.reasons:
        if reason.kind in {ReasonKind.STARS, ReasonKind.RATING}:
            return wording.stars_words(reason.numbers[0], language)
    return ""
