"""An average rating that has fallen, told to the staff of the shop once: stars without a text say it too.

a poll is settled --the average before, the average now--> a sentence --> the outbox
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from feedback_service.alerts.letters import language_of, source_context, staff_letter
from feedback_service.alerts.stories import who_is_told
from feedback_service.links import Links
from feedback_service.mail.letters import Letter
from feedback_service.mail.outbox import Outbox
from feedback_service.shops.models import Shop, Staff
from feedback_service.sources.models import Source
from feedback_service.sources.wording import in_words


class FallingRatings:
    """Tells the staff of a shop of averages that have fallen."""

    def __init__(self, outbox: Outbox, links: Links) -> None:
        self._outbox = outbox
        self._links = links

    def rating_fell(
        self, session: Session, source: Source, sentence: str, now_shown: Mapping[str, float], now: datetime
    ) -> int:
        """Tell everybody who gets the alerts of the shop, once for each fall; return how many were told.

        `sentence` says the fall, as `review_pages.aggregates.fell` makes it; `now_shown` is the average it fell to.
        """
        shop = session.get_one(Shop, source.shop_id)
        fall = f"rating:{source.id}:{now_shown['value']:g}:{now_shown['count']:g}"
        letters = [self._letter(shop, staff, source, sentence, fall) for staff in who_is_told(session, shop)]
        return sum(self._outbox.post(session, letter, now) is not None for letter in letters)

    def _letter(self, shop: Shop, staff: Staff, source: Source, sentence: str, fall: str) -> Letter:
        context = source_context(source, self._links) | {"sentence": in_words(sentence, language_of(staff))}
        return staff_letter("rating_fell", shop, staff, context, cause=f"{fall}:{staff.id}")
