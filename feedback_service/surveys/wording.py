"""A questionnaire in words, as one customer reads it: the shop's own words, else ours in that language.

    questionnaire, survey, language, shop -> ScaleQuestion | ReasonsQuestion | TextQuestion | YesQuestion, ...

Templates print what stands here and translate nothing; `%(shop)s` is filled in already.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, TypeAlias

from feedback_service import i18n
from feedback_service.returns.reasons import LABELS, Reason, label
from feedback_service.surveys import questions
from feedback_service.surveys.questionnaire import OWN, Questionnaire
from feedback_service.surveys.questions import OTHER_LENGTH, SCALES, TEXT_LENGTH, Item, Survey

_SHOP = "%(shop)s"
_CACHED = 512
# The shipped words by key, as message ids; scales are added below.
_SHIPPED: dict[str, str] = {
    Item.REASONS: questions.REASONS_TEXT,
    "reasons.other_text": questions.OTHER_TEXT,
    Item.TEXT: questions.FREE_TEXT,
    "text.hint": questions.FREE_TEXT_HINT,
    Item.CONTACT: questions.CONTACT_TEXT,
    "contact.hint": questions.CONTACT_HINT,
}
for _item, _scale in SCALES.items():
    _SHIPPED |= {_item: _scale.text, f"{_item}.low": _scale.low_label, f"{_item}.high": _scale.high_label}


@dataclass(frozen=True, slots=True)
class ScaleQuestion:
    """A number from `low` to `high`; `name` is that of the form's field."""

    kind: ClassVar[str] = "scale"
    name: str
    text: str
    low: int
    high: int
    low_label: str
    high_label: str
    is_required: bool

    @property
    def values(self) -> range:
        """The numbers one may choose, in reading order."""
        return range(self.low, self.high + 1)


@dataclass(frozen=True, slots=True)
class ReasonsQuestion:
    """Any of `options` (code and label); with the code `other` a text field named `other_reason`, else None."""

    kind: ClassVar[str] = "reasons"
    name: str
    text: str
    options: tuple[tuple[str, str], ...]
    other_text: str | None
    other_length: int = OTHER_LENGTH


@dataclass(frozen=True, slots=True)
class TextQuestion:
    """Free text of up to `length` characters."""

    kind: ClassVar[str] = "text"
    name: str
    text: str
    hint: str
    length: int = TEXT_LENGTH


@dataclass(frozen=True, slots=True)
class YesQuestion:
    """One box to tick, with what ticking it means."""

    kind: ClassVar[str] = "yes"
    name: str
    text: str
    hint: str


Question: TypeAlias = ScaleQuestion | ReasonsQuestion | TextQuestion | YesQuestion


@lru_cache(maxsize=_CACHED)
def worded(questionnaire: Questionnaire, survey: Survey, language: str, shop_name: str) -> tuple[Question, ...]:
    """Return the questions of a survey in words, in reading order; the first one is the required one."""
    return tuple(_questions(questionnaire, survey, language, shop_name))


def first_question(questionnaire: Questionnaire, survey: Survey, language: str, shop_name: str) -> ScaleQuestion:
    """Return the one required question, which the mail asks."""
    first = worded(questionnaire, survey, language, shop_name)[0]
    assert isinstance(first, ScaleQuestion)  # noqa: S101 - says it to the type checker: `Questionnaire.items`
    return first


def reason_label(questionnaire: Questionnaire, code: str, language: str) -> str:
    """Return the words of a reason as a member of staff or a report reads them.

    A reason of the shop's own reads in any language that the shop gave it where it has none in `language`.
    """
    own = questionnaire.own_words(f"reasons.{code}", language)
    if own or not code.startswith(OWN):
        return own or label(code, language)
    others = (words.get(f"reasons.{code}", "") for words in questionnaire.words.values())
    return next(filter(None, others), code.removeprefix(OWN))


def words_for(questionnaire: Questionnaire, key: str, language: str, shop_name: str) -> str:
    """Return the words of one key (`questionnaire.WORD_KEYS`) but the subject lines, which may be empty."""
    own = questionnaire.own_words(key, language)
    text = own or i18n.translations(language).gettext(_SHIPPED[key]) if key in _SHIPPED else own
    return text.replace(_SHOP, shop_name)


def shipped_words(key: str, language: str) -> str:
    """Return our own words for a key, with `%(shop)s` left in; empty where the key has none."""
    catalogue = i18n.translations(language)
    if key.startswith("reasons.") and key.removeprefix("reasons.") in set(Reason):
        return catalogue.gettext(LABELS[Reason(key.removeprefix("reasons."))])
    return catalogue.gettext(_SHIPPED[key]) if key in _SHIPPED else ""


def _questions(questionnaire: Questionnaire, survey: Survey, language: str, shop_name: str) -> Iterator[Question]:
    def words(key: str) -> str:
        return words_for(questionnaire, key, language, shop_name)

    for position, item in enumerate(questionnaire.items(survey)):
        name, text = item.value, words(item)
        if item in SCALES:
            scale = SCALES[item]
            ends = words(f"{item}.low"), words(f"{item}.high")
            yield ScaleQuestion(name, text, scale.low, scale.high, *ends, is_required=position == 0)
        elif item is Item.REASONS:
            options = tuple((code, reason_label(questionnaire, code, language)) for code in questionnaire.reasons)
            other = words("reasons.other_text") if questionnaire.takes_other else None
            yield ReasonsQuestion(name, text, options, other)
        elif item is Item.TEXT:
            yield TextQuestion(name, text, words("text.hint"))
        else:
            yield YesQuestion(name, text, words("contact.hint"))
