"""Stars that feeds give with a text: extensions with or without a scale, and titles that are nothing else. Pure."""

import math
import re

_SCALES = (5.0, 10.0, 100.0)
_BEST_STARS = 5.0
_LONGEST = 20
_GLYPHS = re.compile(r"([★⭐]*)[\ufe0f\s]*([☆✩]*)")
_OUT_OF = re.compile(r"(\d{1,3}(?:[.,]\d{1,2})?) ?(?:/|sur|out of|von|de|su|van) ?(5|10|20|100)", re.IGNORECASE)

Rating = tuple[float | None, float | None]
NO_RATING: Rating = (None, None)


def scaled(raw: str, raw_best: str = "") -> Rating:
    """Return rating and best rating of what an extension says; (None, None) for what is no rating on its scale.

    Without a best rating the scale is the smallest of 5, 10 and 100 that holds the rating.
    """
    if found := _OUT_OF.fullmatch(raw.strip()[:_LONGEST]):
        raw, raw_best = found[1], raw_best or found[2]
    value, best = _number(raw), _number(raw_best)
    if value is None or value < 0:
        return NO_RATING
    if not best:
        best = next((scale for scale in _SCALES if value <= scale), None)
    return (value, best) if best and value <= best else NO_RATING


def alone(title: str) -> Rating:
    """Return the rating of a title that consists of it ("★★☆☆☆", "4/5", "8,5 sur 10"); (None, None) for any other."""
    text = title.strip().replace("\ufe0f", "")
    if not text or len(text) > _LONGEST:
        return NO_RATING
    if found := _OUT_OF.fullmatch(text):
        return scaled(found[1], found[2])
    found = _GLYPHS.fullmatch(text)
    full, empty = (len(found[1]), len(found[2])) if found else (0, 0)
    is_whole = full + empty == _BEST_STARS or (not empty and 0 < full < _BEST_STARS)
    return (float(full), _BEST_STARS) if is_whole else NO_RATING


def _number(raw: str) -> float | None:
    text = raw.strip().replace(",", ".")
    try:
        value = float(text) if len(text) <= _LONGEST and text.isascii() else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) else None
