"""What the hooks of mail providers share: a bounded body, a proof, events that are taken in once each.

A provider whose secret is not set has no hook: its address does not exist. What is not proven learns
nothing. An event that is understood or of no interest is answered 200; while the database is away the
answer is 503, and the provider comes again.
"""

import base64
import binascii
import hmac
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

import structlog
from flask import Blueprint, Response, request
from werkzeug.exceptions import ClientDisconnected

from feedback_service.bootstrap import Services
from feedback_service.inbound.events import Arrival

LARGEST_BODY = 4_000_000
"""Of a group of 1,000 events, the largest that a provider sends at once, with long words of servers."""
CLOCKS_APART = timedelta(minutes=5)
"""How far two clocks may be apart (R47)."""

Event = Mapping[str, Any]
Reading = Callable[[Event], Arrival | None]

log = structlog.get_logger()


def add_hook(
    hooks: Blueprint,
    services: Services,
    provider: str,
    *,
    is_on: Callable[[], bool],
    is_proven: Callable[[bytes], bool],
    reading: Reading,
    refusal: HTTPStatus = HTTPStatus.UNAUTHORIZED,
) -> None:
    """Add `/hooks/mail/<provider>`: one event, or a list of them, as JSON."""

    def receive() -> Response:
        if not is_on():
            return answer(HTTPStatus.NOT_FOUND)
        body = bounded_body()
        if body is None:
            return answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if not is_proven(body):
            log.warning("report of a mail provider without its proof refused", provider=provider)
            return answer(refusal)
        events = events_of(body)
        if events is None:
            return answer(HTTPStatus.BAD_REQUEST)
        take_in(services, (reading(event) for event in events))
        return answer(HTTPStatus.OK)

    hooks.add_url_rule(f"/mail/{provider}", f"mail_{provider}", receive, methods=["POST"])


def take_in(services: Services, arrivals: Iterable[Arrival | None]) -> None:
    """Take in what was read of the events; None is of no interest."""
    said = [arrival for arrival in arrivals if arrival is not None]
    services.inbound_desk.take_reports(said, services.clock.now())


def bounded_body() -> bytes | None:
    """Return the raw body; None when it is too large or did not come whole."""
    request.max_content_length = LARGEST_BODY
    if (request.content_length or 0) > LARGEST_BODY:
        return None
    try:
        return request.get_data(cache=False)
    except ClientDisconnected:
        return b""


def events_of(body: bytes) -> list[Event] | None:
    """Return the objects of a JSON body; None for what is no JSON of objects."""
    try:
        loaded = json.loads(body)
    except (ValueError, RecursionError):
        return None
    events = loaded if isinstance(loaded, list) else [loaded]
    if not all(isinstance(event, dict) for event in events):
        return None
    return events


def has_secret(secrets: str) -> bool:
    """Tell whether the request carries one of `secrets`: as password of basic authentication, or as bearer token."""
    method, _, given = request.headers.get("Authorization", "").partition(" ")
    match method.lower():
        case "bearer":
            return is_one_of(given.strip(), secrets.split())
        case "basic":
            return is_one_of(_password(given), secrets.split())
        case _:
            return False


def is_one_of(given: str, secrets: Sequence[str]) -> bool:
    """Compare with each in constant time: while a secret is changed two are live (R47)."""
    return sum([hmac.compare_digest(given.encode(), secret.encode()) for secret in secrets]) > 0


def is_recent(timestamp: str, now: datetime, retries: timedelta) -> bool:
    """Tell whether a time in seconds since 1970 is not before the first of a provider's `retries`, nor to come.

    Each event is taken once, so one that is played again within that time does nothing (R47).
    """
    try:
        age = timedelta(seconds=now.timestamp() - float(timestamp))
    except (ValueError, OverflowError):
        return False
    return -CLOCKS_APART <= age <= retries + CLOCKS_APART


def answer(status: HTTPStatus) -> Response:
    """Return an answer without words."""
    response = Response("", status=status, mimetype="text/plain")
    if status is HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Basic realm="reports"'
    return response


def _password(given: str) -> str:
    try:
        decoded = base64.b64decode(given.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""
    return decoded.partition(":")[2]
