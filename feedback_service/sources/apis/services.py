"""The port of a review service: what is its own, apart from tokens, limits and paging, which all of them share."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Generic
from urllib.parse import urlsplit

from feedback_service.errors import InvalidInputError
from feedback_service.sources.apis.accounts import Account, AccountBook, AnyAccount
from feedback_service.sources.apis.payloads import surprise
from feedback_service.sources.apis.tokens import Grant, Token
from feedback_service.sources.http.pages import Answer
from feedback_service.sources.items import Item
from feedback_service.sources.models import SourceKind


@dataclass(frozen=True, slots=True)
class ApiPage:
    """One page of reviews. `moments` are the instants by which the service sorts; `next_url` is empty at the end."""

    items: tuple[Item, ...]
    moments: tuple[datetime, ...] = ()
    next_url: str = ""


EMPTY_PAGE = ApiPage(())


@dataclass(frozen=True, slots=True)
class AnswerPlace:
    """A service that takes answers: its name, and how many characters one may have."""

    name: str
    longest: int


@dataclass(frozen=True, slots=True)
class Call:
    """A request that changes something at the service."""

    method: str
    url: str
    body: Mapping[str, Any] = field(default_factory=dict)


class ReviewService(ABC, Generic[AnyAccount]):
    """One review service. It does no input or output: the caller sends what it asks for."""

    kind: ClassVar[SourceKind]
    name: ClassVar[str]
    newest_first: ClassVar[bool] = True
    longest_reply: ClassVar[int] = 0
    """Characters that an answer may have there; 0 where the API takes none."""

    def __init__(self, model: type[AnyAccount]) -> None:
        self.model = model

    @abstractmethod
    def credential(self, account: AnyAccount, book: AccountBook, now: datetime) -> Grant | Token | None:
        """Return how a token is asked for, or one that we sign ourselves; None where the account needs none."""

    def headers(self, account: AnyAccount, token: Token | None) -> dict[str, str]:
        """Return the headers that say who asks."""
        del account
        return {"Authorization": f"Bearer {token.value}"} if token else {}

    @abstractmethod
    def first_url(self, account: AnyAccount) -> str:
        """Return the address of the newest reviews."""

    @abstractmethod
    def read(self, account: AnyAccount, payload: Any, answer: Answer, url: str) -> ApiPage:  # noqa: ANN401 - any JSON
        """Return the reviews of a page that came from `url`; raise `ReadError` for what is none."""

    def reply(self, account: AnyAccount, review_id: str, text: str) -> Call:
        """Return what posts the shop's answer to a review; raise `InvalidInputError` where it cannot be posted."""
        del account, review_id, text
        sentence = f"{self.name} takes no answers by its API."
        raise InvalidInputError(sentence, field="reply")

    def own_url(self, account: Account, next_url: str, url: str) -> str:
        """Return the address of the next page as the service names it; it may not lead elsewhere with our token."""
        try:
            there, home = urlsplit(next_url), urlsplit(account.base_url)
        except ValueError as error:
            raise surprise(self.name, url) from error
        if (there.scheme, there.netloc) != (home.scheme, home.netloc):
            raise surprise(self.name, url)
        return next_url


def checked_text(text: str, longest: int) -> str:
    """Return the text of an answer, trimmed; raise `InvalidInputError` for none, or for one that is too long."""
    clean = text.strip()
    if not clean or len(clean) > longest:
        sentence = f"An answer has 1 to {longest} characters there; this one has {len(clean)}."
        raise InvalidInputError(sentence, field="text")
    return clean
