"""A shop's questionnaire: which questions, in which order, which reasons, and the shop's own words. Pure.

A questionnaire is never changed: a change makes the next version, and an answer keeps the number of the
version it was given to, so that what was asked can be read beside what was answered. Version 0 is the
questionnaire that ships.

The first question stays the first, because the mail asks it and one press must be enough: the rating after
a return, the recommendation (NPS) in the periodic survey.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NoReturn

from feedback_service.errors import InvalidInputError
from feedback_service.returns.reasons import CUSTOMER_REASONS, Reason
from feedback_service.surveys.questions import Item, Survey

OWN = "own:"
"""What the code of a reason of the shop's own begins with."""

MOST_REASONS = 12
MOST_LANGUAGES = 12
LONGEST_WORDS = 300
FIRST: dict[Survey, Item] = {Survey.RETURN: Item.RATING, Survey.PERIODIC: Item.NPS}
OPTIONAL: tuple[Item, ...] = (Item.EFFORT, Item.REASONS, Item.TEXT, Item.CONTACT)
"""What a shop may switch off and order in the survey after a return."""

_PERIODIC = (Item.TEXT, Item.CONTACT)
# All white space but the no-break spaces of French typography.
_BREAKING_SPACE = re.compile(r"[^\S\u00a0\u202f]+")
_NO_BREAK = str.maketrans("", "", "\u00a0\u202f")
_OWN_CODE = re.compile(rf"{OWN}[a-z0-9]+(?:-[a-z0-9]+)*")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_ENDS = (Item.RATING, Item.EFFORT, Item.NPS)
WORD_KEYS: tuple[str, ...] = (
    "subject",
    "nps_subject",
    *(item.value for item in Item),
    *(f"{item.value}.{end}" for item in _ENDS for end in ("low", "high")),
    "reasons.other_text",
    "text.hint",
    "contact.hint",
)
"""What a shop may put in its own words, beside its reasons (`reasons.<code>`)."""

Words = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """What one shop asks, in one version.

    Attributes:
        version: 0 for the one that ships, then 1, 2, ... in the order in which the shop changed it.
        optional: the optional questions that are switched on, in reading order.
        reasons: the codes offered, in reading order: ours (`returns.reasons`) and the shop's own (`own:...`).
        words: the shop's own words by language and key (`WORD_KEYS`, `reasons.<code>`).
    """

    version: int = 0
    optional: tuple[Item, ...] = OPTIONAL
    reasons: tuple[str, ...] = tuple(reason.value for reason in CUSTOMER_REASONS)
    words: Words = field(default_factory=dict, hash=False)

    def items(self, survey: Survey) -> tuple[Item, ...]:
        """Return the questions of a survey in reading order; only the first one is required."""
        if survey is Survey.RETURN:
            return (FIRST[survey], *self.optional)
        return (FIRST[survey], *_PERIODIC)

    @property
    def takes_other(self) -> bool:
        """Tell whether a customer may name another reason in own words."""
        return Item.REASONS in self.optional and Reason.OTHER.value in self.reasons

    def own_words(self, key: str, language: str) -> str:
        """Return the shop's words for `key` in `language`; empty where it has none."""
        return self.words.get(language, {}).get(key, "")


SHIPPED = Questionnaire()


def to_json(questionnaire: Questionnaire) -> dict[str, Any]:
    """Return what is stored of a questionnaire; `from_json` is the inverse."""
    return {
        "optional": [item.value for item in questionnaire.optional],
        "reasons": list(questionnaire.reasons),
        "words": {language: dict(words) for language, words in questionnaire.words.items()},
    }


def from_json(contents: Mapping[str, Any], version: int) -> Questionnaire:
    """Return a stored questionnaire."""
    words = {
        str(language): MappingProxyType({str(key): str(text) for key, text in own.items()})
        for language, own in contents["words"].items()
    }
    return Questionnaire(
        version=version,
        optional=tuple(Item(value) for value in contents["optional"]),
        reasons=tuple(str(code) for code in contents["reasons"]),
        words=MappingProxyType(words),
    )


def checked(questionnaire: Questionnaire) -> Questionnaire:
    """Return the questionnaire without blank words, `other` last; `InvalidInputError` for what cannot be asked."""
    if set(questionnaire.optional) - set(OPTIONAL) or _repeats(questionnaire.optional):
        names = ", ".join(OPTIONAL)
        _refuse("items", f"The optional questions are {names}, each once at most.")
    words = {
        language: kept
        for language, own in questionnaire.words.items()
        if (kept := {key: one_line(text) for key, text in own.items() if text.strip()})
    }
    # "Another reason" is read last, after those that it is other than, whatever place a file gives it.
    reasons = tuple(sorted(questionnaire.reasons, key=lambda code: code == Reason.OTHER.value))
    cleaned = Questionnaire(questionnaire.version, questionnaire.optional, reasons, words)
    _check_reasons(cleaned)
    _check_words(cleaned)
    return cleaned


def one_line(text: str) -> str:
    """Return a text on one line, trimmed; the no-break spaces of French typography stay."""
    return _BREAKING_SPACE.sub(" ", text).strip(" ")


def fits(text: str) -> bool:
    """Tell whether a text can stand as a question or a subject line: short enough, without control characters."""
    return len(text) <= LONGEST_WORDS and text.translate(_NO_BREAK).isprintable()


def _check_reasons(questionnaire: Questionnaire) -> None:
    reasons = questionnaire.reasons
    if not reasons or len(reasons) > MOST_REASONS or _repeats(reasons):
        _refuse("reasons", f"One to {MOST_REASONS} reasons can be offered, each once.")
    known = {reason.value for reason in Reason} - {Reason.UNKNOWN.value}
    for code in reasons:
        if code not in known and not _OWN_CODE.fullmatch(code):
            _refuse("reasons", f"{code[:40]!r} is no reason; one of your own is called {OWN}some-words.")
        if code.startswith(OWN) and not any(f"reasons.{code}" in own for own in questionnaire.words.values()):
            _refuse("reasons", f"The reason {code} needs words in one language at least.")


def _check_words(questionnaire: Questionnaire) -> None:
    keys = {*WORD_KEYS, *(f"reasons.{code}" for code in (*Reason, *questionnaire.reasons))}
    if len(questionnaire.words) > MOST_LANGUAGES:
        _refuse("words", f"Own words can be given in {MOST_LANGUAGES} languages.")
    for language, own in questionnaire.words.items():
        if not _LANGUAGE.fullmatch(language):
            _refuse("words", f"{language[:40]!r} is not a language such as fr.")
        for key, text in own.items():
            if key not in keys:
                _refuse("words", f"{key[:80]!r} is nothing that can be worded.")
            if not fits(text):
                _refuse(key, f"{key}: {LONGEST_WORDS} characters at most, on one line.")


def _repeats(values: tuple[str, ...]) -> bool:
    return len(set(values)) < len(values)


def _refuse(field_name: str, sentence: str) -> NoReturn:
    raise InvalidInputError(sentence, field=field_name)
