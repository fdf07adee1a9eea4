"""Grave words: what turns a complaint into a matter for the shop's owner. Pure; French and English.

A checklist, not a model: each entry is a folded word or phrase, `*` stands for any ending. To add a language,
add its words to the three groups and a case to tests/alerts/test_grave.py.
"""

import re
from enum import StrEnum

from feedback_service.folding import fold


class Gravity(StrEnum):
    """What a grave word threatens."""

    DANGER = "danger"
    LEGAL = "legal"
    ACCUSATION = "accusation"


_WORDS: dict[Gravity, tuple[str, ...]] = {
    Gravity.DANGER: (
        "danger", "dangereux", "dangereuse*", "incendie*", "a pris feu", "prend feu", "electrocut*", "choc electrique",
        "explos*", "intoxi*", "brulure*", "blessure*", "blesse", "blessee", "aux urgences",
        "dangerous", "caught fire", "catches fire", "burst into flames", "fire hazard", "house fire", "electric shock",
        "explod*", "injur*", "unsafe", "poison*", "hospital",
    ),
    Gravity.LEGAL: (
        "avocat", "avocate", "avocats", "plainte*", "dgccrf", "signalconso", "signal conso", "tribunal", "huissier*",
        "en justice", "mise en demeure", "poursuites", "ufc que choisir", "ufc-que choisir", "repression des fraudes",
        "gendarmerie", "police",
        "lawyer*", "attorney", "solicitor", "lawsuit*", "sue them", "suing", "legal action", "small claims",
        "trading standards", "consumer protection", "chargeback*",
    ),
    Gravity.ACCUSATION: (
        "arnaque*", "escroc*", "fraude*", "frauduleu*", "voleur*", "voleuse*", "contrefacon*", "site bidon",
        "faux site", "scam*", "fraud*", "thief", "thieves", "rip-off", "ripoff", "rip off", "ripped off",
        "counterfeit*", "stole my money", "fake site", "con artists",
    ),
}  # fmt: skip


def grave_words(text: str) -> list[tuple[str, Gravity]]:
    """Return the grave words of `text` as they stand there, in order, each once, with their gravity.

    Case and accents do not matter, word borders do: "vol" is not found in "volant".
    """
    found: dict[str, Gravity] = {}
    folded = fold(text)
    for match in _PATTERN.finditer(folded):
        word = text[match.start() : match.end()].lower()
        found.setdefault(word, Gravity(match.lastgroup or ""))
    return list(found.items())


def _alternatives(words: tuple[str, ...]) -> str:
    # The longest first: "dangereux" must not be cut to "danger".
    ordered = sorted(words, key=len, reverse=True)
    return "|".join(re.escape(word).replace(r"\*", r"\w*") for word in ordered)


_PATTERN = re.compile(
    r"(?<!\w)(?:" + "|".join(f"(?P<{gravity}>{_alternatives(words)})" for gravity, words in _WORDS.items()) + r")(?!\w)"
)
