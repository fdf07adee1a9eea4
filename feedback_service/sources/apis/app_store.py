"""App Store Connect API v1: the reviews that customers write in the App Store.

Written after developer.apple.com/documentation/appstoreconnectapi, "List all customer reviews for an app", "Create or
update a response to a customer review", "Generating tokens for API requests" and "Identifying rate limits". Never run
against the service.
"""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from feedback_service.sources.apis.accounts import AccountBook, AppStoreAccount
from feedback_service.sources.apis.payloads import Node, moment, node_at, nodes_at, review, stars, surprise, text_at
from feedback_service.sources.apis.services import ApiPage, Call, ReviewService, checked_text
from feedback_service.sources.apis.tokens import Grant, Token, signed
from feedback_service.sources.http.pages import Answer
from feedback_service.sources.items import Item
from feedback_service.sources.models import SourceKind

PAGE_SIZE = 200
_LASTS = timedelta(minutes=20)


class AppStore(ReviewService[AppStoreAccount]):
    """Tokens are signed by ourselves (ES256) and may last twenty minutes."""

    kind = SourceKind.APP_STORE
    name = "App Store Connect"
    longest_reply = 5970

    def __init__(self) -> None:
        super().__init__(AppStoreAccount)

    def credential(self, account: AppStoreAccount, book: AccountBook, now: datetime) -> Grant | Token | None:
        """Sign a token with the key of the account."""
        expires_at = now + _LASTS
        claims = {
            "iss": account.issuer,
            "iat": int(now.timestamp()),
            "exp": int(expires_at.timestamp()),
            "aud": "appstoreconnect-v1",
        }
        key = book.secret_file(account.private_key_file)
        return Token(signed(key, "ES256", claims, key_id=account.key_id), expires_at)

    def first_url(self, account: AppStoreAccount) -> str:
        """Return the address of the newest reviews."""
        query = urlencode({"sort": "-createdDate", "limit": PAGE_SIZE})
        return f"{account.base_url}/v1/apps/{account.app}/customerReviews?{query}"

    def read(self, account: AppStoreAccount, payload: Any, answer: Answer, url: str) -> ApiPage:  # noqa: ANN401 - any JSON
        """Read `data`; the next page is in `links`."""
        del answer
        if not isinstance(payload, dict) or not isinstance(payload.get("data"), list):
            raise surprise(self.name, url)
        nodes = [node for node in nodes_at(payload, "data") if node.get("type") == "customerReviews"]
        moments = tuple(filter(None, (moment(text_at(node_at(node, "attributes"), "createdDate")) for node in nodes)))
        following = text_at(node_at(payload, "links"), "next")
        next_url = self.own_url(account, following, url) if following else ""
        return ApiPage(tuple(filter(None, map(_item, nodes))), moments, next_url)

    def reply(self, account: AppStoreAccount, review_id: str, text: str) -> Call:
        """Post the developer's answer; it takes the place of an earlier one."""
        data = {
            "type": "customerReviewResponses",
            "attributes": {"responseBody": checked_text(text, self.longest_reply)},
            "relationships": {"review": {"data": {"type": "customerReviews", "id": review_id}}},
        }
        return Call("POST", f"{account.base_url}/v1/customerReviewResponses", {"data": data})


def _item(node: Node) -> Item | None:
    attributes = node_at(node, "attributes")
    return review(
        guid=text_at(node, "id"),
        title=text_at(attributes, "title"),
        text=text_at(attributes, "body"),
        author=text_at(attributes, "reviewerNickname"),
        published_at=moment(text_at(attributes, "createdDate")),
        rating=stars(attributes.get("rating")),
    )
