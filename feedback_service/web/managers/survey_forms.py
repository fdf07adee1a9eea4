"""The form of a questionnaire: from the questionnaire to fields, and back from what a manager sent."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from feedback_service import i18n
from feedback_service.returns.reasons import LABELS, Reason
from feedback_service.shops.configuration import slug_of
from feedback_service.surveys.questionnaire import OPTIONAL, OWN, Questionnaire
from feedback_service.surveys.questions import SCALES, Item
from feedback_service.surveys.wording import reason_label, shipped_words

NEW_REASONS = 2
_LONGEST_CODE = 40
_LAST = 99


@dataclass(frozen=True, slots=True)
class Field:
    """One line of words: its key, what it is, the shop's words, and ours, which stand where it has none."""

    key: str
    label: str
    value: str
    ours: str


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One question: where it stands (0 for nowhere) and its words; `is_fixed` where it cannot be moved."""

    item: Item
    title: str
    position: int
    fields: tuple[Field, ...]
    is_fixed: bool = False


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """One reason: where it stands (0 for nowhere) and its words."""

    code: str
    label: str
    position: int
    field: Field


def item_rows(asked: Questionnaire, language: str, reader: str) -> list[ItemRow]:
    """Return the questions, those that are asked first, in their order."""
    rest = [item for item in OPTIONAL if item not in asked.optional]
    places = {item: number for number, item in enumerate(asked.optional, 1)}
    rows = [_item_row(asked, Item.RATING, 0, language, reader)]
    rows += [_item_row(asked, item, places.get(item, 0), language, reader) for item in (*asked.optional, *rest)]
    return [*rows, _item_row(asked, Item.NPS, 0, language, reader)]


def subject_fields(asked: Questionnaire, language: str, reader: str) -> list[Field]:
    """Return the subject lines of the survey after a return and of the periodic one."""
    _ = i18n.translations(reader).gettext
    labels = {"subject": _("After a return"), "nps_subject": _("Periodic survey")}
    return [Field(key, label, asked.own_words(key, language), "") for key, label in labels.items()]


def reason_rows(asked: Questionnaire, language: str, reader: str) -> list[ReasonRow]:
    """Return the reasons, those that are offered first, in their order."""
    offered = list(asked.reasons)
    rest = [reason.value for reason in LABELS if reason is not Reason.UNKNOWN and reason.value not in offered]
    return [
        ReasonRow(code, reason_label(asked, code, reader), position, _field(asked, f"reasons.{code}", "", language))
        for code, position in [*((code, offered.index(code) + 1) for code in offered), *((code, 0) for code in rest)]
    ]


def read_questionnaire(form: Mapping[str, str], now_asked: Questionnaire, language: str) -> Questionnaire:
    """Return the questionnaire that a form describes; its words replace those of `language` alone. Not checked."""
    codes = [reason.value for reason in LABELS if reason is not Reason.UNKNOWN]
    codes += [code for code in now_asked.reasons if code.startswith(OWN)]
    chosen = _in_order({code: form.get(f"reason.{code}", "") for code in codes})
    words = {key.removeprefix("words."): text for key, text in form.items() if key.startswith("words.")}
    added = dict(_new_reasons(form, codes))
    words |= {f"reasons.{code}": text for code, text in added.items()}
    reasons = (*(code for code in chosen if code != Reason.OTHER.value), *added)
    reasons += (Reason.OTHER.value,) if Reason.OTHER.value in chosen else ()
    optional = _in_order({item.value: form.get(f"item.{item.value}", "") for item in OPTIONAL})
    draft = replace(
        now_asked,
        optional=tuple(Item(value) for value in optional),
        reasons=reasons,
        words={**now_asked.words, language: words},
    )
    return _without_words_of_gone_reasons(draft)


def _item_row(asked: Questionnaire, item: Item, position: int, language: str, reader: str) -> ItemRow:
    _ = i18n.translations(reader).gettext
    titles = {
        Item.RATING: _("Satisfaction"),
        Item.EFFORT: _("Effort"),
        Item.REASONS: _("Reasons"),
        Item.TEXT: _("In their words"),
        Item.CONTACT: _("May we write back?"),
        Item.NPS: _("Recommendation (periodic survey)"),
    }
    labels = {item.value: _("Question")}
    if item in SCALES:
        labels |= {f"{item.value}.low": _("Lowest number"), f"{item.value}.high": _("Highest number")}
    elif item is Item.REASONS:
        labels["reasons.other_text"] = _("Another reason")
    else:
        labels[f"{item.value}.hint"] = _("Hint below")
    fields = tuple(_field(asked, key, label, language) for key, label in labels.items())
    return ItemRow(item, titles[item], position, fields, is_fixed=item in {Item.RATING, Item.NPS})


def _field(asked: Questionnaire, key: str, label: str, language: str) -> Field:
    return Field(key, label, asked.own_words(key, language), shipped_words(key, language))


def _in_order(positions: Mapping[str, str]) -> list[str]:
    """Return the names with a position above zero, in the order of their positions."""
    numbered = {name: int(text) for name, text in positions.items() if text.isascii() and text.isdecimal()}
    return [name for name in sorted(numbered, key=lambda name: min(numbered[name], _LAST)) if numbered[name] > 0]


def _new_reasons(form: Mapping[str, str], known: list[str]) -> Iterator[tuple[str, str]]:
    taken = set(known)
    for number in range(1, NEW_REASONS + 1):
        text = form.get(f"new_reason.{number}", "").strip()
        if text:
            stem = f"{OWN}{slug_of(text)[:_LONGEST_CODE].strip('-')}"
            code = next(code for code in (stem, *(f"{stem}-{count}" for count in range(2, 100))) if code not in taken)
            taken.add(code)
            yield code, text


def _without_words_of_gone_reasons(draft: Questionnaire) -> Questionnaire:
    words = {
        language: {
            key: text
            for key, text in own.items()
            if not key.startswith(f"reasons.{OWN}") or key.removeprefix("reasons.") in draft.reasons
        }
        for language, own in draft.words.items()
    }
    return replace(draft, words=words)
