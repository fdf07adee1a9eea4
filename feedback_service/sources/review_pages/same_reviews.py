"""The same review described twice on one page, in two syntaxes or two blocks, counts once. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from feedback_service.folding import fold
from feedback_service.sources.items import Item

_KEY = 20
_LOOKED_AT = 50


def merged(groups: Iterable[Sequence[Item]]) -> list[Item]:
    """Return the reviews of all groups, in order; one that an earlier group has completes it instead.

    Inside a group only reviews that are equal in everything are the same: two customers may both write "Nul !".
    """
    found: list[Item] = []
    places: defaultdict[str, list[int]] = defaultdict(list)
    for group in groups:
        taken: set[int] = set()
        fresh: list[Item] = []
        for item in dict.fromkeys(group):
            candidates = places[_key(item)][:_LOOKED_AT]
            place = next((one for one in candidates if one not in taken and _is_same(found[one], item)), None)
            if place is None:
                fresh.append(item)
            else:
                taken.add(place)
                found[place] = _completed(found[place], item)
        for item in fresh:
            places[_key(item)].append(len(found))
            found.append(item)
    return found


def _key(item: Item) -> str:
    return _letters(item.text)[:_KEY] or f"{item.title}|{item.author}"


def _letters(text: str) -> str:
    return "".join(character for character in fold(text) if character.isalnum())


def _is_same(one: Item, other: Item) -> bool:
    return (
        _agree(one.author, other.author)
        and _agree(_stars(one), _stars(other))
        and _agree(one.published_at and one.published_at.date(), other.published_at and other.published_at.date())
        and _is_same_text(one.text, other.text)
    )


def _agree(one: object, other: object) -> bool:
    return one == other or one in {None, ""} or other in {None, ""}


def _stars(item: Item) -> float | None:
    return None if item.rating is None else round(item.rating / (item.best_rating or 5), 3)


def _is_same_text(one: str, other: str) -> bool:
    """Tell whether two texts are the same, or one is the other cut short, as templates do for search engines."""
    shorter, longer = sorted((_letters(one), _letters(other)), key=len)
    return shorter == longer or (len(shorter) >= _KEY and longer.startswith(shorter))


def _completed(item: Item, other: Item) -> Item:
    """Return `item` with what only `other` knows; of two texts the longer, of two dates the one with a time."""
    is_rated = item.rating is not None
    return replace(
        item,
        guid=item.guid or other.guid,
        url=item.url or other.url,
        title=item.title or other.title,
        text=max(item.text, other.text, key=len),
        author=item.author or other.author,
        published_at=item.published_at or other.published_at,
        rating=item.rating if is_rated else other.rating,
        best_rating=item.best_rating if is_rated else other.best_rating,
    )
