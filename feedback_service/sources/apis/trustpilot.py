"""Trustpilot Business API v1: service reviews of one business unit.

Written after developers.trustpilot.com, "Business Units API" (Get private reviews, Get a business unit's reviews),
"Service Reviews API" (Reply to a review) and "Authentication" (Client credentials). Never run against the service.
"""

from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from feedback_service.errors import InvalidInputError
from feedback_service.sources.apis.accounts import AccountBook, TrustpilotAccount
from feedback_service.sources.apis.payloads import Node, moment, node_at, nodes_at, review, stars, surprise, text_at
from feedback_service.sources.apis.services import ApiPage, Call, ReviewService, checked_text
from feedback_service.sources.apis.tokens import Grant, Token
from feedback_service.sources.http.pages import Answer
from feedback_service.sources.items import Item
from feedback_service.sources.models import SourceKind

PAGE_SIZE = 100
_TOKEN_PATH = "/v1/oauth/oauth-business-users-for-applications/accesstoken"  # noqa: S105 - a path
_PUBLIC_PAGE = "https://www.trustpilot.com/reviews/"


class Trustpilot(ReviewService[TrustpilotAccount]):
    """With a secret the private reviews by OAuth 2.0, without one the public reviews by the key alone."""

    kind = SourceKind.TRUSTPILOT
    name = "Trustpilot"
    longest_reply = 5000

    def __init__(self) -> None:
        super().__init__(TrustpilotAccount)

    def credential(self, account: TrustpilotAccount, book: AccountBook, now: datetime) -> Grant | Token | None:
        """Ask by client credentials; the public reviews need no token."""
        del book, now
        if account.secret is None:
            return None
        basic = (account.key.get_secret_value(), account.secret.get_secret_value())
        return Grant(f"{account.base_url}{_TOKEN_PATH}", {"grant_type": "client_credentials"}, basic)

    def headers(self, account: TrustpilotAccount, token: Token | None) -> dict[str, str]:
        """Send the key in a header, never in the address, which ends up in logs."""
        return super().headers(account, token) | {"apikey": account.key.get_secret_value()}

    def first_url(self, account: TrustpilotAccount) -> str:
        """Return the address of the newest reviews."""
        return _page_url(account, 1)

    def read(self, account: TrustpilotAccount, payload: Any, answer: Answer, url: str) -> ApiPage:  # noqa: ANN401 - any JSON
        """Read `reviews`. The pages are numbered; beyond the last one the list is empty."""
        del answer
        if not isinstance(payload, dict) or not isinstance(payload.get("reviews"), list):
            raise surprise(self.name, url)
        nodes = list(nodes_at(payload, "reviews"))
        page = int(url.rpartition("page=")[2])
        moments = tuple(filter(None, (moment(text_at(node, "createdAt")) for node in nodes)))
        more = len(nodes) >= PAGE_SIZE
        return ApiPage(tuple(filter(None, map(_item, nodes))), moments, _page_url(account, page + 1) if more else "")

    def reply(self, account: TrustpilotAccount, review_id: str, text: str) -> Call:
        """Post the company's answer; it is signed by the business user of the account."""
        if account.secret is None or account.business_user is None:
            sentence = "To answer on Trustpilot the account needs secret and business_user in accounts.toml."
            raise InvalidInputError(sentence, field="business_user")
        url = f"{account.base_url}/v1/private/reviews/{quote(review_id, safe='')}/reply"
        message = checked_text(text, self.longest_reply)
        return Call("POST", url, {"authorBusinessUserId": account.business_user, "message": message})


def _page_url(account: TrustpilotAccount, page: int) -> str:
    private = "/private" if account.secret else ""
    query = urlencode({"orderBy": "createdat.desc", "perPage": PAGE_SIZE, "page": page})
    return f"{account.base_url}/v1{private}/business-units/{account.business_unit}/reviews?{query}"


def _item(node: Node) -> Item | None:
    guid = text_at(node, "id")
    return review(
        guid=guid,
        title=text_at(node, "title"),
        text=text_at(node, "text"),
        author=text_at(node_at(node, "consumer"), "displayName"),
        published_at=moment(text_at(node, "createdAt")),
        rating=stars(node.get("stars")),
        url=f"{_PUBLIC_PAGE}{quote(guid, safe='')}",
    )
