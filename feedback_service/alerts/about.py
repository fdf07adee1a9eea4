"""What a mention speaks of, and why it is taken to be about the shop, in words of the reader's language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from babel.support import NullTranslations

from feedback_service import formats, i18n
from feedback_service.alerts.wording import quoted
from feedback_service.mentions.clues import ClueKind
from feedback_service.mentions.models import Mention
from feedback_service.mentions.relevance import US_FROM, Standing
from feedback_service.sentiment.markers import Topic
from feedback_service.surveys.masking import mask


@dataclass(frozen=True, slots=True)
class Grounds:
    """Reasons why a text is about the shop and why it is not, each a short sentence, the weightiest first."""

    speaks_for: tuple[str, ...] = ()
    speaks_against: tuple[str, ...] = ()


def grounds(clues: Iterable[Mapping[str, Any]], language: str) -> Grounds:
    """Return the stored clues of a mention (kind, weight, words) in words, masked (R17).

    A kind that is not known, because an older or a newer version wrote it, is left out.
    """
    said = [(_sentence(clue, language), float(clue.get("weight", 0))) for clue in clues]
    return Grounds(
        speaks_for=tuple(sentence for sentence, weight in said if sentence and weight > 0),
        speaks_against=tuple(sentence for sentence, weight in said if sentence and weight <= 0),
    )


def sureness(mention: Mention, language: str) -> str:
    """Return how sure it is that a mention is about the shop, as a percentage; or that a person said so."""
    _ = i18n.translations(language).gettext
    if mention.standing is Standing.US and mention.relevance < US_FROM:
        return _("Your staff said that it is about the shop")
    return _("%(share)s sure that it is about the shop") % {"share": formats.percent(mention.relevance, language, 0)}


def topic_words(topics: Iterable[str], language: str) -> tuple[str, ...]:
    """Return what a text speaks of, in words; a topic that is not known is left out."""
    _ = i18n.translations(language).gettext
    known = {
        Topic.DELIVERY: _("delivery"),
        Topic.REFUND: _("refund"),
        Topic.RETURN_PROCESS: _("sending back"),
        Topic.PRODUCT_QUALITY: _("quality of the product"),
        Topic.SIZE: _("size and fit"),
        Topic.CUSTOMER_SERVICE: _("customer service"),
        Topic.PRICE: _("price"),
        Topic.WEBSITE: _("website"),
        Topic.FRAUD: _("fraud"),
        Topic.PAYMENT: _("payment"),
    }
    values = {topic.value: word for topic, word in known.items()}
    return tuple(values[topic] for topic in topics if topic in values)


def _sentence(clue: Mapping[str, Any], language: str) -> str:
    catalogue = i18n.translations(language)
    kind, words = clue.get("kind"), [mask(str(word)) for word in clue.get("words", ())]
    if kind == ClueKind.TRADE:
        return _sentences(catalogue)[ClueKind.TRADE] % {"words": ", ".join(topic_words(words, language))}
    if kind == ClueKind.VERDICTS and float(clue.get("weight", 0)) > 0:
        sentence = catalogue.gettext("Your staff said “about us” near these words before: %(words)s")
    else:
        sentence = _sentences(catalogue).get(str(kind), "")
    return sentence % {"words": ", ".join(quoted(word, language) for word in words)}


def _sentences(catalogue: NullTranslations) -> dict[str, str]:
    _ = catalogue.gettext
    return {
        ClueKind.SOURCE: _("Everything in this source is about the shop"),
        ClueKind.NAME: _("It names %(words)s"),
        ClueKind.AMBIGUOUS_NAME: _("It names %(words)s, which can also mean something else"),
        ClueKind.MISSPELLED_NAME: _("It has a word that is one letter away from %(words)s"),
        ClueKind.OWN_ADDRESS: _("It gives the address of the shop: %(words)s"),
        ClueKind.HANDLE: _("It names the shop as people do in networks: %(words)s"),
        ClueKind.CONTEXT: _("It also has %(words)s, a word that goes with the shop"),
        ClueKind.TRADE: _("It speaks of what a shop does: %(words)s"),
        ClueKind.CAPITAL: _("It writes %(words)s with a capital within a sentence"),
        ClueKind.LOWER_CASE: _("It writes %(words)s without a capital"),
        ClueKind.LONGER_NAME: _("%(words)s may be another, longer name"),
        ClueKind.MARKET: _("%(words)s is the name of a thing that is traded"),
        ClueKind.TAGS: _("The name is one of a list of tags"),
        ClueKind.VERDICTS: _("Your staff said “not us” near these words before: %(words)s"),
    }
