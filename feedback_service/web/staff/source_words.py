"""What is said about sources: how many are heard, what became of a document, what was just done."""

from collections.abc import Sequence
from dataclasses import dataclass

from feedback_service import i18n
from feedback_service.alerts.heard import Heard
from feedback_service.mentions.relevance import Standing
from feedback_service.sources.models import UNHEARD, Source, SourceState

CALM = (SourceState.OK, SourceState.NEW, SourceState.EMPTY)
"""The states that need nobody."""

_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of what we listen to is heard; paused sources are counted apart."""

    heard: int
    listened: int
    paused: int

    @property
    def is_whole(self) -> bool:
        """Tell whether every source that is not paused is heard."""
        return self.heard == self.listened


def coverage(sources: Sequence[Source]) -> Coverage:
    """Return how many of the sources are heard: read, and not silent for longer than their rhythm explains."""
    listened = [source for source in sources if not is_paused(source)]
    heard = sum(source.state not in UNHEARD and source.state is not SourceState.NEW for source in listened)
    return Coverage(heard, len(listened), len(sources) - len(listened))


def is_paused(source: Source) -> bool:
    """Tell whether somebody paused a source; one that is gone is not paused, it is lost."""
    return source.due_at is None and source.state is not SourceState.DOWN


def name_of(source: Source) -> str:
    """Return what people call a source: its title, else its address without the scheme, or its account; short."""
    name = source.title or source.url.rpartition("://")[2]
    return name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…"


def is_in_trouble(source: Source) -> bool:
    """Tell whether somebody should look at a source; one that was paused is left alone on purpose."""
    return source.state not in CALM and not is_paused(source)


def fate(heard: Heard, language: str) -> str:
    """Return what became of a document."""
    _ = i18n.translations(language).gettext
    if heard.mention is None:
        return _("not about us")
    if heard.story_id is not None:
        return _("a copy of what a story tells") if heard.is_copy else _("a story")
    if heard.is_copy:
        return _("about us, a copy of what is known")
    if heard.mention.standing is Standing.REVIEW:
        return _("waits for a person")
    return _("about us, noted at the first reading") if heard.mention.is_baseline else _("about us, no story")


def done(action: str, language: str) -> str:
    """Return the sentence that confirms what a person has just done to a source."""
    _ = i18n.translations(language).gettext
    return {
        "pause": _("Paused: it is not read any more until you resume it."),
        "resume": _("Resumed: it is read within a minute."),
        "reread": _("It is read in full within a minute, as if it had changed."),
        "remove": _("Removed, with all that was found there."),
    }[action]


def added(count: int, already: int, language: str) -> str:
    """Return the sentence that confirms what was added, and what was there already."""
    catalogue = i18n.translations(language)
    said = catalogue.ngettext("%(count)s source added.", "%(count)s sources added.", count) % {"count": count}
    if not already:
        stock = catalogue.gettext("The first reading only takes stock and alerts nobody.")
        return f"{said} {stock}"
    known = catalogue.ngettext("%(count)s was there already.", "%(count)s were there already.", already)
    known %= {"count": already}
    return f"{said} {known}"
