"""Paper: a digest in the words of one reader's language; mail, text part and page are laid out from it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from babel import dates

from feedback_service import formats
from feedback_service.digest.builder import Contents
from feedback_service.digest.priorities import Kind, Priority
from feedback_service.formats import zone
from feedback_service.links import Links
from feedback_service.reports.section import Section, View
from feedback_service.reports.sections import sections
from feedback_service.reports.words import Words
from feedback_service.shops.models import Shop


@dataclass(frozen=True, slots=True)
class PriorityLine:
    """One thing to look at: what, why, and where to go."""

    what: str
    why: str
    url: str


@dataclass(frozen=True, slots=True)
class Paper:
    """A digest in words.

    Attributes:
        week: the days it is about, such as '16 to 22 November 2026'.
        summary: the week in one sentence; it follows the shop's name in the subject.
        priorities: at most three; empty when nothing stands out.
        note: how to read the figures.
    """

    title: str
    week: str
    summary: str
    priorities: tuple[PriorityLine, ...]
    sections: tuple[Section, ...]
    note: str
    dashboard: str


def paper(contents: Contents, shop: Shop, language: str, links: Links) -> Paper:
    """Return `contents` in words for a reader of `language`."""
    words = Words(language, zone(shop.time_zone))
    view = View(contents.week, contents.before, contents.course, words.short_day)
    week = week_text(contents, words)
    return Paper(
        title=words.say("The week of {week}", week=week),
        week=week,
        summary=_summary(contents, words),
        priorities=tuple(_line(priority, words, links) for priority in contents.priorities),
        sections=sections(view, words),
        note=words.note(),
        dashboard=links.dashboard(),
    )


def week_text(contents: Contents, words: Words) -> str:
    """Return the days of the week, such as '16 to 22 November 2026'; what both days share is said once."""
    first, last = contents.week_on, contents.week_on + timedelta(days=6)
    pattern = "yMMMMd" if first.year != last.year else "MMMMd" if first.month != last.month else "d"
    locale = formats.locale_of(words.language)
    begun = "1er" if pattern == "d" and first.day == 1 and words.language == "fr" else ""
    begun = begun or str(dates.format_skeleton(pattern, datetime.combine(first, time()), locale=locale))
    return words.say(
        "{first} to {last}",
        first=formats.first_of_month(begun, words.language),
        last=formats.day(last, words.language),
    )


def _summary(contents: Contents, words: Words) -> str:
    found = _came_in(contents, words)
    unheard = len(contents.week.unheard_sources)
    if not unheard:
        return found
    # Else a week in which nothing could be heard would read like a good one.
    lost = words.count("{number} source was not fully heard", "{number} sources were not fully heard", unheard)
    return words.say("{found}, but {lost}", found=found, lost=lost)


def _came_in(contents: Contents, words: Words) -> str:
    returns, stories = contents.week.returned.returns, contents.week.heard.stories
    if not returns and not stories:
        return words.say("no returns and no negative stories this week")
    return words.listing(
        [
            words.count("{number} return", "{number} returns", returns),
            words.count("{number} negative story", "{number} negative stories", stories),
        ]
    )


def _line(priority: Priority, words: Words, links: Links) -> PriorityLine:
    return _LINES[priority.kind](priority, words, links)


def _story(priority: Priority, words: Words, links: Links) -> PriorityLine:
    why = words.say("Nobody has taken this story since {day}.", day=_since(priority, words))
    if priority.count > 1:
        why += " " + words.count(
            "In all, {number} story waits for an owner.", "In all, {number} stories wait for an owner.", priority.count
        )
    url = links.story(priority.target_id) if priority.target_id else links.inbox()
    return PriorityLine(words.quoted(priority.subject), why, url)


def _late_refunds(priority: Priority, words: Words, links: Links) -> PriorityLine:
    what = words.count("{number} refund is late", "{number} refunds are late", priority.count)
    why = words.say(
        "The goods are back, the money is not. The oldest was requested on {day}: this is how bad reviews begin.",
        day=_since(priority, words),
    )
    return PriorityLine(what, why, links.returned(priority.target_id) if priority.target_id else links.dashboard())


def _returns_up(priority: Priority, words: Words, links: Links) -> PriorityLine:
    return PriorityLine(words.say("More orders come back"), _moved(priority, words), links.dashboard())


def _satisfaction_down(priority: Priority, words: Words, links: Links) -> PriorityLine:
    return PriorityLine(words.say("Customers are less satisfied"), _moved(priority, words), links.dashboard())


def _product(priority: Priority, words: Words, links: Links) -> PriorityLine:
    what = words.say("{product} comes back more often than the rest", product=priority.subject)
    why = words.say("Over the last twelve weeks: {rate} of the orders with it.", rate=_rate(priority, words))
    return PriorityLine(what, why, links.dashboard())


def _reason(priority: Priority, words: Words, links: Links) -> PriorityLine:
    what = words.say("More returns for the reason “{reason}”", reason=words.reason(priority.subject))
    why = words.say("Over four weeks, of the known reasons: {change}", change=_moved(priority, words))
    return PriorityLine(what, why, links.dashboard())


def _source(priority: Priority, words: Words, links: Links) -> PriorityLine:
    what = words.count("{number} source is not heard", "{number} sources are not heard", priority.count)
    why = words.say(
        "{title}, since {day}. What is said there reaches nobody.", title=priority.subject, day=_since(priority, words)
    )
    return PriorityLine(what, why, f"{links.dashboard()}#sources")


def _low_response(priority: Priority, words: Words, links: Links) -> PriorityLine:
    what = words.say("Few customers answer")
    why = words.say(
        "{rate} of the surveys. So few answers say little about everybody else.", rate=_rate(priority, words)
    )
    return PriorityLine(what, why, links.dashboard())


def _main_reason(priority: Priority, words: Words, links: Links) -> PriorityLine:
    what = words.say("Most frequent reason: {reason}", reason=words.reason(priority.subject))
    why = words.say("Over four weeks, of the known reasons: {rate}.", rate=_rate(priority, words))
    return PriorityLine(what, why, f"{links.dashboard()}#reasons")


def _return_rate(priority: Priority, words: Words, links: Links) -> PriorityLine:
    why = words.say(
        "Over four weeks, of the orders: {rate}. That is not clearly more than before, and worth knowing.",
        rate=_rate(priority, words),
    )
    return PriorityLine(words.say("How much comes back"), why, f"{links.dashboard()}#returns")


def _response(priority: Priority, words: Words, links: Links) -> PriorityLine:
    why = words.say("Of the surveys sent this week: {rate}.", rate=_rate(priority, words))
    return PriorityLine(words.say("How many customers answer"), why, f"{links.dashboard()}#response")


def _no_source(_priority: Priority, words: Words, links: Links) -> PriorityLine:
    why = words.say("Nothing that is said in public can be heard. Add a feed or a review page.")
    return PriorityLine(words.say("No source is listened to"), why, f"{links.dashboard()}#sources")


_LINES: dict[Kind, Callable[[Priority, Words, Links], PriorityLine]] = {
    Kind.STORY: _story,
    Kind.LATE_REFUNDS: _late_refunds,
    Kind.RETURNS_UP: _returns_up,
    Kind.SATISFACTION_DOWN: _satisfaction_down,
    Kind.PRODUCT: _product,
    Kind.REASON: _reason,
    Kind.SOURCE: _source,
    Kind.LOW_RESPONSE: _low_response,
    Kind.MAIN_REASON: _main_reason,
    Kind.RETURN_RATE: _return_rate,
    Kind.RESPONSE: _response,
    Kind.NO_SOURCE: _no_source,
}


def _since(priority: Priority, words: Words) -> str:
    return words.day(priority.since) if priority.since else "–"


def _rate(priority: Priority, words: Words) -> str:
    return words.share_and_reach(priority.rate) if priority.rate else "–"


def _moved(priority: Priority, words: Words) -> str:
    if priority.rate is None or priority.before is None:
        return "–"
    return words.say(
        "{now}, after {before} before.",
        now=words.share_and_reach(priority.rate),
        before=words.share_and_reach(priority.before),
    )
