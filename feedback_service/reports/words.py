"""Figures in words, in a reader's language: shares with their interval, changes, durations, days.

A percentage is only written from ten cases on (R36); below, the counts themselves are.
"""

from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo

from babel import dates, lists

from feedback_service import formats, i18n
from feedback_service.reports.figures import Delay
from feedback_service.reports.statistics import Mean, Rate, Ratio, Score, Trend
from feedback_service.returns import reasons

_ONE_DECIMAL_FROM = 100  # With fewer cases a decimal would pretend a precision that is not there.


class Words:
    """Says figures in `language`, with instants in `tz`."""

    def __init__(self, language: str, tz: tzinfo) -> None:
        self.language = language
        self.tz = tz
        self._dates = formats.locale_of(language)
        catalogue = i18n.translations(language)
        self._gettext: Callable[[str], str] = catalogue.gettext
        self._ngettext: Callable[[str, str, int], str] = catalogue.ngettext

    def say(self, message: str, /, **values: object) -> str:
        """Return the translation of `message` with its `{names}` filled in."""
        return self._gettext(message).format(**values)

    def count(self, one: str, many: str, number: int, /, **values: object) -> str:
        """Return the translation that fits `number`, which fills `{number}`."""
        return self._ngettext(one, many, number).format(number=self.number(number), **values)

    def number(self, value: float, digits: int = 0) -> str:
        """Return a number with grouped thousands."""
        return formats.number(value, self.language, digits)

    def percent(self, share: float, n: int) -> str:
        """Return a share as a percentage, as precise as n allows."""
        return formats.percent(share, self.language, 1 if n >= _ONE_DECIMAL_FROM else 0)

    def money(self, value: float, currency: str) -> str:
        """Return an amount of money."""
        return formats.money(value, currency, self.language)

    def reason(self, code: str) -> str:
        """Return the words for one of our reason codes."""
        return reasons.label(code, self.language)

    def quoted(self, text: str) -> str:
        """Return `text` in the quotation marks of the language."""
        return self.say("“{text}”", text=text)

    def share(self, rate: Rate | Ratio) -> str:
        """Return the percentage; where n is too small the counts; a dash where there is nothing to count."""
        if rate.share is None:
            return "–"
        if rate.is_shown:
            return self.percent(rate.share, rate.n)
        return self.parts(rate)

    def parts(self, rate: Rate | Ratio) -> str:
        """Return the counts behind a rate, such as '54 of 461'."""
        part, whole = (rate.k, rate.n) if isinstance(rate, Rate) else (rate.part, rate.whole)
        return self.say("{part} of {whole}", part=self.number(part), whole=self.number(whole))

    def reach(self, rate: Rate | Ratio) -> str:
        """Return the 95 % interval, such as '9.0–15.0%'; a dash where none is shown."""
        bounds = rate.bounds
        if bounds is None or not rate.is_shown:
            return "–"
        return self._range(bounds[0], bounds[2], rate.n)

    def share_and_reach(self, rate: Rate) -> str:
        """Return the share with n and interval in one phrase."""
        if rate.share is None:
            return self.say("no case yet")
        if rate.bounds is None or not rate.is_shown:
            return self.parts(rate)
        return self.say(
            "{share} ({parts}; 95% interval {reach})",
            share=self.share(rate),
            parts=self.parts(rate),
            reach=self.reach(rate),
        )

    def mean(self, mean: Mean) -> str:
        """Return a mean on the scale of 1 to 7 with its interval."""
        if mean.value is None:
            return "–"
        value = self.number(mean.value, 1)
        if mean.low is None or mean.high is None:
            return value
        low, high = self.number(mean.low, 1), self.number(mean.high, 1)
        return self.say("{value} (95% interval {low}–{high})", value=value, low=low, high=high)

    def plain_mean(self, mean: Mean) -> str:
        """Return a mean without its interval; a dash without any case."""
        return "–" if mean.value is None else self.number(mean.value, 1)

    def score(self, score: Score) -> str:
        """Return a net score in points of a hundred, with its interval; the counts where n is small."""
        if score.value is None:
            return "–"
        if not score.is_shown or score.low is None or score.high is None:
            return self.say(
                "{positive} positive, {negative} negative, of {n}",
                positive=score.positive,
                negative=score.negative,
                n=score.n,
            )
        value, low, high = (self._signed(part) for part in (score.value, score.low, score.high))
        return self.say("{value} (95% interval {low} to {high})", value=value, low=low, high=high)

    def change(self, trend: Trend, before: str) -> str:
        """Return how a figure moved; no arrow and no direction within the error (R36)."""
        match trend:
            case Trend.UP:
                return self.say("↑ Clearly more than the week before ({before}).", before=before)
            case Trend.DOWN:
                return self.say("↓ Clearly less than the week before ({before}).", before=before)
            case _:
                return self.say("No clear change from the week before ({before}).", before=before)

    def note(self) -> str:
        """Return how to read the figures."""
        return self.say(
            "A share is shown with its 95% interval: of twenty such intervals, nineteen hold the true value. "
            "Below ten cases the counts stand instead, and an arrow only where a change is larger than chance explains."
        )

    def delay(self, delay: Delay) -> str:
        """Return a median duration with its n, such as '3 hours (n = 5)'."""
        if delay.median is None:
            return "–"
        return self.say("{duration} (n = {n})", duration=self.duration(delay.median), n=self.number(delay.n))

    def duration(self, seconds: float) -> str:
        """Return a duration in its largest fitting unit, a minute at least."""
        span = timedelta(seconds=max(60.0, seconds))
        return str(dates.format_timedelta(span, granularity="minute", threshold=1.5, locale=self.language))

    def day(self, instant: datetime) -> str:
        """Return the local day with its month, such as '23 November'."""
        return self._first(str(dates.format_skeleton("MMMMd", instant.astimezone(self.tz), locale=self._dates)))

    def full_day(self, instant: datetime) -> str:
        """Return the local day with its year, such as '23 November 2026'."""
        return formats.day(instant, self.language, self.tz)

    def short_day(self, instant: datetime) -> str:
        """Return the local day, short, such as '23 Nov'."""
        return self._first(str(dates.format_skeleton("MMMd", instant.astimezone(self.tz), locale=self._dates)))

    def month(self, instant: datetime) -> str:
        """Return the local month with its year, such as 'Nov 2026'."""
        return str(dates.format_skeleton("yMMM", instant.astimezone(self.tz), locale=self._dates))

    def listing(self, parts: list[str]) -> str:
        """Return 'a, b and c'."""
        return str(lists.format_list(parts, locale=self.language))

    def _first(self, day: str) -> str:
        return formats.first_of_month(day, self.language)

    def _range(self, low: float, high: float, n: int) -> str:
        left = self.percent(low, n).rstrip("%\u202f\u00a0")
        return f"{left}–{self.percent(high, n)}"

    def _signed(self, value: float) -> str:
        points = round(100 * value)
        return f"{'+' if points > 0 else '−' if points < 0 else ''}{self.number(abs(points))}"
