"""A language's data file, read into lists: the form is explained in docs/sentiment.md.

Reading and compiling are apart: this module knows the file, `vocabulary` knows how to look words up.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from feedback_service.folding import fold

FOLDER = Path(__file__).parent / "lexicons"
_WORD = re.compile(r"[^\W\d_]{3,}")
_SECTION = re.compile(r"\[([a-z ]+)\]")


@dataclass
class Lexicon:
    """The content of one file, folded. Words may end in `+` (regular inflection) or `*` (any continuation)."""

    language: str
    joins_apostrophes: bool = False
    extends_vader: bool = False
    common: set[str] = field(default_factory=set)
    words: dict[str, float] = field(default_factory=dict)
    verbs: set[str] = field(default_factory=set)
    symbols: dict[str, float] = field(default_factory=dict)
    intensifiers: dict[str, float] = field(default_factory=dict)
    word_lists: dict[str, set[str]] = field(default_factory=dict)
    spellings: dict[str, str] = field(default_factory=dict)
    classes: dict[str, str] = field(default_factory=dict)
    phrases: list[tuple[float, str]] = field(default_factory=list)
    concessions: list[str] = field(default_factory=list)
    subordinates: list[str] = field(default_factory=list)
    expectations: list[str] = field(default_factory=list)
    topics: dict[str, list[str]] = field(default_factory=dict)
    grave: dict[str, list[str]] = field(default_factory=dict)

    def known_words(self) -> set[str]:
        """Return every word that the file names, in whatever section: they tell the language."""
        in_phrases = " ".join(phrase for _, phrase in self.phrases)
        return {*_WORD.findall(in_phrases), *(_WORD.findall(" ".join(self.words))), *self.spellings}


@cache
def languages() -> tuple[str, ...]:
    """Return the languages that have a data file."""
    return tuple(sorted(path.stem for path in FOLDER.glob("??.txt")))


@cache
def load_lexicon(language: str) -> Lexicon:
    """Read the data file of `language`; raise `FileNotFoundError` where there is none."""
    lexicon = Lexicon(language)
    for name in dict.fromkeys(("emoji", language)):
        for section, line in _lines(FOLDER / f"{name}.txt"):
            _take(lexicon, section, line)
    return lexicon


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    section = ""
    for raw in path.read_text(encoding="utf-8").splitlines():
        line = raw.strip()
        heading = _SECTION.fullmatch(line)
        if heading:
            section = heading[1]
        elif line and not line.startswith("# "):
            yield section, line


def _take(lexicon: Lexicon, section: str, line: str) -> None:
    if section == "options":
        lexicon.joins_apostrophes |= line == "apostrophe join"
        lexicon.extends_vader |= line == "vader"
    elif section == "common":
        lexicon.common.update(_folded(line))
    elif section == "classes":
        name, _, members = line.partition(":")
        lexicon.classes[f"@{name}"] = "|".join(_folded(members))
    elif section in {"topics", "grave"}:
        name, _, members = line.partition(":")
        named = lexicon.topics if section == "topics" else lexicon.grave
        named.setdefault(name, []).extend(_phrases(members))
    elif section == "concessions":
        lexicon.concessions.extend(_phrases(line))
    elif section == "subordinates":
        lexicon.subordinates.extend(_phrases(line))
    elif section == "expectations":
        lexicon.expectations.extend(_phrases(line))
    elif section == "spellings":
        right, _, wrong = line.partition(":")
        lexicon.spellings.update(dict.fromkeys(_folded(wrong), fold(right)))
    elif section in {"words", "verbs", "emoji", "intensifiers", "phrases"}:
        weight, _, rest = line.partition(" ")
        _take_weighted(lexicon, section, float(weight), rest)
    else:
        lexicon.word_lists.setdefault(section, set()).update(_folded(line))


def _take_weighted(lexicon: Lexicon, section: str, weight: float, rest: str) -> None:
    if section == "emoji":
        lexicon.symbols.update(dict.fromkeys(rest.split(), weight))
    elif section == "phrases":
        lexicon.phrases.extend((weight, phrase) for phrase in _phrases(rest))
    elif section == "intensifiers":
        lexicon.intensifiers.update(dict.fromkeys(_folded(rest), weight))
    else:
        words = _folded(rest)
        lexicon.words.update(dict.fromkeys(words, weight))
        if section == "verbs":
            lexicon.verbs.update(words)


def _phrases(line: str) -> list[str]:
    return [phrase.strip() for phrase in fold(line).split(";") if phrase.strip()]


def _folded(line: str) -> list[str]:
    return fold(line).split()
