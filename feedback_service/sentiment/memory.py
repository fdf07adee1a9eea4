"""What was found for a word is remembered: a text repeats its words, and a language has few that are frequent."""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Asked = TypeVar("Asked", bound=Hashable)
Found = TypeVar("Found")

_MOST = 20_000
"""Words are as many as people who misspell them: a memory that is full is emptied."""


class WordMemory(Generic[Asked, Found]):
    """Answers for many words at the cost of a look into a dictionary each."""

    def __init__(self, find: Callable[[Asked], Found]) -> None:
        """Remember what `find` says of a word (or of a pair of words); it must say the same each time."""
        self._find = find
        self._known = _Known(find)

    def each(self, words: list[Asked]) -> list[Found]:
        """Return what was found for each of the words, in order."""
        known = self._known
        if len(known) > _MOST:
            # Another thread may still read the old one.
            known = self._known = _Known(self._find)
        return list(map(known.__getitem__, words))


class _Known(dict[Asked, Found], Generic[Asked, Found]):
    def __init__(self, find: Callable[[Asked], Found]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, word: Asked) -> Found:
        self[word] = found = self._find(word)
        return found
