"""Avis Vérifiés (Skeepers, once NetReviews): the Published API, and the files it hosts for older integrations.

Written after apidocs.skeepers.io, "Published API" and its migration guide, and after the help page "Web resources -
product reviews" of Verified Reviews; names of fields that these leave out are those that public clients read. How the
API sorts is told by `sort` and `desc`, which were read second-hand: so its order is not relied on. Never run against
the service.
"""

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

from feedback_service.sources.apis.accounts import AccountBook, AvisVerifiesAccount
from feedback_service.sources.apis.payloads import Node, moment, nodes_at, review, stars, surprise, text_at
from feedback_service.sources.apis.services import ApiPage, ReviewService
from feedback_service.sources.apis.tokens import Grant, Token
from feedback_service.sources.http.pages import Answer
from feedback_service.sources.items import Item
from feedback_service.sources.models import SourceKind

PAGE_SIZE = 200
_API_PATH = "/verified-reviews/v1/published"
_NEXT = re.compile(r"<([^<>]{1,4000})>[^,<]*\brel=\"?next\b")
_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


class AvisVerifies(ReviewService[AvisVerifiesAccount]):
    """Its answers are posted in its own back office: the API takes none."""

    kind = SourceKind.AVIS_VERIFIES
    name = "Avis Vérifiés"
    newest_first = False

    def __init__(self) -> None:
        super().__init__(AvisVerifiesAccount)

    def credential(self, account: AvisVerifiesAccount, book: AccountBook, now: datetime) -> Grant | Token | None:
        """Ask by client credentials; the hosted files need no token."""
        del book, now
        if account.client_id is None or account.client_secret is None:
            return None
        basic = (account.client_id.get_secret_value(), account.client_secret.get_secret_value())
        return Grant(account.token_url, {"grant_type": "client_credentials", "audience": "verified-reviews"}, basic)

    def first_url(self, account: AvisVerifiesAccount) -> str:
        """Return the address of the published reviews, or of the website's file."""
        if account.website_id:
            return _file_url(account, account.website_id)
        query = urlencode({"limit": PAGE_SIZE, "sort": "publish_date", "desc": "publish_date"})
        return f"{account.base_url}{_API_PATH}/{account.reviews}/reviews?{query}"

    def read(self, account: AvisVerifiesAccount, payload: Any, answer: Answer, url: str) -> ApiPage:  # noqa: ANN401 - any JSON
        """Read the list; the next page stands in the `Link` header, a file has none."""
        if not isinstance(payload, list):
            raise surprise(self.name, url)
        make = _from_file if account.website_id else _from_api
        items = tuple(filter(None, map(make, nodes_at({"reviews": payload}, "reviews"))))
        newest_first = tuple(sorted(items, key=lambda item: item.published_at or _LONG_AGO, reverse=True))
        found = None if account.website_id else _NEXT.search(answer.headers.get("link", ""))
        return ApiPage(newest_first, (), self.own_url(account, found[1], url) if found else "")


def _file_url(account: AvisVerifiesAccount, website: str) -> str:
    product = account.product_id
    path = f"PRODUCT_API/REVIEWS/{quote(product, safe='')}.json" if product else "WEBSITE_API/reviews.json"
    return f"{account.files_url}/{account.platform}/cache/{'/'.join(website[:3])}/{website}/AWS/{path}"


def _from_api(node: Node) -> Item | None:
    return review(
        guid=text_at(node, "review_id"),
        title=text_at(node, "review_title"),
        text=text_at(node, "review_content"),
        author=f"{text_at(node, 'author_firstname')} {text_at(node, 'author_lastname')}",
        published_at=moment(text_at(node, "review_date"), text_at(node, "publish_date")),
        rating=stars(node.get("review_rate")),
    )


def _from_file(node: Node) -> Item | None:
    return review(
        guid=text_at(node, "id_review_product") or text_at(node, "id_review"),
        text=text_at(node, "review"),
        author=f"{text_at(node, 'firstname')} {text_at(node, 'lastname')}",
        published_at=moment(text_at(node, "review_date"), text_at(node, "publish_date")),
        rating=stars(node.get("rate")),
    )
