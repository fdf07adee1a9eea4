"""What became of a document that is published otherwise than it is stored, and which are gone. Pure (R57).

Who writes changes a text; programs change it too, at every poll: "3 hours ago", counters, advertisements. And a
GUID may be given to another post. `weigh` tells the three apart, `sift` sees to it that a source whose every item
changes tells nothing, and `gone` that a page whose markup has changed deletes nothing.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from unicodedata import normalize

from feedback_service.folding import fold
from feedback_service.mentions.comparing import Met, New
from feedback_service.mentions.identity import judged_text
from feedback_service.sources.items import Item

_UNIT = (
    r"(?:s|sec|secs|secondes?|seconds?|sekunden?|segundos?|secondi?|seconden?|m|mn|mins?|minut\w{0,3}|h|hrs?|heures?|"
    r"hours?|stunden?|horas?|or[ae]|uur|uren|j|d|jours?|days?|tag\w{0,2}|dias?|giorn[oi]|dag\w{0,2}|sem|semain\w{0,2}|"
    r"weeks?|woche\w?|semanas?|settiman[ae]|we[ek]k?en|mois|months?|monat\w{0,2}|mes\w{0,2}|maand\w{0,2}|ans?|annees?|"
    r"y|yrs?|years?|jahr\w{0,2}|anos?|ann[oi]|jaar|jaren)"
)
_SOME = r"(?:\d+|une?|an?|ein\w{0,2}|un[ao]|um|een|quelques|a few|about an?|plus d'une?|moins d'une?)"
_AGO = re.compile(
    rf"\b(?:(?:il y a|vor|hace|ha|depuis)\s{{1,3}}{_SOME}\s{{0,3}}{_UNIT}"
    rf"|{_SOME}\s{{0,3}}{_UNIT}\s{{1,3}}(?:ago|fa|geleden|atras)"
    r"|a l'instant|just now|gerade eben|aujourd'hui|hier|yesterday|today|gestern|heute|ayer|ieri|ontem|gisteren)\b"
)
_WORD = re.compile(r"\w+")
_CUT = re.compile(r"(?:\.{3}|…|\[(?:…|\.{3}|&hellip;)\])\W*\Z")
_ALIKE = 0.5
_FEWEST_AGREEING = 2
_RESTLESS_FROM = 5
_MOST_EDITS = 5


class Change(StrEnum):
    """What a difference between a document and its item is."""

    COSMETIC = "cosmetic"
    EDIT = "edit"
    ANOTHER = "another"


@dataclass(frozen=True, slots=True)
class Version:
    """A document as stored, with what is compared; `edits` is how many times it has been told to be edited."""

    title: str
    text: str
    author: str = ""
    rating: float | None = None
    best_rating: float | None = None
    published_at: datetime | None = None
    edits: int = 0


@dataclass(frozen=True, slots=True)
class Sifted:
    """What to do with the changed items of a poll.

    Attributes:
        edits: the old version is kept as evidence, the new one is stored with its keys, scored again and told.
        quiet: the keys follow, so that it costs nothing next time; the stored text stays, and nothing is told.
        fresh: posts that have the name or the address of a stored one: to be stored and judged like any new one.
        is_restless: so many items changed at once that the source's form has changed, or changes at every poll;
            its edits are among `quiet`.
    """

    edits: tuple[Met, ...]
    quiet: tuple[Met, ...]
    fresh: tuple[New, ...]
    is_restless: bool = False


def weigh(met: Met, before: Version) -> Change:
    """Say what the difference between a document as stored and the item found for it is.

    White space, case, accents, punctuation, digits, codes and relative times are form. Other words are an edit where
    half of them stayed; else of GUID, address, title and date more must agree than disagree, and two at least.
    """
    item = met.named.item
    old, new = _words(_judged(before)), _words(judged_text(item))
    same_stars = _share(before.rating, before.best_rating) == _share(item.rating, item.best_rating)
    if same_stars and (old == new or _is_cut(item.text, old, new)):
        return Change.COSMETIC
    if old == new or _alike(old, new) >= _ALIKE:
        return Change.EDIT
    votes = _votes(met, before)
    agreeing = sum(vote for vote in votes if vote > 0)
    return Change.EDIT if agreeing >= _FEWEST_AGREEING and sum(votes) > 0 else Change.ANOTHER


def sift(weighed: Sequence[tuple[Met, Version, Change]], known: int) -> Sifted:
    """Return what to do with what has changed in a poll in which `known` items were found again.

    Where more than half of them, and five at least, say other words than before, no writer did that. Nor did one
    who is said to have edited one text for the sixth time.
    """
    edited = [(met, before) for met, before, change in weighed if change is Change.EDIT]
    is_restless = len(edited) >= _RESTLESS_FROM and len(edited) * 2 > known
    told = [met for met, before in edited if before.edits < _MOST_EDITS and not is_restless]
    quiet = [met for met, before in edited if before.edits >= _MOST_EDITS or is_restless]
    quiet += [met for met, _, change in weighed if change is Change.COSMETIC]
    fresh = [_reborn(met) for met, _, change in weighed if change is Change.ANOTHER]
    return Sifted(tuple(told), tuple(quiet), tuple(fresh), is_restless)


@dataclass(frozen=True, slots=True)
class Listed:
    """A document that stood on a page the last time, and its date where it has one."""

    document_id: int
    published_at: datetime | None = None


def gone(listed: Collection[Listed], seen: Collection[int], items: Sequence[Item], *, is_cut: bool) -> tuple[int, ...]:
    """Return the documents that a page of reviews does not show any more.

    Args:
        listed: what of this page is stored and was not gone.
        seen: the ids of documents that were found again in this reading.
        items: the reading itself, in the order of the page.
        is_cut: there are more than these. Then only what is newer than the last of them can be missed, and only
            where the newest come first.

    A page that shows nothing known, or less than half of what is to be expected, has changed: nothing is noted.
    """
    since = _last_date(items) if is_cut else None
    if is_cut and since is None:
        return ()
    expected = [each for each in listed if since is None or (each.published_at and each.published_at > since)]
    missed = sorted(each.document_id for each in expected if each.document_id not in seen)
    found = len(expected) - len(missed)
    return tuple(missed) if found and len(missed) <= found else ()


def _last_date(items: Sequence[Item]) -> datetime | None:
    dates = [item.published_at for item in items if item.published_at]
    is_newest_first = len(dates) == len(items) and dates == sorted(dates, reverse=True) and len(set(dates)) > 1
    return dates[-1] if is_newest_first else None


def _reborn(met: Met) -> New:
    # Without its address: that of the other document stays with it, or each further post would have to be
    # weighed against all that ever stood there.
    is_free = met.identity == met.named.identity and met.known.identity != met.named.identity
    return New(met.named.without_place(), met.named.identity if is_free else met.named.second)


def _judged(before: Version) -> str:
    return judged_text(Item("", "", before.title, before.text))


def _words(text: str) -> list[str]:
    folded = fold(normalize("NFC", text))
    return [word for word in _WORD.findall(_AGO.sub(" ", folded)) if word.isalpha()]


def _is_cut(text: str, old: Sequence[str], new: Sequence[str]) -> bool:
    # The last word may be cut as well.
    return bool(new) and bool(_CUT.search(text[-20:])) and old[: len(new) - 1] == new[:-1]


def _alike(old: Sequence[str], new: Sequence[str]) -> float:
    before, after = set(old), set(new)
    return len(before & after) / min(len(before), len(after)) if before and after else 0.0


def _share(rating: float | None, best: float | None) -> float | None:
    return None if rating is None else round(rating / (best or 5), 3)


def _votes(met: Met, before: Version) -> tuple[int, ...]:
    """Return for each fact that names an item +1 where it agrees, less where it does not, 0 where it is not known.

    Another GUID weighs twice, since nothing of the text speaks for it. A title that stays while the date does not
    may be that of all ("Avis"). With stars it is a review: its writer counts
    for the GUID, because some sites number reviews by their place on the page.
    """
    item, known = met.named.item, met.known
    old_guid = known.identity.removeprefix("id:") if known.identity.startswith("id:") else ""
    guid = _vote(old_guid, item.guid, against=-2)
    place = _vote(known.place, met.named.place) if met.named.has_own_address else 0
    date = _vote(before.published_at, item.published_at)
    title = _vote(_words(before.title), _words(item.title))
    if date < 0:
        title = min(title, 0)
    writer = 0
    if item.rating is not None and before.rating is not None:
        writer = _vote(before.author, item.author, against=-2) or int(guid > 0)
    return guid, place, title, date, writer


def _vote(old: object, new: object, against: int = -1) -> int:
    if not old or not new:
        return 0
    return 1 if old == new else against
