"""Words, marks and symbols of a text, with their places."""

import re
from itertools import accumulate

from feedback_service.sentiment.cleaning import PADDING

_SHAPE = (
    r"([^\W_]+%s"
    r"|(?<!\w)(?:[:;=>]'?-?[()/d](?!\w)|\^\^|<3)"
    r"|[\u2600-\u27bf\u2b50\U0001f300-\U0001faff]"
    r"|[,;:!?()])"
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
# What most texts are made of once they are folded; half as dear.
_PLAIN = {
    joins: re.compile(
        r"([a-z0-9,;:!?()](?:(?<=[a-z0-9])%s)?)" % ("[a-z0-9]*(?:'+[a-z0-9]+)*" if joins else "[a-z0-9]*")
    )
    for joins in (False, True)
}
_FACE = re.compile(r"[:;=>^<]['()/d^3-]")


class Tokens:
    """The tokens of `folded[start:end]` in order: `words[i]` stands at `starts[i]` to `ends[i]` of `folded`.

    "n'ai" is the two tokens "n" and "ai" where apostrophes split and the one token "n'ai" where they join.
    """

    __slots__ = ("ends", "starts", "words")

    def __init__(self, folded: str, start: int, end: int, *, joins_apostrophes: bool) -> None:
        """Split the part of the text: one pass of the pattern, then sums."""
        part = folded[start:end]
        if part.isascii() and not _FACE.search(part):
            pattern = _PLAIN[joins_apostrophes]
        else:
            pattern = _PATTERNS[joins_apostrophes, PADDING in part]
        # What stands between words and the words, in turn; their lengths add up to the places.
        parts = pattern.split(part)
        bounds = list(accumulate(map(len, parts), initial=start))
        self.words: list[str] = parts[1::2]
        self.starts: list[int] = bounds[1:-1:2]
        self.ends: list[int] = bounds[2::2]


def plain(word: str) -> str:
    """Return a token without the apostrophes and the padding inside it; a face such as ":'(" keeps its own."""
    return word.replace("'", "").replace(PADDING, "") if word[0].isalnum() else word
