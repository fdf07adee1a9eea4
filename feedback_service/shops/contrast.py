"""A shop's colour, made readable: contrast by WCAG 2.2 (1.4.3, 1.4.11) on light and dark (R40, R42)."""

import colorsys
import re
from dataclasses import dataclass
from functools import lru_cache

TEXT = 4.5
"""Least contrast of text (WCAG 1.4.3)."""

DEFAULT = "#1d5c4a"
_DEFAULT_DARK = "#8fd0ba"
WHITE, INK = "#ffffff", "#10201b"
LIGHT_GROUNDS, DARK_GROUNDS = ("#ffffff", "#f5f4f1"), ("#1f2225", "#16181a")
"""What stands behind text on customers' pages and in mails: the sheet, and the page around it."""

_TINT, _DARK_TINT = 0.08, 0.12
_COMFORT = 6.0
_STEP = 0.01
_NEAR_BLACK = 0.04045


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of a shop, each '#rrggbb'.

    Attributes:
        brand: the colour as the shop gave it; only for what carries no text.
        accent: the same, as dark as text on light grounds needs; white text can stand on it.
        accent_dark: the same, as light as text on dark grounds needs; `on_accent_dark` can stand on it.
        tint: a ground with a breath of the colour, on which `accent` can be read; `tint_dark` likewise.
    """

    brand: str
    accent: str
    accent_dark: str
    tint: str
    tint_dark: str
    on_accent: str = WHITE
    on_accent_dark: str = INK

    @property
    def is_adjusted(self) -> bool:
        """Tell whether the shop's colour could not be read as it is on a light ground."""
        return self.accent != self.brand


def checked_colour(value: str) -> str:
    """Return a colour as '#rrggbb'; raise `ValueError` for what is none."""
    found = re.fullmatch(r"#?([0-9a-f]{6}|[0-9a-f]{3})", value.strip().lower())
    if not found:
        msg = f"{value!r} is not a colour like #1d5c4a"
        raise ValueError(msg)
    digits = found[1] if len(found[1]) == len("rrggbb") else "".join(2 * digit for digit in found[1])
    return f"#{digits}"


@lru_cache(maxsize=256)
def palette(colour: str = "") -> Palette:
    """Return the colours made from a shop's own ('#rrggbb', empty for ours): readable on light and on dark."""
    brand = colour or DEFAULT
    tint = mixed(brand, WHITE, _TINT)
    accent = _moved(brand, (*LIGHT_GROUNDS, tint), TEXT, -_STEP)
    tint_dark = mixed(brand, DARK_GROUNDS[0], _DARK_TINT)
    wanted = _DEFAULT_DARK if brand == DEFAULT else brand
    return Palette(brand, accent, _moved(wanted, (*DARK_GROUNDS, tint_dark), _COMFORT, _STEP), tint, tint_dark)


def ratio(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def mixed(colour: str, ground: str, share: float) -> str:
    """Return `ground` with a share (0-1) of `colour` in it."""
    pairs = zip(_channels(colour), _channels(ground), strict=True)
    return _written([share * one + (1 - share) * other for one, other in pairs])


def _moved(colour: str, grounds: tuple[str, ...], least: float, step: float) -> str:
    """Return the nearest colour of the same hue that can be read on every ground: darker or lighter step by step."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*_channels(colour))
    while min(ratio(colour, ground) for ground in grounds) < least:
        lightness = min(1.0, max(0.0, lightness + step))
        colour = _written(colorsys.hls_to_rgb(hue, lightness, saturation))
    return colour


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return ((channel + 0.055) / 1.055) ** 2.4 if channel > _NEAR_BLACK else channel / 12.92


def _channels(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _written(channels: tuple[float, ...] | list[float]) -> str:
    return "#" + "".join(f"{round(255 * channel):02x}" for channel in channels)
