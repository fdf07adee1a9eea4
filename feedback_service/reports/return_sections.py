"""The sections about returns: how much comes back, and for which reasons."""

from collections.abc import Iterator

from feedback_service.reports import drawings
from feedback_service.reports.drawings import Table
from feedback_service.reports.figures import ReturnFigures
from feedback_service.reports.section import Section, View, interval
from feedback_service.reports.statistics import Rate, Ratio, rate_trend
from feedback_service.reports.words import Words


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
    sentences = (*_beside_the_others(now, words), *(() if is_said else (unknown,)))
    return Section("reasons", title, number, caption, sentences, chart=drawings.reasons_chart(now, words))


def _beside_the_others(now: ReturnFigures, words: Words) -> Iterator[str]:
    """Yield what can be acted on where "another reason", which is many reasons, comes first."""
    named = now.named_reason
    if named and now.main_reason_rate.is_shown:
        yield words.say(
            "“Another reason” gathers what customers said in their own words. The most frequent reason with a name: "
            "{reason} ({number}).",
            reason=words.quoted(words.reason(named.reason)),
            number=words.number(named.returns),
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


def _plain(now: ReturnFigures, words: Words) -> str:
    rate = now.main_reason_rate
    return f"{words.share(rate)} ({words.parts(rate)})" if rate.is_shown else words.parts(rate)


def _reach(now: ReturnFigures, words: Words) -> str:
    return interval(words.reach(now.rate_orders), words)
