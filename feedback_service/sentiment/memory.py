"""What was found for a word is remembered: a text repeats its words, and a language has few that are frequent."""

from collections.abc import Callable
from typing import Generic, TypeVar

Found = TypeVar("Found")

_MOST = 20_000
"""Words are as many as people who misspell them: a memory that is full is emptied."""


class WordMemory(Generic[Found]):
    """Answers for many words at the cost of a look into a dictionary each."""

    def __init__(self, find: Callable[[str], Found]) -> None:
        """Remember what `find` says of a word; it must say the same each time."""
        self._find = find
        self._known = _Known(find)

    def each(self, words: list[str]) -> list[Found]:
        """Return what was found for each of the words, in order."""
        known = self._known
        if len(known) > _MOST:
            # Another thread may still read the old one.
            known = self._known = _Known(self._find)
        return list(map(known.__getitem__, words))


class _Known(dict[str, Found], Generic[Found]):
    def __init__(self, find: Callable[[str], Found]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, word: str) -> Found:
        self[word] = found = self._find(word)
        return found
