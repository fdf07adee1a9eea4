"""Contents of a digest: the figures of one week, the week before, the course, and what to look at first.

Contents are frozen: stored as JSON when first built, and shown and sent from there ever after. A new field
needs a default, so that digests built before it can still be read.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from pydantic import TypeAdapter
from sqlalchemy.orm import Session

from feedback_service.digest.periods import Week, midnight, week_edges
from feedback_service.digest.priorities import Priority, Signals, look_first
from feedback_service.formats import zone
from feedback_service.reports.figures import Figures, RatePoint, Span
from feedback_service.reports.heard import waiting_stories
from feedback_service.reports.queries import figures_of
from feedback_service.reports.returned import conspicuous_products, late_refunds, return_figures, return_rates
from feedback_service.shops.models import Shop

COURSE_WEEKS = 8
_MONTH_WEEKS = 4
_PRODUCT_WEEKS = 12


@dataclass(frozen=True, slots=True)
class Contents:
    """What one digest says, in numbers; the words are made for each reader's language.

    Attributes:
        week_on: the Monday of the week, in the shop's zone.
        course: the return rate of the last eight weeks, this one last.
        priorities: at most three, the most pressing first.
    """

    week_on: date
    week: Figures
    before: Figures
    course: tuple[RatePoint, ...]
    priorities: tuple[Priority, ...]


_JSON = TypeAdapter(Contents)


def build(session: Session, shop: Shop, week: Week, now: datetime) -> Contents:
    """Return the contents of the shop's digest of `week`, as known at `now`."""
    tz = zone(shop.time_zone)
    start, end = week.bounds(tz)
    four_ago, eight_ago = (midnight(week.plus(1 - weeks).monday, tz) for weeks in (_MONTH_WEEKS, 2 * _MONTH_WEEKS))
    figures = figures_of(session, shop.id, Span(start, end), now)
    before = figures_of(session, shop.id, Span(*week.plus(-1).bounds(tz)), now)
    signals = Signals(
        week=figures,
        before=before,
        month=return_figures(session, shop.id, Span(four_ago, end)),
        month_before=return_figures(session, shop.id, Span(eight_ago, four_ago)),
        stories=waiting_stories(session, shop.id),
        late=late_refunds(session, shop, now),
        products=conspicuous_products(session, shop.id, Span(midnight(week.plus(1 - _PRODUCT_WEEKS).monday, tz), end)),
    )
    course = return_rates(session, shop.id, week_edges(week, COURSE_WEEKS, tz))
    return Contents(week.monday, figures, before, course, look_first(signals))


def to_json(contents: Contents) -> dict[str, Any]:
    """Return `contents` as plain JSON values."""
    return cast("dict[str, Any]", _JSON.dump_python(contents, mode="json"))


def from_json(stored: dict[str, Any]) -> Contents:
    """Return the contents that `to_json` gave."""
    return _JSON.validate_python(stored)
