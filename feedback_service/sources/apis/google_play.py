"""Google Play Developer API v3: the reviews of the last week of one app. Older ones are never given.

Written after developers.google.com/android-publisher, "Reply to Reviews" and "reviews" (list, reply), and
developers.google.com/identity, "Using OAuth 2.0 for Server to Server Applications". Never run against the service.
"""

import json
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from feedback_service.errors import InvalidInputError
from feedback_service.sources.apis.accounts import AccountBook, GooglePlayAccount, safe_url
from feedback_service.sources.apis.payloads import Node, moment, node_at, nodes_at, review, stars, surprise, text_at
from feedback_service.sources.apis.services import ApiPage, Call, ReviewService, checked_text
from feedback_service.sources.apis.tokens import Grant, Token, signed
from feedback_service.sources.http.pages import Answer
from feedback_service.sources.items import Item
from feedback_service.sources.models import SourceKind

PAGE_SIZE = 100
_SCOPE = "https://www.googleapis.com/auth/androidpublisher"
_LASTS = timedelta(hours=1)
_KEY_FIELDS = ("client_email", "private_key", "private_key_id", "token_uri")


class GooglePlay(ReviewService[GooglePlayAccount]):
    """A service account signs an assertion (RS256, RFC 7523), for which Google gives a token of an hour."""

    kind = SourceKind.GOOGLE_PLAY
    name = "Google Play"
    longest_reply = 350

    def __init__(self) -> None:
        super().__init__(GooglePlayAccount)

    def credential(self, account: GooglePlayAccount, book: AccountBook, now: datetime) -> Grant | Token | None:
        """Ask by an assertion signed with the key of the service account."""
        key = _service_account(book.secret_file(account.service_account_file))
        claims = {
            "iss": key["client_email"],
            "scope": _SCOPE,
            "aud": key["token_uri"],
            "iat": int(now.timestamp()),
            "exp": int((now + _LASTS).timestamp()),
        }
        assertion = signed(key["private_key"].encode(), "RS256", claims, key_id=key["private_key_id"])
        form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}
        return Grant(key["token_uri"], form)

    def first_url(self, account: GooglePlayAccount) -> str:
        """Return the address of the reviews that were written or edited last."""
        return _page_url(account, "")

    def read(self, account: GooglePlayAccount, payload: Any, answer: Answer, url: str) -> ApiPage:  # noqa: ANN401 - any JSON
        """Read `reviews`; an app without any of the last week answers with an empty object."""
        del answer
        if not isinstance(payload, dict) or not isinstance(payload.get("reviews", []), list):
            raise surprise(self.name, url)
        nodes = list(nodes_at(payload, "reviews"))
        moments = tuple(filter(None, (_modified_at(_comment(node)) for node in nodes)))
        token = text_at(node_at(payload, "tokenPagination"), "nextPageToken")
        return ApiPage(tuple(filter(None, map(_item, nodes))), moments, _page_url(account, token) if token else "")

    def reply(self, account: GooglePlayAccount, review_id: str, text: str) -> Call:
        """Post the developer's answer, of 350 characters at most; it takes the place of an earlier one."""
        url = f"{_reviews_url(account)}/{quote(review_id, safe='')}:reply"
        return Call("POST", url, {"replyText": checked_text(text, self.longest_reply)})


def _service_account(content: bytes) -> dict[str, str]:
    try:
        key = json.loads(content)
    except (ValueError, RecursionError):
        key = None  # The error would quote the file.
    if not isinstance(key, dict) or not all(isinstance(key.get(name), str) and key[name] for name in _KEY_FIELDS):
        sentence = f"The service account's file is not the JSON key of Google: it needs {', '.join(_KEY_FIELDS)}."
        raise InvalidInputError(sentence, field="service_account_file")
    try:
        return key | {"token_uri": safe_url(key["token_uri"])}
    except ValueError as error:
        sentence = "The service account's file: token_uri is not an address that begins with https://."
        raise InvalidInputError(sentence, field="service_account_file") from error


def _reviews_url(account: GooglePlayAccount) -> str:
    return f"{account.base_url}/androidpublisher/v3/applications/{account.package}/reviews"


def _page_url(account: GooglePlayAccount, token: str) -> str:
    query = {"maxResults": str(PAGE_SIZE)} | ({"token": token} if token else {})
    return f"{_reviews_url(account)}?{urlencode(query)}"


def _comment(node: Node) -> Node:
    """Return the customer's comment; the developer's answer stands beside it in the same list."""
    return next((node_at(each, "userComment") for each in nodes_at(node, "comments") if "userComment" in each), {})


def _modified_at(comment: Node) -> datetime | None:
    return moment(text_at(node_at(comment, "lastModified"), "seconds"))


def _item(node: Node) -> Item | None:
    comment = _comment(node)
    title, tab, text = text_at(comment, "text").partition("\t")
    return review(
        guid=text_at(node, "reviewId"),
        title=title if tab else "",
        text=text if tab else title,
        author=text_at(node, "authorName"),
        published_at=_modified_at(comment),
        rating=stars(comment.get("starRating")),
    )
