"""A source that is not heard any more, and one that is heard again, told to the operator once each.

    a poll is settled --state before, state now--> outage opened, kept or closed --> told? --> the outbox

All of it happens in the transaction that settles the poll.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from feedback_service.alerts.letters import language_of, source_context, staff_letter
from feedback_service.links import Links
from feedback_service.mail.letters import Letter
from feedback_service.mail.outbox import Outbox
from feedback_service.shops.models import Shop, Staff
from feedback_service.shops.operators import operators
from feedback_service.sources.models import UNHEARD, Source, SourceOutage, SourceState
from feedback_service.sources.outages import News, Standing, news_of, note_state
from feedback_service.sources.wording import in_words


class LostSources:
    """Tells the operator of lost sources."""

    def __init__(self, outbox: Outbox, links: Links) -> None:
        self._outbox = outbox
        self._links = links

    def source_changed_state(
        self, session: Session, source: Source, before: SourceState, after: SourceState, now: datetime
    ) -> News | None:
        """Note what a poll has found and tell the operator if it is news; return what was told.

        To be called after every settled poll, in its transaction, also where the state is the one from before: a
        site that is down is a loss only after a while. `source` may be as it was claimed; its row is read anew.
        """
        if before not in UNHEARD and after not in UNHEARD:
            return None
        row = session.get_one(Source, source.id, populate_existing=True)
        outage = note_state(session, row, after, now)
        if outage is None:
            return None
        news = news_of(_standing(row, outage, after), now)
        if news is None or not self._tell(session, row, outage, news, now):
            return None
        outage.told_at = outage.told_at or now
        session.flush()
        return news

    def _tell(self, session: Session, source: Source, outage: SourceOutage, news: News, now: datetime) -> int:
        shop = session.get_one(Shop, source.shop_id)
        letters = [self._letter(shop, staff, source, outage, news) for staff in operators(session, shop)]
        return sum(self._outbox.post(session, letter, now) is not None for letter in letters)

    def _letter(self, shop: Shop, staff: Staff, source: Source, outage: SourceOutage, news: News) -> Letter:
        reason = in_words(source.state_reason, language_of(staff))
        context = source_context(source, self._links) | {"reason": reason, "since": outage.since}
        return staff_letter(f"source_{news}", shop, staff, context, cause=f"source:{outage.id}:{news}:{staff.id}")


def _standing(source: Source, outage: SourceOutage, after: SourceState) -> Standing:
    return Standing(
        state=after,
        unheard_since=outage.since if outage.until is None else None,
        failures=source.failures,
        is_told=outage.told_at is not None,
        has_ended=source.due_at is None,
    )
