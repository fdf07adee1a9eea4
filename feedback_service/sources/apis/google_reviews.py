"""Google Business Profile: the reviews of one location (My Business API v4).

Written after developers.google.com/my-business, "accounts.locations.reviews" (list, updateReply), and
developers.google.com/identity, "Refreshing an access token". Never run against the service.
"""

import re
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from feedback_service.sources.apis.accounts import AccountBook, GoogleReviewsAccount
from feedback_service.sources.apis.payloads import Node, moment, node_at, nodes_at, review, surprise, text_at
from feedback_service.sources.apis.services import ApiPage, Call, ReviewService, checked_text
from feedback_service.sources.apis.tokens import Grant, Token
from feedback_service.sources.http.pages import Answer
from feedback_service.sources.items import Item
from feedback_service.sources.models import SourceKind

PAGE_SIZE = 50
_STARS = {"ONE": 1.0, "TWO": 2.0, "THREE": 3.0, "FOUR": 4.0, "FIVE": 5.0}
_TRANSLATION = "(Translated by Google)"
_ORIGINAL = re.compile(r"\(Original\)\s*", re.IGNORECASE)


class GoogleReviews(ReviewService[GoogleReviewsAccount]):
    """An empty location answers with an empty object: there is no `reviews` then."""

    kind = SourceKind.GOOGLE_REVIEWS
    name = "Google Business Profile"
    longest_reply = 4096

    def __init__(self) -> None:
        super().__init__(GoogleReviewsAccount)

    def credential(self, account: GoogleReviewsAccount, book: AccountBook, now: datetime) -> Grant | Token | None:
        """Ask by the refresh token."""
        del book, now
        form = {
            "grant_type": "refresh_token",
            "client_id": account.client_id.get_secret_value(),
            "client_secret": account.client_secret.get_secret_value(),
            "refresh_token": account.refresh_token.get_secret_value(),
        }
        return Grant(account.token_url, form)

    def first_url(self, account: GoogleReviewsAccount) -> str:
        """Return the address of the reviews that were written or edited last."""
        return _page_url(account, "")

    def read(self, account: GoogleReviewsAccount, payload: Any, answer: Answer, url: str) -> ApiPage:  # noqa: ANN401 - any JSON
        """Read `reviews`; they are sorted by `updateTime`, so an edited review comes first again."""
        del answer
        if not isinstance(payload, dict) or not isinstance(payload.get("reviews", []), list):
            raise surprise(self.name, url)
        nodes = list(nodes_at(payload, "reviews"))
        moments = tuple(filter(None, (moment(text_at(node, "updateTime")) for node in nodes)))
        token = text_at(payload, "nextPageToken")
        return ApiPage(tuple(filter(None, map(_item, nodes))), moments, _page_url(account, token) if token else "")

    def reply(self, account: GoogleReviewsAccount, review_id: str, text: str) -> Call:
        """Put the owner's answer; it takes the place of an earlier one."""
        url = f"{_reviews_url(account)}/{quote(review_id, safe='')}/reply"
        return Call("PUT", url, {"comment": checked_text(text, self.longest_reply)})


def original(comment: str) -> str:
    """Return what the customer wrote: Google puts its translation before or after it, between marks."""
    before, mark, after = comment.partition(_TRANSLATION)
    if not mark:
        return comment
    parts = _ORIGINAL.split(after, maxsplit=1)
    return parts[1] if len(parts) > 1 else before


def _reviews_url(account: GoogleReviewsAccount) -> str:
    return f"{account.base_url}/v4/accounts/{account.account}/locations/{account.location}/reviews"


def _page_url(account: GoogleReviewsAccount, token: str) -> str:
    query = {"pageSize": str(PAGE_SIZE), "orderBy": "updateTime desc"} | ({"pageToken": token} if token else {})
    return f"{_reviews_url(account)}?{urlencode(query, quote_via=quote)}"


def _item(node: Node) -> Item | None:
    return review(
        guid=text_at(node, "reviewId"),
        text=original(text_at(node, "comment")),
        author=text_at(node_at(node, "reviewer"), "displayName"),
        published_at=moment(text_at(node, "createTime"), text_at(node, "updateTime")),
        rating=_STARS.get(text_at(node, "starRating")),
    )
