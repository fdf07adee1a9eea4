"""Words, marks and symbols of a sentence, with their places."""

import re
from dataclasses import dataclass

# A run of one symbol is one token: forty angry faces are one angry writer, and cost as much as one.
_TOKEN = re.compile(
    r"(?P<word>[^\W_]+(?:'[^\W_]+)*)"
    r"|(?P<face>(?<!\w)(?:[:;=>]'?-?[()/d](?!\w)|\^\^|<3))"
    r"|(?P<symbol>[\u2600-\u27bf\u2b50\u26d4\U0001f300-\U0001faff])[\ufe0f\u200d]?(?:(?P=symbol)[\ufe0f\u200d]?)*"
    r"|[,;:!?()]"
)
_SPLITTING = re.compile(_TOKEN.pattern.replace("(?:'[^\\W_]+)*", ""))
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
    for match in (_TOKEN if joins_apostrophes else _SPLITTING).finditer(folded, start, end):
        word = match["symbol"] or match.group()
        if joins_apostrophes and "'" in word and match["word"]:
            word = word.replace("'", "")
        words.append(word[:_LONGEST_WORD])
        starts.append(match.start())
        ends.append(match.end())
    return Tokens(words, starts, ends)
