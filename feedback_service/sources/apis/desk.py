"""The review APIs of an installation: who reads each kind, and who posts answers."""

from collections.abc import Mapping
from typing import Any

from feedback_service.clock import Clock
from feedback_service.errors import InvalidInputError
from feedback_service.settings import Settings
from feedback_service.sources.adapters import Adapter
from feedback_service.sources.apis.accounts import AccountBook
from feedback_service.sources.apis.adapter import ApiAdapter
from feedback_service.sources.apis.app_store import AppStore
from feedback_service.sources.apis.avis_verifies import AvisVerifies
from feedback_service.sources.apis.google_play import GooglePlay
from feedback_service.sources.apis.google_reviews import GoogleReviews
from feedback_service.sources.apis.services import AnswerPlace, ReviewService
from feedback_service.sources.apis.trustpilot import Trustpilot
from feedback_service.sources.http.fetcher import Fetcher
from feedback_service.sources.models import SourceKind
from feedback_service.sources.places import kind_of


class ApiDesk:
    """Reads and answers reviews by official APIs. One per process; threads may share it."""

    def __init__(self, settings: Settings, fetcher: Fetcher, clock: Clock) -> None:
        book = AccountBook(settings.instance)
        self._adapters: dict[SourceKind, ApiAdapter[Any]] = {
            service.kind: ApiAdapter(service, book, fetcher, clock, settings) for service in services()
        }

    @property
    def adapters(self) -> Mapping[SourceKind, Adapter]:
        """The adapter of each kind."""
        return dict(self._adapters)

    def answers_at(self, place: str) -> AnswerPlace | None:
        """Return where an answer to a review of `place` would be read; None where none can be posted from here."""
        adapter = self._adapters.get(kind_of(place) or SourceKind.FEED)
        return adapter.answers if adapter else None

    def post_reply(self, place: str, review_id: str, text: str, *, approved_by: str) -> None:
        """Post the shop's answer to a review of the account at `place` (`trustpilot:main`); see `ApiAdapter`."""
        adapter = self._adapters.get(kind_of(place) or SourceKind.FEED)
        if adapter is None:
            sentence = f"Reviews of {place} cannot be answered from here."
            raise InvalidInputError(sentence, field="place")
        adapter.post_reply(place, review_id, text, approved_by=approved_by)


def services() -> tuple[ReviewService[Any], ...]:
    """Return every review service that is known."""
    return (Trustpilot(), GoogleReviews(), AvisVerifies(), AppStore(), GooglePlay())
