"""What a hub pushes becomes a story at once if it is signed; anything else is acknowledged and forgotten (R56)."""

import socket
import threading
from datetime import timedelta
from urllib.parse import urlsplit

import httpx
import pytest
import sqlalchemy as sa

from feedback_service.alerts.models import Story
from feedback_service.mail.models import OutboxMail
from feedback_service.mentions.models import Document, Mention
from feedback_service.scanning.push import INLINE_BYTES, INLINE_ITEMS
from feedback_service.sources.push.subscriptions import SubscriptionState
from feedback_service.sources.registry import find_source, pause
from tests.support.builders import NOW
from tests.support.feeds import rss, rss_item
from tests.support.hub import sign
from tests.web_hooks.conftest import House

BAD = rss_item(
    "Atelier Lumen : deux mois d'attente et jamais remboursé, service client injoignable. Honteux, à fuir !",
    guid="bad",
    link="https://blog.example.com/post",
)
GOOD = rss_item("Un tout autre sujet", guid="other", link="https://blog.example.com/other")
BODY = rss(BAD, GOOD)


@pytest.fixture
def subscribed(house: House) -> House:
    """The installation once its feed is pushed."""
    house.renew()
    assert house.subscription().state is SubscriptionState.ACTIVE
    house.clock.advance(timedelta(minutes=1))
    return house


def post(house: House, body: bytes, headers: dict[str, str]) -> int:
    """Post to the callback as anybody could who knows it."""
    raw = {name.encode(): value.encode("latin-1") for name, value in headers.items()}
    return httpx.post(house.hub.asked[-1]["hub.callback"], content=body, headers=raw, trust_env=False).status_code


def nothing_came(house: House) -> bool:
    return house.count(Document) == 0 and house.subscription().last_push_at is None


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_a_signed_push_becomes_a_mention_a_story_and_an_alert(subscribed: House, method: str) -> None:
    assert subscribed.hub.publish(BODY, method=method) == 202
    assert [subscribed.count(table) for table in (Document, Mention, Story, OutboxMail)] == [2, 1, 1, 1]
    source, now = subscribed.source(), subscribed.clock.now()
    assert (source.last_new_at, source.due_at) == (now, NOW + timedelta(hours=1))
    assert subscribed.subscription().last_push_at == now
    with subscribed.services.database.reading() as session:
        mention = session.scalars(sa.select(Mention)).one()
    assert not mention.is_baseline
    assert mention.url == "https://blog.example.com/post"


def test_the_same_push_again_changes_nothing(subscribed: House) -> None:
    for _ in range(3):
        assert subscribed.hub.publish(BODY) == 202
    assert [subscribed.count(table) for table in (Document, Mention, Story, OutboxMail)] == [2, 1, 1, 1]


def test_the_same_push_many_times_at_once_changes_nothing(subscribed: House) -> None:
    statuses: list[int] = []
    threads = [threading.Thread(target=lambda: statuses.append(subscribed.hub.publish(BODY))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [202] * 4
    assert [subscribed.count(table) for table in (Document, Mention, Story, OutboxMail)] == [2, 1, 1, 1]


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "sha256=",
        "sha256=" + "0" * 64,
        sign(BODY, "another secret"),
        sign(BODY + b" ", "another body"),
        "md5=" + "0" * 32,
        "none",
        "sha256=\xff",
    ],
)
def test_a_push_that_is_not_signed_is_acknowledged_and_forgotten(subscribed: House, header: str | None) -> None:
    assert post(subscribed, BODY, {} if header is None else {"X-Hub-Signature": header}) == 202
    assert nothing_came(subscribed)


def test_a_signature_for_another_body_is_none(subscribed: House) -> None:
    secret = subscribed.hub.asked[-1]["hub.secret"]
    assert post(subscribed, BODY, {"X-Hub-Signature": sign(BODY + b" ", secret)}) == 202
    assert nothing_came(subscribed)


def test_a_signature_from_one_subscription_does_not_open_another(subscribed: House) -> None:
    first = subscribed.hub.asked[-1]
    subscribed.change(hub=subscribed.hub.address + "?new")
    subscribed.renew(timedelta(minutes=1))
    [second] = [
        form for form in subscribed.hub.asked if form.get("hub.secret", first["hub.secret"]) != first["hub.secret"]
    ]
    headers = {"X-Hub-Signature": sign(BODY, first["hub.secret"])}
    assert httpx.post(second["hub.callback"], content=BODY, headers=headers, trust_env=False).status_code == 202
    assert subscribed.count(Document) == 0


