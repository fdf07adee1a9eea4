"""Words, marks and symbols of a sentence, with their places."""

import re
from dataclasses import dataclass

from feedback_service.sentiment.cleaning import PADDING

# A run of one symbol is one token: forty angry faces are one angry writer, and cost as much as one.
_SHAPE = (
    r"(?P<word>[^\W_]+%s)"
    r"|(?P<face>(?<!\w)(?:[:;=>]'?-?[()/d](?!\w)|\^\^|<3))"
    r"|(?P<symbol>[\u2600-\u27bf\u2b50\u26d4\U0001f300-\U0001faff])[\ufe0f\u200d]?(?:(?P=symbol)[\ufe0f\u200d]?)*"
    r"|[,;:!?()]"
)
# A decoded entity is followed by zero-width spaces (`cleaning`): they stand inside a word.
_PATTERNS = {
    (joins, padded): re.compile(_SHAPE % (f"(?:[{marks}]+[^\\W_]+)*" if marks else ""))
    for joins, padded, marks in (
        (False, False, ""),
        (True, False, "'"),
        (False, True, "\u200b"),
        (True, True, "'\u200b"),
    )
}
_LONGEST_WORD = 40


@dataclass(slots=True)
class Tokens:
    """Tokens of one sentence as parallel lists: folded text, start, end."""

    words: list[str]
    starts: list[int]
    ends: list[int]


def tokenise(folded: str, start: int, end: int, *, joins_apostrophes: bool) -> Tokens:
    """Return the tokens of `folded[start:end]`; offsets are those of `folded`.

    "n'ai" is two tokens where apostrophes split and the token "nai" where they join.
    """
    words: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    padded = folded.find(PADDING, start, end) >= 0
    for match in _PATTERNS[joins_apostrophes, padded].finditer(folded, start, end):
        word = match["symbol"] or match.group()
        if match["word"] and (padded or "'" in word):
            word = word.replace("'", "").replace(PADDING, "")
        words.append(word[:_LONGEST_WORD])
        starts.append(match.start())
        ends.append(match.end())
    return Tokens(words, starts, ends)
