"""The phrases of mail servers (`phrases.txt`), and which kinds of them a text holds. Pure but for reading its table."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from feedback_service.folding import fold

_TABLE = Path(__file__).with_name("phrases.txt")
_GAP = 40
_LONGEST = 4_000
_WORD = re.compile(r"[a-z0-9]+")


class Said(StrEnum):
    """What a phrase says: a section of the table."""

    HARD = "hard"
    FULL = "full"
    LATER = "later"
    SOFT = "soft"
    POLICY = "policy"


def said_in(text: str) -> frozenset[Said]:
    """Return what is said in `text`, of which the first 4,000 characters count."""
    tables = phrase_tables(_TABLE)
    folded = folded_line(text, _LONGEST)
    return frozenset(said for said in Said if tables[said].is_in(folded))


def folded_line(text: str, longest: int) -> str:
    """Return the beginning of `text` as phrases are compared: without case and accents, with single blanks."""
    return " ".join(fold(text[:longest]).split())


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase in folded pieces, between which up to forty characters may stand.

    `begins_word`, `ends_word`: no letter may stand before or behind.
    """

    pieces: tuple[str, ...]
    begins_word: bool
    ends_word: bool

    @classmethod
    def of(cls, line: str) -> "Phrase":
        """Read a line of a table: `...` is a gap, a `*` at the end stands for any continuation."""
        words = line.removesuffix("*")
        last = words[-1]
        ends_word = not line.endswith("*") and last.isascii() and last.isalnum()
        return cls(tuple(fold(piece) for piece in words.split("...")), words[0].isascii(), ends_word)

    def is_in(self, text: str) -> bool:
        """Tell whether folded text holds the phrase."""
        first = self.pieces[0]
        start = text.find(first)
        while start >= 0:
            is_free = not (self.begins_word and start and _is_letter(text[start - 1]))
            if is_free and self._goes_on(text, start + len(first)):
                return True
            start = text.find(first, start + 1)
        return False

    def _goes_on(self, text: str, end: int) -> bool:
        for piece in self.pieces[1:]:
            start = text.find(piece, end, end + _GAP + len(piece))
            if start < 0:
                return False
            end = start + len(piece)
        return not (self.ends_word and end < len(text) and _is_letter(text[end]))


class PhraseTable:
    """Many phrases; a text is looked through for those alone whose first word it has."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._by_word: dict[str, list[Phrase]] = {}
        self._others: list[Phrase] = []
        for line in lines:
            phrase = Phrase.of(line)
            first = _WORD.match(phrase.pieces[0])
            is_whole = first is not None and (len(first[0]) < len(phrase.pieces[0]) or phrase.ends_word)
            (self._by_word.setdefault(first[0], []) if first and is_whole else self._others).append(phrase)

    def is_in(self, text: str) -> bool:
        """Tell whether folded text with single blanks holds one of the phrases."""
        words = set(_WORD.findall(text)).intersection(self._by_word)
        if any(phrase.is_in(text) for word in words for phrase in self._by_word[word]):
            return True
        return any(phrase.is_in(text) for phrase in self._others)


@cache
def phrase_tables(file: Path) -> Mapping[str, PhraseTable]:
    """Return the `[sections]` of a file of phrases; comments and empty lines are left out."""
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            lines = found.setdefault(line.strip("[]"), [])
        elif line and not line.startswith("#"):
            lines.append(line)
    return {name: PhraseTable(phrases) for name, phrases in found.items()}


def _is_letter(character: str) -> bool:
    return character.isascii() and character.isalnum()
