"""Words, marks and symbols of a sentence; their places are worked out only where something was found."""

import re

from feedback_service.sentiment.cleaning import PADDING

_SHAPE = (
    r"[^\W_]+%s"
    r"|(?<!\w)(?:[:;=>]'?-?[()/d](?!\w)|\^\^|<3)"
    r"|[\u2600-\u27bf\u2b50\U0001f300-\U0001faff]"
    r"|[,;:!?()]"
)
# A decoded entity is followed by zero-width spaces (`cleaning`): they stand inside a word.
_PATTERNS = {
    (joins, padded): re.compile(_SHAPE % (f"(?:[{marks}]+[^\\W_]+)*" if marks else ""))
    for joins, padded, marks in (
        (False, False, ""),
        (True, False, "'"),
        (False, True, PADDING),
        (True, True, "'" + PADDING),
    )
}


class Tokens:
    """The tokens of `folded[start:end]`; offsets are those of `folded`.

    "n'ai" is the two tokens "n" and "ai" where apostrophes split and the token "nai" where they join.
    """

    def __init__(self, folded: str, start: int, end: int, *, joins_apostrophes: bool) -> None:
        """Split the sentence."""
        padded = folded.find(PADDING, start, end) >= 0
        self._where = folded, start, end
        self._pattern = _PATTERNS[joins_apostrophes, padded]
        self.words: list[str] = self._pattern.findall(folded, start, end)
        if padded or (joins_apostrophes and folded.find("'", start, end) >= 0):
            self.words = [_plain(word) for word in self.words]

    def places(self) -> list[tuple[int, int]]:
        """Return start and end of each token."""
        return [match.span() for match in self._pattern.finditer(*self._where)]


def _plain(word: str) -> str:
    return word.replace("'", "").replace(PADDING, "") if word[0].isalnum() else word
