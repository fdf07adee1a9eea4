"""Stars as real sites write them, to a rating on its scale. Pure.

Whoever compares ratings divides by the best one; so a scale that does not begin at 0 or 1 is turned here into one
of five stars, and `worstRating` is needed nowhere else.
"""

import math
import re

_NUMBER = re.compile(r"(?:(?<!\w)-)?\d{1,9}(?:[.,]\d{1,9})?")
_OUT_OF = re.compile(
    r"\d\s*(?:[^\W\d_]+\s+|★\s*)?(?:/|\b(?:sur|out of|of|von|de|di|van|su|en|uit)\b)\s*(\d{1,4})", re.IGNORECASE
)
_SYMBOLS = re.compile(r"[★⭐]+|[☆✩]+")
_FULL = frozenset("★⭐")
_SCALES = (5.0, 10.0, 100.0)
_LONGEST = 100
_FIVE = 5.0
_THUMBS = 2.0

NO_RATING: tuple[None, None] = (None, None)


def scaled(raw: str, raw_best: str = "", raw_worst: str = "") -> tuple[float | None, float | None]:
    """Return rating and best rating of texts such as '4,5', '8/10', '80 %', '★★★☆☆'; (None, None) for none.

    Without a best rating, or with one that is smaller than the rating, the scale is the smallest of 5, 10 and 100
    that holds the rating. A rating below a worst rating of 1 or more is "not rated" (sites write 0 there).
    """
    raw = raw[:_LONGEST]
    value, best, worst = number(raw), number(raw_best[:_LONGEST]), number(raw_worst[:_LONGEST])
    if value is None:
        return _symbols(raw)
    if best is not None and worst is not None and _begins_elsewhere(best, worst):
        return _on_five(value, best, worst)
    if value < 0 or (worst is not None and 1 <= worst <= (best or worst) and value < worst):
        return NO_RATING
    scale = _scale(value, raw, best)
    return (value, scale) if scale else NO_RATING


def number(text: str) -> float | None:
    """Return the first number of a text, with a decimal point or comma; None for none."""
    found = _NUMBER.search(text)
    value = float(found[0].replace(",", ".")) if found else math.nan
    return value if math.isfinite(value) else None


def _scale(value: float, raw: str, best: float | None) -> float | None:
    out_of = _OUT_OF.search(raw)
    if out_of and float(out_of[1]) >= value and (not best or best < value):
        best = float(out_of[1])
    if "%" in raw and (not best or best < value or best == 1):
        best = 100.0
    if best and best >= value:
        return best
    return next((scale for scale in _SCALES if value <= scale), None)


def _begins_elsewhere(best: float, worst: float) -> bool:
    """Tell whether a scale is upside down (German school marks), begins below zero or late, or has two steps only."""
    if best == worst:
        return False
    return worst > best or worst < 0 or worst > 1 or (worst == 1 and best <= _THUMBS)


def _on_five(value: float, best: float, worst: float) -> tuple[float | None, float | None]:
    share = (value - worst) / (best - worst)
    return (round(1 + 4 * share, 2), _FIVE) if 0 <= share <= 1 else NO_RATING


def _symbols(raw: str) -> tuple[float | None, float | None]:
    shown = "".join(_SYMBOLS.findall(raw))
    full = sum(character in _FULL for character in shown)
    if not full or len(shown) > _SCALES[1]:
        return NO_RATING
    return float(full), float(max(len(shown), int(_FIVE)))
