"""The phrases of mail servers (`phrases.txt`), and which kinds of them a text holds. Pure but for reading its table.

Servers put the same few things in ever new words. So beside whole phrases the table has pairs: words for the
recipient ("mailbox", "destinataire") and what is said of one that is not there ("does not exist", "inconnu"),
which count where they stand close together in one clause; the same for the sender and what refuses it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from feedback_service.folding import fold

_TABLE = Path(__file__).with_name("phrases.txt")
_GAP = 40
_LONGEST = 4_000
_WORD = re.compile(r"[a-z0-9]+")
_APART = 60
_CLAUSE_ENDS = re.compile(r"[.!?;] ")


class Said(StrEnum):
    """What a phrase says: a section of the table."""

    HARD = "hard"
    FULL = "full"
    ASLEEP = "asleep"
    LATER = "later"
    SOFT = "soft"
    POLICY = "policy"


def said_in(text: str) -> frozenset[Said]:
    """Return what is said in `text`, of which the first 4,000 characters count."""
    tables = phrase_tables(_TABLE)
    folded = folded_line(text, _LONGEST)
    found = {said for said in Said if tables[said].is_in(folded)}
    found.update(said for said, pair in _pairs().items() if said not in found and pair.is_in(folded))
    return frozenset(found)


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


class WordPair:
    """Words for somebody, and what is said of them: one of each, close together in one clause.

    Args:
        somebody: words for whom it is about.
        something: what is said of them, before or behind.
        neither: words that hold one of the others and mean something else ("sender address").
    """

    def __init__(self, somebody: Iterable[str], something: Iterable[str], neither: Iterable[str]) -> None:
        kinds = {**dict.fromkeys(somebody, "a"), **dict.fromkeys(something, "b"), **dict.fromkeys(neither, "")}
        self._kinds = {fold(words): kind for words, kind in kinds.items()}
        longest_first = sorted(self._kinds, key=len, reverse=True)
        self._words = re.compile(rf"(?<![a-z0-9])(?:{'|'.join(map(re.escape, longest_first))})(?![a-z0-9])")

    def is_in(self, text: str) -> bool:
        """Tell whether folded text with single blanks holds a pair; the closest pair has no other word between."""
        before: re.Match[str] | None = None
        for match in self._words.finditer(text):
            if before is not None and {self._kinds[before[0]], self._kinds[match[0]]} == {"a", "b"}:
                between = text[before.end() : match.start()]
                if len(between) <= _APART and not _CLAUSE_ENDS.search(between):
                    return True
            before = match
        return False


@cache
def phrase_lists(file: Path) -> Mapping[str, Sequence[str]]:
    """Return the lines of each `[section]` of a file of phrases; comments and empty lines are left out."""
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            lines = found.setdefault(line.strip("[]"), [])
        elif line and not line.startswith("#"):
            lines.append(line)
    return found


@cache
def phrase_tables(file: Path) -> Mapping[str, PhraseTable]:
    """Return the `[sections]` of a file of phrases, each as a table."""
    return {name: PhraseTable(phrases) for name, phrases in phrase_lists(file).items()}


@cache
def _pairs() -> Mapping[Said, WordPair]:
    lists = phrase_lists(_TABLE)
    return {
        Said.HARD: WordPair(lists["recipient"], lists["is gone"], lists["not the recipient"]),
        Said.POLICY: WordPair(lists["sender"], lists["is refused"], lists["not the sender"]),
    }


def _is_letter(character: str) -> bool:
    return character.isascii() and character.isalnum()
