"""The phrases of mail servers (`phrases.txt`), and which kinds of them a text holds. Pure but for reading its table."""

import re
from collections.abc import Sequence
from enum import StrEnum
from functools import cache
from pathlib import Path

from feedback_service.folding import fold

_TABLE = Path(__file__).with_name("phrases.txt")
_GAP = ".{0,40}?"
_LONGEST = 4_000


class Said(StrEnum):
    """What a phrase says: a section of the table."""

    HARD = "hard"
    FULL = "full"
    LATER = "later"
    SOFT = "soft"
    POLICY = "policy"


def said_in(text: str) -> frozenset[Said]:
    """Return what is said in `text`, of which the first 4,000 characters count."""
    folded = " ".join(fold(text[:_LONGEST]).split())
    return frozenset(said for said, phrases in _patterns().items() if phrases.search(folded))


def sections(table: Path) -> dict[str, list[str]]:
    """Return the lines of each `[section]` of a table, without comments and empty lines."""
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in table.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            lines = found.setdefault(line.strip("[]"), [])
        elif line and not line.startswith("#"):
            lines.append(line)
    return found


def expression(phrases: Sequence[str]) -> re.Pattern[str]:
    """Return the expression that finds any of `phrases` in folded text with single blanks."""
    return re.compile("|".join(map(_pattern, phrases)))


@cache
def _patterns() -> dict[Said, re.Pattern[str]]:
    return {Said(name): expression(lines) for name, lines in sections(_TABLE).items()}


def _pattern(phrase: str) -> str:
    """Return a phrase as an expression: it begins and ends where words do; `...` is a gap, a last `*` is open."""
    phrase, is_open = phrase.removesuffix("*"), phrase.endswith("*")
    words = _GAP.join(re.escape(fold(piece)) for piece in phrase.split("..."))
    before = "(?<![a-z0-9])" if phrase[0].isascii() else ""
    return before + words + ("" if is_open or not phrase[-1].isalnum() or not phrase[-1].isascii() else "(?![a-z0-9])")
