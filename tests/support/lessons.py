"""Texts of a shop whose own words say more than any word list: made from small lists, each text once."""

import random
from collections.abc import Iterator

from sqlalchemy.orm import Session

from feedback_service.sentiment.learning import Lesson
from feedback_service.shops.models import Shop
from tests.support.voices import make_answer

# No word list knows these: that a lamp "grisouille" or "vrombit" is bad, only the shop's customers say.
_BAD = ("grisouille", "vrombit", "tangue", "verdit", "crachote")
_GOOD = ("rayonne", "ronronne", "scintille", "diffuse", "tamise")
_THINGS = ("lampe", "suspension", "applique", "guirlande", "veilleuse")
_PLACES = ("salon", "couloir", "bureau", "grenier", "studio", "cuisine")
_TIMES = ("le soir", "le matin", "depuis mardi", "toute la nuit", "à midi")


def texts(count: int, *, seed: int = 1) -> Iterator[tuple[str, bool]]:
    """Yield `count` texts and whether each is a complaint; every other one is."""
    chance = random.Random(seed)  # noqa: S311 - the same texts each time
    seen: set[str] = set()
    while len(seen) < count:
        is_bad = len(seen) % 2 == 0
        what, how, where, when = map(chance.choice, (_THINGS, _BAD if is_bad else _GOOD, _PLACES, _TIMES))
        text = f"La {what} du {where} {how} {when}."
        if text not in seen:
            seen.add(text)
            yield text, is_bad


def telling_lessons(count: int = 100) -> list[Lesson]:
    """Return lessons from which a model learns what the word lists do not know."""
    return [Lesson(text, is_bad) for text, is_bad in texts(count)]


def empty_lessons(count: int = 100) -> list[Lesson]:
    """Return lessons that teach nothing: whether a text is a complaint has nothing to do with its words."""
    chance = random.Random(2)  # noqa: S311 - the same texts each time
    return [Lesson(text, chance.random() < 1 / 2) for text, _ in texts(count)]


def add_answers(session: Session, shop: Shop, count: int = 100) -> None:
    """Add answers of one and five stars with telling texts."""
    for text, is_bad in texts(count):
        make_answer(session, shop, 1 if is_bad else 5, text=text)
    session.flush()
