"""Reasons, levels and headlines in words of any language; pages and mails say the same."""

import re
from collections.abc import Sequence

from babel.support import NullTranslations

from feedback_service import formats, i18n
from feedback_service.alerts.models import Level, StoryState
from feedback_service.alerts.severity import STARS, Reason, ReasonKind

_SPACED_OPEN, _SPACED_CLOSE = re.compile(r"«\s*"), re.compile(r"\s*»")
_IN_A_SENTENCE = 3
_WORDS_IN_A_REASON = 3
KNOWN_REACH = 2


def quoted(text: str, language: str) -> str:
    """Return `text` in the quotation marks of the language; those within it become the inner ones."""
    if language == "fr":
        inner = _SPACED_OPEN.sub("“", _SPACED_CLOSE.sub("”", text))
        return f"«\u202f{inner}\u202f»"
    return f"“{text.replace('“', '‘').replace('”', '’')}”"


def why(reasons: Sequence[Reason], language: str) -> str:
    """Return in one sentence why a story is one: its three weightiest reasons, stars only if there is no other."""
    catalogue = i18n.translations(language)
    telling = [reason for reason in reasons if reason.kind is not ReasonKind.STARS] or reasons
    parts = [part for part in (_part(reason, catalogue, language) for reason in telling) if part]
    sentence = ", ".join(parts[:_IN_A_SENTENCE])
    return f"{sentence[:1].upper()}{sentence[1:]}." if sentence else ""


def every_reason(reasons: Sequence[Reason], language: str) -> list[str]:
    """Return each reason as a short sentence of its own, for the mail and the story's page."""
    catalogue = i18n.translations(language)
    parts = (_part(reason, catalogue, language) for reason in reasons)
    return [f"{part[:1].upper()}{part[1:]}" for part in parts if part]


def level_word(level: Level, language: str) -> str:
    """Return how urgent, in a word or two."""
    _ = i18n.translations(language).gettext
    return {Level.CRISIS: _("Crisis"), Level.SAME_DAY: _("Today"), Level.DIGEST: _("Can wait")}[level]


def state_word(state: StoryState, language: str) -> str:
    """Return where a story stands, in a word or two."""
    _ = i18n.translations(language).gettext
    return {
        StoryState.OPEN: _("Open"),
        StoryState.TAKEN: _("Taken"),
        StoryState.RESOLVED: _("Resolved"),
        StoryState.DISMISSED: _("Dismissed"),
    }[state]


def survey_source(language: str) -> str:
    """Return what the survey is called where other voices name their site."""
    return i18n.translations(language).gettext("Survey after a return")


def reply_source(language: str) -> str:
    """Return what a reply by mail is called where other voices name their site."""
    return i18n.translations(language).gettext("Reply to a mail")


def stars_words(stars: float, language: str) -> str:
    """Return a rating such as '1 of 5 stars'."""
    catalogue = i18n.translations(language)
    count = formats.number(stars, language, 0 if float(stars).is_integer() else 1)
    several = catalogue.ngettext("%(count)s of %(best)s stars", "%(count)s of %(best)s stars", int(stars))
    return str(several) % {"count": count, "best": STARS}


def _part(reason: Reason, catalogue: NullTranslations, language: str) -> str:
    _ = catalogue.gettext
    said = {
        ReasonKind.DANGER: _("speaks of a danger: %(words)s"),
        ReasonKind.LEGAL: _("threatens with the law: %(words)s"),
        ReasonKind.ACCUSATION: _("accuses the shop: %(words)s"),
        ReasonKind.WORDS: _("says %(words)s"),
    }
    if reason.kind in said:
        words = ", ".join(quoted(word, language) for word in reason.words[:_WORDS_IN_A_REASON])
        return said[reason.kind] % {"words": words}
    match reason.kind:
        case ReasonKind.STARS:
            return stars_words(reason.numbers[0], language)
        case ReasonKind.RATING:
            return _("rated the return %(rating)s of %(best)s") % {"rating": f"{reason.numbers[0]:g}", "best": STARS}
        case ReasonKind.REFUND_OPEN:
            return _("a refund is still owed")
        case _:
            return _numbers(reason, catalogue, language)


def _numbers(reason: Reason, catalogue: NullTranslations, language: str) -> str:
    _ = catalogue.gettext
    match reason.kind:
        case ReasonKind.SPREAD:
            voices, sources = (int(number) for number in reason.numbers)
            several = catalogue.ngettext(
                "%(voices)s voices in one source", "%(voices)s voices in %(sources)s sources", sources
            )
            return str(several) % {"voices": voices, "sources": sources}
        case ReasonKind.COPIES:
            return _("copied to %(copies)s pages") % {"copies": int(reason.numbers[0])}
        case ReasonKind.REACH:
            return _("a site many people read") if reason.numbers[0] > KNOWN_REACH else _("a well-known site")
        case _:
            # A rating speaks for itself: an answer has no score of its own.
            if not reason.numbers:
                return ""
            return _("sounds negative (%(share)s)") % {"share": formats.percent(reason.numbers[0], language, 0)}
