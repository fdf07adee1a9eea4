"""Where the time comes from: rules get `now` as an argument, services get a `Clock`."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """The one source of time. `now()` is aware and in UTC."""

    def now(self) -> datetime:
        """Return the current instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock, shifted by a fixed offset (zero outside demonstrations)."""

    def __init__(self, offset: timedelta = timedelta()) -> None:
        self._offset = offset

    def now(self) -> datetime:
        """Return the machine's time plus the offset, aware, in UTC."""
        return datetime.now(UTC) + self._offset


class ManualClock:
    """A clock that moves only when told to; for tests and simulations."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """Return the instant the clock was last set to."""
        return self._now

    def advance(self, by: timedelta) -> None:
        """Move the clock forward by `by`."""
        self._now += by

    def move_to(self, instant: datetime) -> None:
        """Set the clock to `instant` (aware)."""
        self._now = instant.astimezone(UTC)
