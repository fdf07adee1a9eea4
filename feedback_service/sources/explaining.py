"""What would be read at an address, and how often, for people who want to know before they add it. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from feedback_service.sources.http.pages import Page
from feedback_service.sources.items import Item, Reading
from feedback_service.sources.polling import PollFacts, next_poll, usual_wait
from feedback_service.sources.rhythm import rhythm_of


@dataclass(frozen=True, slots=True)
class Explanation:
    """One answer of a source, in the terms of a poll.

    Attributes:
        newest_at, oldest_at: of the items that say when they were published.
        usual_pause: how often it publishes; None where the dates do not tell.
        wait: the time between two polls, as it would be kept.
        next_at: when the next poll would be: after `wait`, in an hour that the site allows.
        ratings: how many items carry stars; `mean_share` is their mean between 0 and 1.
    """

    page: Page
    reading: Reading
    newest_at: datetime | None
    oldest_at: datetime | None
    usual_pause: timedelta | None
    wait: timedelta
    next_at: datetime
    ratings: int
    mean_share: float | None

    @property
    def has_validators(self) -> bool:
        """Tell whether the site can be asked whether anything has changed."""
        return bool(self.page.validators)


def explain(page: Page, reading: Reading, floor: int, ceiling: int, now: datetime) -> Explanation:
    """Return what an answer says; `floor` and `ceiling` are the settings of the poll interval, in seconds."""
    published = sorted(item.published_at for item in reading.items if item.published_at)
    rhythm = rhythm_of(published, now)
    shares = [share for item in reading.items if (share := _share(item)) is not None]
    facts = PollFacts(
        floor,
        ceiling,
        has_validators=bool(page.validators),
        published=published,
        asked=max(page.max_age or 0, reading.ttl or 0),
        skip_hours=frozenset(reading.skip_hours),
        skip_days=frozenset(reading.skip_days),
    )
    return Explanation(
        page=page,
        reading=reading,
        newest_at=published[-1] if published else None,
        oldest_at=published[0] if published else None,
        usual_pause=rhythm.usual if rhythm else None,
        wait=usual_wait(now, facts),
        next_at=next_poll(now, facts),
        ratings=len(shares),
        mean_share=sum(shares) / len(shares) if shares else None,
    )


def _share(item: Item) -> float | None:
    return item.rating / item.best_rating if item.rating is not None and item.best_rating else None
