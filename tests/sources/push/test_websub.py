"""The rules of a WebSub subscriber: signatures, leases, renewals, and whom a secret may be told (R47, R56)."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_service.sources.push import websub
from feedback_service.sources.push.websub import Mode

SECRET = "s" * 64
BODY = b"<rss/>"
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
PRIVATE = ("127.0.0.0/8", "::1/128")


def signature(method: str, body: bytes = BODY, secret: str = SECRET) -> str:
    """Sign as a hub does."""
    return f"{method}={hmac.new(secret.encode(), body, method).hexdigest()}"


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_every_method_of_the_recommendation_is_checked(method: str) -> None:
    right = signature(method)
    assert websub.is_signed(right, SECRET, BODY)
    assert websub.is_signed(right.upper(), SECRET, BODY)
    assert not websub.is_signed(right, SECRET, BODY + b" ")
    assert not websub.is_signed(right, SECRET + "s", BODY)
    assert not websub.is_signed(right[:-1], SECRET, BODY)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "sha256",
        "sha256=",
        "=",
        "md5=" + hmac.new(SECRET.encode(), BODY, "md5").hexdigest(),
        "sha224=" + hmac.new(SECRET.encode(), BODY, "sha224").hexdigest(),
        "none=" + hashlib.sha256(BODY).hexdigest(),
        "sha256=é\udc80",
        "sha256=" + hashlib.sha256(BODY).hexdigest(),
    ],
)
def test_anything_else_is_no_signature(header: str) -> None:
    assert not websub.is_signed(header, SECRET, BODY)


def test_without_a_secret_nothing_is_signed() -> None:
    assert not websub.is_signed(signature("sha256", secret=""), "", BODY)


@given(header=st.text(), body=st.binary(max_size=50))
def test_no_header_is_ever_a_fault(header: str, body: bytes) -> None:
    assert not websub.is_signed(header, SECRET, body)


def test_callback_and_secret_follow_from_key_and_nonce_and_tell_nothing_of_each_other() -> None:
    token, secret = websub.callback_token("key", "nonce"), websub.signing_secret("key", "nonce")
    assert token == websub.callback_token("key", "nonce")
    assert len({token, secret, websub.callback_token("key", "other"), websub.callback_token("other", "nonce")}) == 4
    assert len(token) * 4 >= 128
    assert len(secret.encode()) < 200


def test_what_is_asked_of_a_hub() -> None:
    asked = websub.subscription_form(Mode.SUBSCRIBE, "https://b.example/feed", "https://us.example/x", SECRET)
    assert asked == {
        "hub.mode": "subscribe",
        "hub.topic": "https://b.example/feed",
        "hub.callback": "https://us.example/x",
        "hub.verify": "async",
        "hub.secret": SECRET,
        "hub.lease_seconds": "864000",
    }
    left = websub.subscription_form(Mode.UNSUBSCRIBE, "https://b.example/feed", "https://us.example/x", SECRET)
    assert "hub.secret" not in left


@pytest.mark.parametrize(
    ("raw", "lease"),
    [
        ("86400", timedelta(days=1)),
        ("0", websub.SHORTEST_LEASE),
        ("1", websub.SHORTEST_LEASE),
        ("315359999", websub.LONGEST_LEASE),
        ("9" * 5000, websub.LONGEST_LEASE),
        ("", websub.ASKED_LEASE),
        ("-5", websub.ASKED_LEASE),
        ("1e9", websub.ASKED_LEASE),
        ("\u0661\u0662", websub.ASKED_LEASE),
    ],
)
def test_a_lease_is_kept_within_bounds(raw: str, lease: timedelta) -> None:
    assert websub.lease_of(raw) == lease


@given(raw=st.text(), chance=st.floats(0, 1))
def test_a_lease_is_renewed_before_it_ends_and_never_in_a_hurry(raw: str, chance: float) -> None:
    lease = websub.lease_of(raw)
    wait = websub.renewal_after(lease, chance)
    assert websub.SHORTEST_LEASE * 0.79 < wait <= lease * 0.9
    assert websub.SHORTEST_LEASE <= lease <= websub.LONGEST_LEASE


def test_patience_doubles_from_an_hour_to_a_day_and_keeps_retry_after() -> None:
    hours = [websub.patience(failures) / timedelta(hours=1) for failures in (0, 1, 2, 3, 4, 5, 6, 1000)]
    assert hours == [1, 1, 2, 4, 8, 16, 24, 24]
    assert websub.patience(1, 3 * 86_400) == timedelta(days=3)
    assert websub.patience(1, 5) == timedelta(hours=1)


def test_a_hub_that_keeps_silent_while_polls_find_news_is_not_relied_on() -> None:
    earlier = NOW - timedelta(hours=1)
    assert not websub.is_trusted(None, None)
    assert not websub.is_trusted(None, NOW)
    assert websub.is_trusted(NOW, None)
    assert websub.is_trusted(NOW, NOW)
    assert not websub.is_trusted(earlier, NOW)


@pytest.mark.parametrize(
    ("public_url", "is_fine"),
    [
        ("https://feedback.example.com", True),
        ("http://feedback.example.com", False),
        ("http://127.0.0.1:8000", True),
        ("http://localhost:8000", True),
        ("http://[::1]:8000", True),
        ("http://10.0.0.1", False),
        ("http://2130706433", False),
    ],
)
def test_a_hub_may_call_only_what_is_encrypted_or_in_a_network_that_is_allowed(
    public_url: str,
    is_fine: bool,  # noqa: FBT001 - a table
) -> None:
    problem = websub.callback_problem(public_url, PRIVATE)
    assert (problem == "") is is_fine
    if problem:
        assert public_url in problem
        assert "https://" in problem
    assert (websub.callback_problem(public_url, ()) == "") is public_url.startswith("https")


@pytest.mark.parametrize(
    ("hub", "asked"),
    [
        ("http://hub.example/", "https://hub.example/"),
        ("http://hub.example:80/x?y=1", "https://hub.example/x?y=1"),
        ("https://hub.example/", "https://hub.example/"),
        (" http://127.0.0.1:9/hub ", "http://127.0.0.1:9/hub"),
        ("http://10.0.0.1/", "https://10.0.0.1/"),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ("", ""),
    ],
)
def test_a_secret_is_told_over_https_only(hub: str, asked: str) -> None:
    assert websub.hub_address(hub, PRIVATE) == asked


@given(text=st.text())
def test_no_address_is_ever_a_fault(text: str) -> None:
    websub.is_inside(text, PRIVATE)
    websub.hub_address(text, PRIVATE)
