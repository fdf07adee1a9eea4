"""Lessons: the texts of a shop of which somebody has said whether they are negative.

That is who wrote them, by a rating, or a member of staff, by a verdict, which weighs more. Three stars of five say
neither: they are left out. So is what has no text left (R15, R16).
"""

from collections.abc import Iterable, Iterator

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.alerts.severity import scaled_stars
from feedback_service.hashing import content_digest
from feedback_service.mentions.identity import normal
from feedback_service.mentions.models import Mention, Verdict
from feedback_service.sentiment.learning import MOST, Lesson
from feedback_service.surveys.models import Answer

_LOW, _HIGH = 2.0, 4.0
_VERDICT_IMPORTANCE = 3.0
_DECIDED = (Verdict.COMPLAINT, Verdict.NOT_NEGATIVE)


def shop_lessons(session: Session, shop_id: int) -> list[Lesson]:
    """Return the lessons of a shop, the latest `MOST`, each text once; a verdict wins over a rating."""
    lessons: dict[str, Lesson] = {}
    for lesson in (*_verdicts(session, shop_id), *_answers(session, shop_id), *_reviews(session, shop_id)):
        lessons.setdefault(content_digest(normal(lesson.text)), lesson)
    return list(lessons.values())[:MOST]


def _verdicts(session: Session, shop_id: int) -> Iterator[Lesson]:
    chosen = sa.select(Mention.text, Mention.verdict).where(Mention.shop_id == shop_id, Mention.verdict.in_(_DECIDED))
    for text, verdict in session.execute(chosen.order_by(Mention.id.desc()).limit(MOST)):
        yield Lesson(text, verdict is Verdict.COMPLAINT, _VERDICT_IMPORTANCE)


def _answers(session: Session, shop_id: int) -> Iterator[Lesson]:
    chosen = sa.select(Answer.text, Answer.rating).where(
        Answer.shop_id == shop_id, Answer.text.is_not(None), Answer.rating.is_not(None)
    )
    rows = session.execute(chosen.order_by(Answer.id.desc()).limit(MOST))
    return _rated((text or "", float(rating)) for text, rating in rows if rating is not None)


def _reviews(session: Session, shop_id: int) -> Iterator[Lesson]:
    chosen = sa.select(Mention.text, Mention.rating, Mention.best_rating).where(
        Mention.shop_id == shop_id, Mention.rating.is_not(None), Mention.verdict.is_(None)
    )
    rows = session.execute(chosen.order_by(Mention.id.desc()).limit(MOST))
    return _rated((text, scaled_stars(rating, best)) for text, rating, best in rows)


def _rated(texts: Iterable[tuple[str, float | None]]) -> Iterator[Lesson]:
    for text, stars in texts:
        if text.strip() and stars is not None and (stars <= _LOW or stars >= _HIGH):
            yield Lesson(text, stars <= _LOW)
