"""The figures of a shop over a period chosen by a link."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum

from flask import Blueprint, request

from feedback_service.bootstrap import Services
from feedback_service.digest.periods import month_edges, week_edges, week_of
from feedback_service.errors import NotFoundError
from feedback_service.formats import zone
from feedback_service.reports.figures import Span
from feedback_service.reports.queries import figures_of
from feedback_service.reports.returned import return_rates
from feedback_service.reports.section import Section, View
from feedback_service.reports.sections import sections
from feedback_service.reports.words import Words
from feedback_service.shops.models import Role, Shop
from feedback_service.web import auth
from feedback_service.web.pages import language, page


class Period(StrEnum):
    """The periods on offer, all up to now; the value stands in the address."""

    FOUR_WEEKS = "4w"
    TWELVE_WEEKS = "12w"
    TWELVE_MONTHS = "12m"


@dataclass(frozen=True, slots=True)
class Buckets:
    """A period cut into weeks or months; `label` names one by its first instant."""

    edges: tuple[datetime, ...]
    label: Callable[[datetime], str]

    @property
    def span(self) -> Span:
        """The whole period."""
        return Span(self.edges[0], self.edges[-1])


def add_views(pages: Blueprint, services: Services) -> None:
    """Add the dashboard to `pages`."""

    @pages.get("/dashboard")
    @auth.staff_only(Role.MANAGER, Role.ADMIN)
    def dashboard() -> str:
        shop, period, now = wanted_shop(), _wanted_period(), services.clock.now()
        words = Words(language(), zone(shop.time_zone))
        cut = buckets(period, now, words.tz, words)
        with services.database.reading() as db:
            figures = figures_of(db, shop.id, cut.span, now)
            course = return_rates(db, shop.id, cut.edges)
        return page(
            "managers/dashboard.html",
            shop=shop,
            period=period,
            periods=[(each, _period_word(each, words)) for each in Period],
            since=words.full_day(cut.edges[0]),
            is_empty=not (figures.returned.orders or figures.returned.returns or figures.heard.mentions),
            # The page's question first, the others in their order.
            sections=sorted(sections(View(figures, None, course, cut.label), words), key=_is_other_question),
            note=words.note(),
        )


def buckets(period: Period, now: datetime, tz: tzinfo, words: Words) -> Buckets:
    """Return the weeks or months of `period`, the current one included."""
    if period is Period.TWELVE_MONTHS:
        return Buckets(month_edges(now, 12, tz), words.month)
    weeks = 4 if period is Period.FOUR_WEEKS else 12
    return Buckets(week_edges(week_of(now, tz), weeks, tz), words.short_day)


def wanted_shop() -> Shop:
    """Return the shop the address names, or the reader's first; one the reader may not see does not exist."""
    shops, slug = auth.person().shops, request.args.get("shop") or None
    for shop in shops:
        if slug in {None, shop.slug}:
            return shop
    sentence = f"There is no shop {slug!r}." if slug else "This account works for no shop yet."
    raise NotFoundError(sentence)


def _is_other_question(section: Section) -> bool:
    return section.key != "reasons"


def _wanted_period() -> Period:
    try:
        return Period(request.args.get("period", ""))
    except ValueError:
        return Period.TWELVE_WEEKS


def _period_word(period: Period, words: Words) -> str:
    match period:
        case Period.FOUR_WEEKS:
            return words.say("4 weeks")
        case Period.TWELVE_WEEKS:
            return words.say("12 weeks")
        case Period.TWELVE_MONTHS:
            return words.say("12 months")
