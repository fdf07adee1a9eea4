"""Sections: what a page or a digest shows of the figures, made once and laid out by each.

A section answers one question: one number in large with its n and interval, some sentences, a table of
facts, a chart with the table of its numbers. So the mail, its text part and the page say the same.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from feedback_service.reports import drawings
from feedback_service.reports.drawings import Chart, Table
from feedback_service.reports.figures import (
    AnswerFigures,
    Figures,
    HeardFigures,
    RatePoint,
    ReturnFigures,
    SourceLine,
)
from feedback_service.reports.statistics import Rate, Ratio, count_trend, mean_trend, rate_trend
from feedback_service.reports.words import Words
from feedback_service.sources.wording import in_words


@dataclass(frozen=True, slots=True)
class Section:
    """One question answered.

    Attributes:
        key: stable name, for anchors and Content-IDs.
        number: what matters, in large; may be a word.
        caption: what the number is, with n and interval.
    """

    key: str
    title: str
    number: str
    caption: str
    sentences: tuple[str, ...] = ()
    facts: Table | None = None
    chart: Chart | None = None


@dataclass(frozen=True, slots=True)
class View:
    """What sections are made from; `before` None where nothing is compared."""

    figures: Figures
    before: Figures | None
    course: Sequence[RatePoint]
    label: Callable[[datetime], str]


def sections(view: View, words: Words) -> tuple[Section, ...]:
    """Return every section, the most asked for first."""
    figures, before = view.figures, view.before
    return (
        returns_section(view, words),
        reasons_section(figures.returned, words),
        satisfaction_section(figures.answered, before.answered if before else None, words),
        response_section(figures.answered, words),
        heard_section(figures.heard, before.heard if before else None, words),
        sources_section(figures.sources, words),
    )


def returns_section(view: View, words: Words) -> Section:
    """How much comes back: the three rates, each named, and the course."""
    now = view.figures.returned
    if not now.orders and not now.returns:
        number, caption = "0", words.say("No orders and no returns in this period.")
    elif now.rate_orders.is_shown and now.orders:
        number = words.share(now.rate_orders)
        caption = words.say("of orders came back: {parts}", parts=words.parts(now.rate_orders)) + _reach(now, words)
    else:
        number = words.number(now.returns)
        caption = words.count(
            "return, with {orders}: too few for a percentage.",
            "returns, with {orders}: too few for a percentage.",
            now.returns,
            orders=words.count("{number} order", "{number} orders", now.orders),
        )
    return Section(
        key="returns",
        title=words.say("How much comes back?"),
        number=number,
        caption=caption,
        sentences=tuple(_about_returns(now, view.before.returned if view.before else None, words)),
        facts=_rates(now, words),
        chart=drawings.course_chart(view.course, view.label, words),
    )


def reasons_section(now: ReturnFigures, words: Words) -> Section:
    """Why items come back: the main reason, and how many reasons are unknown."""
    title = words.say("For which reasons?")
    if not now.returns:
        return Section("reasons", title, "–", words.say("No returns in this period, so no reasons."))
    unknown = words.say("The reason of {parts} returns is unknown.", parts=words.parts(now.unknown_reason_rate))
    if now.unknown_reason_rate.is_shown:
        unknown = words.say(
            "The reason of {parts} returns ({share}) is unknown.",
            parts=words.parts(now.unknown_reason_rate),
            share=words.share(now.unknown_reason_rate),
        )
    if now.main_reason is None:
        return Section("reasons", title, words.reason("unknown"), unknown)
    number, caption = _first_place(now, words)
    is_said = not now.unknown_reason_rate.k and not now.main_reason_rate.is_shown
    return Section(
        "reasons", title, number, caption, () if is_said else (unknown,), chart=drawings.reasons_chart(now, words)
    )


def _first_place(now: ReturnFigures, words: Words) -> tuple[str, str]:
    """Return number and caption: the main reason by name only where it is one, and of enough cases."""
    rate = now.main_reason_rate
    names = words.listing([words.quoted(words.reason(code)) for code in now.main_reasons])
    if not rate.is_shown:
        few = words.say("returns have a known reason: too few to name a main one.")
        most = words.say("Most frequent: {reason} ({number}).", reason=names, number=words.number(rate.k))
        if now.main_reason_tied:
            most = words.say("Tied for the first place: {reasons} ({number} each).", reasons=names, number=rate.k)
        return words.say(
            "{part} of {whole}", part=words.number(rate.n), whole=words.number(now.returns)
        ), f"{few} {most}"
    if now.main_reason_tied:
        return words.share(rate), words.say(
            "Tied for the first place: {reasons} ({number} each).", reasons=names, number=words.parts(rate)
        )
    return words.reason(now.main_reasons[0]), words.say(
        "is the most frequent known reason: {share}", share=_plain(now, words)
    )


def satisfaction_section(now: AnswerFigures, before: AnswerFigures | None, words: Words) -> Section:
    """How customers found the handling: CSAT, CES and their intervals."""
    title = words.say("How satisfied are customers with the handling?")
    if not now.csat.n:
        caption = words.say("No answers in this period. Surveys go out a day after the refund.")
        return Section("satisfaction", title, "–", caption)
    if now.csat.is_shown:
        caption = words.say("satisfied or very satisfied (CSAT, 4 or 5 of 5): {parts}", parts=words.parts(now.csat))
        caption += _interval(words.reach(now.csat), words)
    else:
        caption = words.say("satisfied or very satisfied (CSAT, 4 or 5 of 5); too few for a percentage.")
    sentences = []
    if before:
        sentences.append(words.change(rate_trend(before.csat, now.csat), words.share(before.csat)))
    if before and now.ces_mean.n:
        effort = words.change(mean_trend(before.ces_mean, now.ces_mean), words.plain_mean(before.ces_mean))
        sentences.append(
            words.say("Ease of the return, mean {mean}.", mean=words.plain_mean(now.ces_mean)) + f" {effort}"
        )
    return Section(
        "satisfaction",
        title,
        words.share(now.csat),
        caption,
        tuple(sentences),
        facts=Table(
            words.say("Ease of the return (CES)"),
            (words.say("Figure"), words.say("Value"), "n"),
            (
                (words.say("Easy (5 to 7 of 7)"), words.share_and_reach(now.ces), words.number(now.ces.n)),
                (words.say("Mean, of 7"), words.mean(now.ces_mean), words.number(now.ces_mean.n)),
            ),
        ),
        chart=drawings.satisfaction_chart(now, before, words),
    )


def response_section(now: AnswerFigures, words: Words) -> Section:
    """How many of the surveys sent in the period were answered (R39)."""
    title = words.say("Who answers?")
    if not now.response.n:
        return Section("response", title, "–", words.say("No survey was sent in this period."))
    if now.response.is_shown:
        caption = words.say("of the surveys sent in this period are answered: {parts}", parts=words.parts(now.response))
        caption += _interval(words.reach(now.response), words)
    else:
        caption = words.say("surveys sent in this period are answered; too few for a percentage.")
    late = words.say("Answers to the latest surveys still come in, so this can only rise.")
    return Section("response", title, words.share(now.response), caption, (late,))


def heard_section(now: HeardFigures, before: HeardFigures | None, words: Words) -> Section:
    """What is said in public, and how fast it was seen and taken up."""
    caption = words.count("new negative story", "new negative stories", now.stories)
    sentences = []
    if before:
        sentences.append(words.change(count_trend(before.stories, now.stories), words.number(before.stories)))
    if now.waiting:
        sentences.append(
            words.count("{number} of them waits for an owner.", "{number} of them wait for an owner.", now.waiting)
        )
    rows = (
        (words.say("Mentions found"), words.number(now.mentions)),
        (words.say("Positive minus negative, per 100 mentions"), words.score(now.sentiment)),
        (words.say("From publication to story (median)"), words.delay(now.detect)),
        (words.say("From our first reading to story (median)"), words.delay(now.detect_from_fetch)),
        (words.say("From story to an owner (median)"), words.delay(now.acknowledge)),
    )
    return Section(
        "heard",
        words.say("What is said about the shop?"),
        words.number(now.stories),
        caption,
        tuple(sentences),
        facts=Table(words.say("Mentions and how fast they were seen"), (words.say("Figure"), words.say("Value")), rows),
    )


def sources_section(sources: Sequence[SourceLine], words: Words) -> Section:
    """Where we listen, and which sources are not heard: silence is never good news."""
    title = words.say("Where do we listen?")
    if not sources:
        return Section(
            "sources",
            title,
            "0",
            words.say("sources: nothing that is said in public can be heard. Add a feed or a review page."),
        )
    lost = [source for source in sources if source.is_trouble]
    number = words.say("{part} of {whole}", part=len(sources) - len(lost), whole=len(sources))
    caption = words.count("source is heard", "sources are heard", len(sources))
    return Section("sources", title, number, caption, tuple(_about_sources(sources, words)))


def _about_returns(now: ReturnFigures, before: ReturnFigures | None, words: Words) -> Iterator[str]:
    if before:
        yield words.change(rate_trend(before.rate_orders, now.rate_orders), words.share(before.rate_orders))
    if now.returns_of_unknown_order:
        yield words.count(
            "{number} return belongs to an order we do not know; it counts here.",
            "{number} returns belong to orders we do not know; they count here.",
            now.returns_of_unknown_order,
        )
    if now.returns_rejected:
        yield words.count(
            "{number} return was rejected; it counts here.",
            "{number} returns were rejected; they count here.",
            now.returns_rejected,
        )
    if now.other_currencies:
        yield words.count(
            "{number} order in another currency is left out of the rate by value.",
            "{number} orders in other currencies are left out of the rate by value.",
            now.other_currencies,
        )


def _rates(now: ReturnFigures, words: Words) -> Table | None:
    if not now.orders:
        return None
    value = words.say(
        "{part} of {whole}",
        part=words.money(now.rate_value.part, now.currency),
        whole=words.money(now.rate_value.whole, now.currency),
    )
    rows = (
        _rate_row(words.say("Orders, in the period"), now.rate_orders, words.parts(now.rate_orders), words),
        _rate_row(words.say("Units, in the period"), now.rate_units, words.parts(now.rate_units), words),
        _rate_row(words.say("Value, in the period"), now.rate_value, value, words),
        _cohort_row(now, words),
    )
    head = (words.say("Rate"), words.say("Share"), words.say("95% interval"), words.say("Counts"))
    return Table(words.say("Return rates"), head, rows)


def _rate_row(name: str, rate: Rate | Ratio, counts: str, words: Words) -> tuple[str, ...]:
    return name, words.share(rate) if rate.is_shown else "–", words.reach(rate), counts


def _cohort_row(now: ReturnFigures, words: Words) -> tuple[str, ...]:
    rate = now.rate_cohort
    if not now.returns_of_unknown_order:
        name = words.say("Of the orders placed in the period, so far")
        return _rate_row(name, rate, words.parts(rate), words)
    # The orders of some returns are not known: this counts too few, and no interval would say by how much.
    name = words.say("Of the orders placed in the period, so far at least")
    return name, words.share(rate) if rate.is_shown else "–", "–", words.parts(rate)


def _about_sources(sources: Sequence[SourceLine], words: Words) -> Iterator[str]:
    states = {
        "blocked": words.say("refuses us"),
        "down": words.say("cannot be reached"),
        "changed": words.say("has changed its form"),
        "silent": words.say("has been silent"),
    }
    for source in sources:
        if source.is_trouble:
            state = states.get(source.state, words.say("is paused"))
            since = words.say(
                "{title} {state} since {day}.", title=source.title, state=state, day=words.day(source.since)
            )
            yield f"{since} {in_words(source.reason, words.language)}".strip()
        elif source.has_gap:
            yield words.say("{title}: mentions may have been missed between two readings.", title=source.title)
    if any(source.is_trouble for source in sources):
        yield words.say("No news from a source that is not heard is not good news.")


def _plain(now: ReturnFigures, words: Words) -> str:
    rate = now.main_reason_rate
    return f"{words.share(rate)} ({words.parts(rate)})" if rate.is_shown else words.parts(rate)


def _reach(now: ReturnFigures, words: Words) -> str:
    return _interval(words.reach(now.rate_orders), words)


def _interval(reach: str, words: Words) -> str:
    return "." if reach == "–" else words.say(" (95% interval {reach}).", reach=reach)