def test_before_the_hub_has_asked_back_nothing_is_taken(house: House) -> None:
    house.hub.asks_back = "never"
    house.renew()
    assert house.hub.publish(BODY) == 202
    assert nothing_came(house)


def test_once_left_the_hub_is_told_that_we_are_gone(subscribed: House) -> None:
    form = subscribed.hub.asked[-1]
    with subscribed.services.database.writing() as session:
        pause(session, find_source(session, subscribed.source_id))
    headers = {"X-Hub-Signature": sign(BODY, form["hub.secret"])}
    assert post(subscribed, BODY, headers) == 202
    subscribed.renew(timedelta(minutes=1))
    assert post(subscribed, BODY, headers) == 410
    assert subscribed.count(Document) == 0


@pytest.mark.parametrize(
    "content_type",
    ["application/atom+xml", "text/plain", "application/json", "image/png; charset=utf-7\tx", "x" * 5000, ""],
)
def test_a_content_type_that_lies_does_no_harm(subscribed: House, content_type: str) -> None:
    assert subscribed.hub.publish(BODY, content_type=content_type) == 202
    # What may not be read at all is left to a poll, which then says why.
    assert subscribed.count(Mention) == 1 or subscribed.source().due_at == subscribed.clock.now()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"<html><body>no feed</body></html>",
        b"\x00\xff" * 100,
        b'<!DOCTYPE x [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><rss>&c;</rss>',
        rss(*(rss_item(f"note {n}", guid=str(n)) for n in range(INLINE_ITEMS + 1))),
        rss(rss_item("x" * INLINE_BYTES, guid="1")),
    ],
    ids=["nothing", "blank", "a page", "no text", "entities", "many items", "a large one"],
)
def test_what_cannot_be_taken_in_at_once_is_left_to_a_poll_that_is_due_now(subscribed: House, body: bytes) -> None:
    assert subscribed.hub.publish(body) == 202
    assert subscribed.count(Document) == 0
    assert subscribed.source().due_at == subscribed.clock.now()
    assert subscribed.subscription().last_push_at == subscribed.clock.now()


def test_a_source_that_has_not_taken_stock_yet_is_polled_first(subscribed: House) -> None:
    subscribed.change(baseline_at=None)
    assert subscribed.hub.publish(BODY) == 202
    assert subscribed.count(Document) == 0
    assert subscribed.source().due_at == subscribed.clock.now()


def test_a_huge_body_is_refused_and_nothing_kept(subscribed: House) -> None:
    body = b"x" * (subscribed.services.settings.fetch_max_bytes + 1)
    assert subscribed.hub.publish(body) == 413
    assert nothing_came(subscribed)


def test_a_body_longer_than_any_page_but_shorter_than_a_feed_may_be_is_verified(subscribed: House) -> None:
    assert subscribed.hub.publish(b"<rss>" + b" " * 3_000_000 + b"</rss>") == 202
    assert subscribed.source().due_at == subscribed.clock.now()


def test_a_body_in_chunks_is_verified_like_any_other(subscribed: House) -> None:
    form = subscribed.hub.asked[-1]
    headers = {"X-Hub-Signature": sign(BODY, form["hub.secret"])}
    pieces = (BODY[start : start + 100] for start in range(0, len(BODY), 100))
    answer = httpx.post(form["hub.callback"], content=pieces, headers=headers, trust_env=False)
    assert answer.status_code == 202
    assert subscribed.count(Mention) == 1


def test_a_length_that_lies_stores_nothing(subscribed: House) -> None:
    form = subscribed.hub.asked[-1]
    parts = urlsplit(form["hub.callback"])
    head = (
        f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Length: {len(BODY) + 50}\r\n"
        f"X-Hub-Signature: {sign(BODY, form['hub.secret'])}\r\n\r\n"
    )
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=5) as connection:
        connection.sendall(head.encode() + BODY)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(1000):
            pass
    assert nothing_came(subscribed)


def test_the_database_holds_no_story_for_what_is_not_about_us(subscribed: House) -> None:
    assert subscribed.hub.publish(rss(GOOD)) == 202
    assert [subscribed.count(table) for table in (Document, Mention, OutboxMail)] == [1, 0, 0]
