"""Names as people misspell them: within one edit, where the name is long enough that this is no coincidence. Pure.

An edit is a letter left out, added, changed, or two neighbours swapped (Damerau's distance of 1).
"""

import re
from collections.abc import Iterable, Iterator

SHORTEST = 7
"""Letters of a name below which one edit makes another word of it: "orange" and "oranger"."""
_WORD = re.compile(r"[^\W\d_]{6,}")


class Misspellings:
    """Finds misspelled forms of the given names in folded text."""

    def __init__(self, terms: Iterable[tuple[str, str]]) -> None:
        """Take pairs of a folded name and its term; names that are short or of several words are left out."""
        self._near: dict[str, list[tuple[str, str]]] = {}
        for name, term in terms:
            if len(name) >= SHORTEST and name.isalpha():
                for form in (name, *_shortened(name)):
                    self._near.setdefault(form, []).append((name, term))

    def find(self, folded: str) -> Iterator[tuple[int, int, str]]:
        """Yield start and end in `folded` of each misspelled name, and its term. The right spelling is not yielded."""
        if not self._near:
            return
        for match in _WORD.finditer(folded):
            term = self._term_of(match[0])
            if term is not None:
                yield match.start(), match.end(), term

    def _term_of(self, word: str) -> str | None:
        for form in (word, *_shortened(word)):
            for name, term in self._near.get(form, ()):
                if word != name and is_one_edit(word, name):
                    return term
        return None


def _shortened(word: str) -> Iterator[str]:
    return (word[:at] + word[at + 1 :] for at in range(len(word)))


def is_one_edit(first: str, second: str) -> bool:
    """Tell whether one edit turns `first` into `second`; False where they are the same."""
    if len(first) > len(second):
        first, second = second, first
    if first == second or len(second) - len(first) > 1:
        return False
    at = next((at for at, letter in enumerate(first) if letter != second[at]), len(first))
    if len(first) < len(second):
        return first[at:] == second[at + 1 :]
    swapped = first[at : at + 2] == second[at : at + 2][::-1]
    return first[at + 1 :] == second[at + 1 :] or (swapped and first[at + 2 :] == second[at + 2 :])
