"""ISO weeks and months in a shop's zone, as instants. Pure.

A week begins at local midnight on Monday: with a clock change inside it lasts 167 or 169 hours.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

_DUE_FROM = time(8)
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """One ISO week, named by its Monday."""

    monday: date

    def __post_init__(self) -> None:
        """Refuse a day that is no Monday."""
        if self.monday.weekday():
            msg = f"{self.monday} is no Monday"
            raise ValueError(msg)

    def plus(self, weeks: int) -> "Week":
        """Return the week that many weeks later (earlier if negative)."""
        return Week(self.monday + weeks * _WEEK)

    def bounds(self, tz: tzinfo) -> tuple[datetime, datetime]:
        """Return the first instant of the week and the first after it, in UTC."""
        return midnight(self.monday, tz), midnight(self.monday + _WEEK, tz)


def midnight(day: date, tz: tzinfo) -> datetime:
    """Return the first instant of `day` in `tz`, in UTC; where a clock change skips midnight, the change itself."""
    return datetime.combine(day, time(), tzinfo=tz).astimezone(UTC)


def week_on(day: date) -> Week:
    """Return the week that holds `day`."""
    return Week(day - timedelta(days=day.weekday()))


def week_of(instant: datetime, tz: tzinfo) -> Week:
    """Return the week of the local day on which `instant` falls in `tz`."""
    return week_on(instant.astimezone(tz).date())


def last_complete_week(now: datetime, tz: tzinfo) -> Week:
    """Return the latest week that is over at `now`."""
    return week_of(now, tz).plus(-1)


def due_week(now: datetime, tz: tzinfo) -> Week:
    """Return the latest week whose digest is due: from 08:00 local time on the Monday after it."""
    last = last_complete_week(now, tz)
    due_at = datetime.combine(last.plus(1).monday, _DUE_FROM, tzinfo=tz)
    return last if now >= due_at else last.plus(-1)


def week_edges(last: Week, count: int, tz: tzinfo) -> tuple[datetime, ...]:
    """Return the count + 1 instants that bound the `count` weeks up to and with `last`, ascending, in UTC."""
    first = last.plus(1 - count)
    return tuple(midnight(first.plus(number).monday, tz) for number in range(count + 1))


def month_edges(now: datetime, count: int, tz: tzinfo) -> tuple[datetime, ...]:
    """Return the count + 1 instants that bound the `count` local months up to and with that of `now`, in UTC."""
    today = now.astimezone(tz).date()
    newest = today.year * 12 + today.month - 1
    numbers = range(newest + 1 - count, newest + 2)
    return tuple(midnight(date(number // 12, number % 12 + 1, 1), tz) for number in numbers)
