"""The callback of WebSub: hubs ask here whether we meant a subscription, and post what a feed publishes (R47, R56).

Whoever does not know the token learns nothing: every wrong request gets the same 404. Whoever knows it but not the
secret learns nothing either: a push that is not signed is acknowledged like one that is, and forgotten.
"""

import random
from http import HTTPStatus

import structlog
from flask import Blueprint, Response, request
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from feedback_service.bootstrap import Services
from feedback_service.scanning.push import take_push
from feedback_service.sources.push import websub
from feedback_service.sources.push.subscriptions import (
    Question,
    SubscriptionState,
    WebSubSubscription,
    answer_hub,
    find_by_token,
)

log = structlog.get_logger()


def add_views(hooks: Blueprint, services: Services) -> None:
    """Add the callback to `hooks`."""

    @hooks.get("/websub/<token>")
    def confirm(token: str) -> Response:
        """Say that a subscription was meant, by giving back the challenge; or note that it was denied."""
        question = _question()
        # Guessing must not keep those who write waiting.
        if _find(services, token) is None:
            return _text(HTTPStatus.NOT_FOUND)
        chance = random.random()  # noqa: S311 - spreads renewals, guards nothing
        with services.database.writing() as session:
            is_ours = answer_hub(session, token, question, services.clock.now(), chance)
        return _text(HTTPStatus.OK, question.challenge) if is_ours else _text(HTTPStatus.NOT_FOUND)

    @hooks.post("/websub/<token>")
    def receive(token: str) -> Response:
        """Take in a signed push; acknowledge any other without looking at it."""
        subscription = _find(services, token)
        if subscription is None:
            return _text(HTTPStatus.NOT_FOUND)
        if subscription.state in {SubscriptionState.LEAVING, SubscriptionState.ENDED}:
            return _text(HTTPStatus.GONE)
        try:
            body = _signed_body(services, subscription)
        except RequestEntityTooLarge:
            log.warning("push too large", subscription=subscription.id, most=services.settings.fetch_max_bytes)
            return _text(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if body is not None and subscription.state is SubscriptionState.ACTIVE:
            take_push(services, subscription, body, request.content_type or "")
        return _text(HTTPStatus.ACCEPTED)


def _find(services: Services, token: str) -> WebSubSubscription | None:
    with services.database.reading() as session:
        return find_by_token(session, token)


def _question() -> Question:
    asked = request.args
    return Question(
        mode=asked.get("hub.mode", ""),
        topic=asked.get("hub.topic", ""),
        challenge=asked.get("hub.challenge", ""),
        lease_seconds=asked.get("hub.lease_seconds", ""),
        reason=asked.get("hub.reason", ""),
    )


def _signed_body(services: Services, subscription: WebSubSubscription) -> bytes | None:
    """Return the raw body if its signature is right; raise `RequestEntityTooLarge`."""
    header = request.headers.get("X-Hub-Signature", "")
    if not websub.is_known_method(header):
        log.warning("push without a signature ignored", subscription=subscription.id)
        return None
    request.max_content_length = services.settings.fetch_max_bytes
    try:
        body = request.get_data(cache=False)
    except ClientDisconnected:
        return None
    if websub.is_signed(header, websub.signing_secret(services.secret, subscription.nonce), body):
        return body
    log.warning("push with a wrong signature ignored", subscription=subscription.id)
    return None


def _text(status: HTTPStatus, text: str = "") -> Response:
    return Response(text, status=status, mimetype="text/plain")
