"""Stars that feeds give with a text: in extensions, and in titles that are nothing else. Pure.

More is believed of a page, which is made for people (`ratings`): a feed that contradicts itself says nothing.
"""

import re

from feedback_service.sources.texts.ratings import NO_RATING, number, scaled

_BEST_STARS = 5.0
_LONGEST = 20
_GLYPHS = re.compile(r"([★⭐]*)[\ufe0f\s]*([☆✩]*)")
_NUMBER = re.compile(r"\d{1,9}(?:[.,]\d{1,9})?")
_OUT_OF = re.compile(r"(\d{1,3}(?:[.,]\d{1,2})?) ?(?:/|sur|out of|von|de|su|van) ?(5|10|20|100)", re.IGNORECASE)


def stated(raw: str, raw_best: str = "") -> tuple[float | None, float | None]:
    """Return rating and best rating of what an extension says; (None, None) for no number, or one above its best."""
    text = raw.strip()
    if not (_NUMBER.fullmatch(text) or _OUT_OF.fullmatch(text)):
        return NO_RATING
    rating, best = scaled(text, raw_best)
    claimed = number(raw_best)
    return NO_RATING if claimed and best != claimed else (rating, best)


def alone(title: str) -> tuple[float | None, float | None]:
    """Return the rating of a title that consists of it ("★★☆☆☆", "4/5", "8,5 sur 10"); (None, None) for any other."""
    text = title.strip().replace("\ufe0f", "")
    if not text or len(text) > _LONGEST:
        return NO_RATING
    if found := _OUT_OF.fullmatch(text):
        return stated(found[1], found[2])
    found = _GLYPHS.fullmatch(text)
    full, empty = (len(found[1]), len(found[2])) if found else (0, 0)
    is_whole = full + empty == _BEST_STARS or (not empty and 0 < full < _BEST_STARS)
    return (float(full), _BEST_STARS) if is_whole else NO_RATING
