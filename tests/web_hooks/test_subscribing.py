"""A subscription from the first request to the last: asked, confirmed, renewed, left (R56)."""

from datetime import timedelta

import httpx
import pytest

from feedback_service.cli.checks import check_push
from feedback_service.findings import Finding
from feedback_service.hashing import token_digest
from feedback_service.logs import mask_tokens
from feedback_service.sources.push import websub
from feedback_service.sources.push.subscriptions import SubscriptionState, WebSubSubscription
from feedback_service.sources.registry import find_source, pause, resume
from tests.support.builders import NOW
from tests.support.hub import CHALLENGE
from tests.web_hooks.conftest import TOPIC, House

ACTIVE, PENDING = SubscriptionState.ACTIVE, SubscriptionState.PENDING
LEAVING, ENDED = SubscriptionState.LEAVING, SubscriptionState.ENDED


def test_a_feed_that_names_a_hub_is_subscribed_to_and_the_challenge_given_back(house: House) -> None:
    assert house.renew() == 1
    [form] = house.hub.asked
    assert (form["hub.mode"], form["hub.topic"]) == ("subscribe", TOPIC)
    assert form["hub.callback"].startswith(f"{house.services.settings.public_url}/hooks/websub/")
    assert house.hub.confirmed == [(200, CHALLENGE)]
    row = house.subscription()
    assert (row.state, row.lease_until, row.failures) == (ACTIVE, NOW + timedelta(days=10), 0)
    assert row.due_at is not None
    assert NOW + timedelta(days=8) <= row.due_at <= NOW + timedelta(days=9)
    assert row.claim is None


def test_neither_callback_nor_secret_is_in_the_database(house: House) -> None:
    house.renew()
    [form] = house.hub.asked
    row = house.subscription()
    token = form["hub.callback"].rpartition("/")[2]
    stored = {str(value) for value in vars(row).values()}
    assert token_digest(token) in stored
    assert not stored & {token, form["hub.secret"]}
    assert len(form["hub.secret"].encode()) < 200


def test_a_hub_may_ask_after_its_answer_too(house: House) -> None:
    house.hub.asks_back = "after"
    house.renew()
    row = house.subscription()
    assert (row.state, row.failures) == (PENDING, 1)
    assert "not asked yet" in row.reason
    house.hub.ask_those_waiting()
    row = house.subscription()
    assert (row.state, row.failures, row.reason) == (ACTIVE, 0, "")
    assert house.renew(timedelta(hours=2)) == 0


def test_a_hub_that_asks_back_and_then_fails_has_subscribed_us_all_the_same(house: House) -> None:
    house.hub.status = 500
    house.renew()
    assert house.subscription().state is ACTIVE
    assert house.renew(timedelta(hours=2)) == 0


def test_the_lease_is_renewed_before_it_ends_under_the_same_callback(house: House) -> None:
    house.renew()
    assert house.renew(timedelta(days=7)) == 0
    assert house.renew(timedelta(days=2)) == 1
    first, second = house.hub.asked
    assert first == second
    assert house.subscription().lease_until == NOW + timedelta(days=19)


def test_a_hub_that_asks_twice_is_told_yes_twice_and_changes_nothing(house: House) -> None:
    house.renew()
    before = vars(house.subscription())
    house.clock.advance(timedelta(minutes=5))
    assert house.hub.ask_back(house.hub.asked[0], **{"hub.lease_seconds": "99999999"}) == (200, CHALLENGE)
    after = vars(house.subscription())
    assert {key: value for key, value in after.items() if key[0] != "_"} == {
        key: value for key, value in before.items() if key[0] != "_"
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"hub.topic": "https://other.example.com/feed"},
        {"hub.topic": TOPIC + "/"},
        {"hub.topic": ""},
        {"hub.mode": "unsubscribe"},
        {"hub.mode": ""},
        {"hub.mode": "SUBSCRIBE"},
        {"hub.challenge": ""},
        {"hub.challenge": "x" * 1001},
    ],
    ids=str,
)
def test_what_was_not_asked_for_is_not_confirmed(house: House, changes: dict[str, str]) -> None:
    house.hub.asks_back = "never"
    house.renew()
    assert house.hub.ask_back(house.hub.asked[0], **changes) == (404, "")
    assert house.subscription().state is PENDING


def test_a_confirmation_that_comes_days_later_is_refused(house: House) -> None:
    house.hub.asks_back = "never"
    house.renew()
    house.clock.advance(timedelta(days=1, seconds=1))
    assert house.hub.ask_back(house.hub.asked[0]) == (404, "")


def test_whoever_guesses_learns_nothing(house: House) -> None:
    house.renew()
    base = house.services.links.websub("")
    question = {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.challenge": "c"}
    with httpx.Client(trust_env=False) as client:
        guesses = [client.get(base + token, params=question) for token in ("a" * 64, "x", "a" * 5000, "%00", "é")]
        pushes = [client.post(base + token, content=b"<rss/>") for token in ("a" * 64, "x", "%00")]
    wrong = house.hub.ask_back(house.hub.asked[0], **{"hub.topic": "https://other.example.com/"})
    assert {(answer.status_code, answer.text) for answer in (*guesses, *pushes)} == {wrong} == {(404, "")}


@pytest.mark.parametrize(
    ("lease", "kept"),
    [
        ("0", websub.SHORTEST_LEASE),
        ("-1", websub.ASKED_LEASE),
        ("", websub.ASKED_LEASE),
        ("soon", websub.ASKED_LEASE),
        ("9" * 400, websub.LONGEST_LEASE),
    ],
)
def test_absurd_leases_are_bounded(house: House, lease: str, kept: timedelta) -> None:
    house.hub.lease = lease
    house.renew()
    assert house.subscription().lease_until == NOW + kept


def test_a_denial_is_noted_in_words_and_tried_again_after_a_week(house: House) -> None:
    house.renew()
    denied = {"hub.mode": "denied", "hub.reason": "too many\nfeeds\x00" + "x" * 5000}
    status, text = house.hub.ask_back(house.hub.asked[0], **denied)
    assert status == 200
    assert text == CHALLENGE
    row = house.subscription()
    assert row.state is ENDED
    assert row.reason.startswith("The hub has denied the subscription: too many feeds")
    assert len(row.reason) < 300
    assert house.renew(timedelta(days=6)) == 0
    assert house.renew(timedelta(days=1, minutes=1)) == 1
    assert house.subscription().state is ACTIVE
    assert house.hub.asked[0]["hub.callback"] != house.hub.asked[1]["hub.callback"]


def test_a_denial_for_another_topic_is_none(house: House) -> None:
    house.renew()
    denied = {"hub.mode": "denied", "hub.topic": "https://other.example.com/"}
    assert house.hub.ask_back(house.hub.asked[0], **denied)[0] == 404
    assert house.subscription().state is ACTIVE


@pytest.mark.parametrize("status", [400, 404, 410, 422, 429, 500, 503])
def test_a_hub_that_refuses_is_asked_ever_more_seldom(house: House, status: int) -> None:
    house.hub.status, house.hub.asks_back = status, "never"
    assert house.renew() == 1
    row = house.subscription()
    assert (row.state, row.failures) == (PENDING, 1)
    assert f"HTTP {status}" in row.reason
    assert "no such topic" in row.reason
    assert house.renew(timedelta(minutes=59)) == 0
    assert house.renew(timedelta(minutes=10)) == 1
    assert house.renew(timedelta(hours=1, minutes=10)) == 0
    for _ in range(10):
        house.renew(timedelta(days=2))
    assert len(house.hub.asked) == 12
    house.hub.status, house.hub.asks_back = 202, "before"
    house.renew(timedelta(days=2))
    row = house.subscription()
    assert (row.state, row.failures, row.reason) == (ACTIVE, 0, "")


def test_a_hub_that_never_asks_back_is_asked_again_later(house: House) -> None:
    house.hub.asks_back = "never"
    house.renew()
    assert house.renew(timedelta(hours=1, minutes=10)) == 1
    assert house.subscription().failures == 2
    assert house.subscription().state is PENDING


def test_a_hub_on_a_private_address_is_never_asked(house: House) -> None:
    house.change(hub="https://10.0.0.1/hub")
    house.renew()
    row = house.subscription()
    assert row.state is PENDING
    assert "not on the public internet" in row.reason


@pytest.mark.parametrize(
    "named", ["javascript:alert(1)", "hub", "https://h.example/" + "x" * 1000, "http://u:p@h.example/"]
)
def test_what_cannot_be_a_hub_is_not_asked(house: House, named: str) -> None:
    house.change(hub=named)
    assert house.renew() == 0
    assert house.subscriptions() == []


def test_a_topic_that_is_missing_is_the_address_that_is_polled(house: House) -> None:
    house.change(topic="")
    house.renew()
    assert house.hub.asked[0]["hub.topic"] == TOPIC


def test_a_source_that_was_never_scanned_is_not_pushed_yet(house: House) -> None:
    house.change(baseline_at=None)
    assert house.renew() == 0


def test_a_paused_source_is_left_and_comes_back(house: House) -> None:
    house.renew()
    with house.services.database.writing() as session:
        pause(session, find_source(session, house.source_id))
    house.clock.advance(timedelta(minutes=1))
    assert house.renew() == 1
    assert house.hub.asked[-1]["hub.mode"] == "unsubscribe"
    assert house.hub.asked[-1]["hub.callback"] == house.hub.asked[0]["hub.callback"]
    assert house.hub.confirmed[-1] == (200, CHALLENGE)
    assert (house.subscription().state, house.subscription().due_at) == (ENDED, None)
    with house.services.database.writing() as session:
        resume(session, find_source(session, house.source_id), house.clock.now())
    assert house.renew(timedelta(minutes=1)) == 1
    assert house.subscription().state is ACTIVE


def test_another_hub_takes_the_place_of_the_one_before(house: House) -> None:
    house.renew()
    house.change(hub=house.hub.address + "?new")
    assert house.renew(timedelta(minutes=1)) == 2
    assert [row.state for row in house.subscriptions()] == [ENDED, ACTIVE]
    assert sorted(form["hub.mode"] for form in house.hub.asked) == ["subscribe", "subscribe", "unsubscribe"]


def test_a_feed_that_names_another_hub_each_time_is_followed_for_a_while_only(house: House) -> None:
    house.hub.asks_back = "never"
    for number in range(10):
        house.change(hub=f"{house.hub.address}?{number}")
        house.renew(timedelta(minutes=1))
    assert len(house.subscriptions()) == 3


def test_a_source_that_is_removed_is_left(house: House) -> None:
    house.renew()
    with house.services.database.writing() as session:
        session.delete(find_source(session, house.source_id))
    house.renew(timedelta(minutes=1))
    assert house.hub.asked[-1]["hub.mode"] == "unsubscribe"
    assert house.subscription().state is ENDED
    house.renew(timedelta(days=8))
    assert house.subscriptions() == []


def test_a_hub_that_does_not_let_us_go_is_told_three_times(house: House) -> None:
    house.renew()
    house.hub.asks_back = "never"
    house.change(due_at=None)
    for _ in range(5):
        house.renew(timedelta(days=1))
    assert [form["hub.mode"] for form in house.hub.asked].count("unsubscribe") == 3
    row = house.subscription()
    assert (row.state, row.due_at) == (ENDED, None)
    assert "did not confirm" in row.reason


def test_without_https_there_is_no_subscription(house: House) -> None:
    public = house.services.settings.model_copy(update={"public_url": "http://feedback.example.com"})
    elsewhere = type(house.services)(public, house.clock, house.services.database)
    assert elsewhere.subscriber.arrange(NOW) == 0
    assert house.count(WebSubSubscription) == 0
    elsewhere.fetcher.close()


def test_a_restored_installation_with_another_key_is_confirmed_again_at_the_next_renewal(house: House) -> None:
    house.renew()
    before = house.subscription().token_digest
    with house.services.database.writing() as session:
        session.get_one(WebSubSubscription, house.subscription().id).token_digest = "of another key"  # noqa: S105 - no password
    house.renew(timedelta(days=9, minutes=1))
    assert house.subscription().token_digest == before
    assert house.hub.confirmed[-1] == (200, CHALLENGE)


def test_doctor_says_what_is_pushed_and_why_not(house: House) -> None:
    assert check_push(house.services) == Finding("Push", "1 feeds offer to be pushed, 0 are.")
    house.renew()
    assert check_push(house.services) == Finding("Push", "1 feeds offer to be pushed, 1 are.")
    house.hub.ask_back(house.hub.asked[0], **{"hub.mode": "denied", "hub.reason": "no room"})
    denied = check_push(house.services)
    assert "0 are. The hub has denied the subscription: no room." in denied.found
    assert denied.to_do
    public = house.services.settings.model_copy(update={"public_url": "http://feedback.example.com"})
    unsafe = check_push(type(house.services)(public, house.clock, house.services.database))
    assert "does not begin with https://" in unsafe.found
    assert "FEEDBACK_PUBLIC_URL" in unsafe.to_do


def test_the_token_of_a_callback_is_masked_in_logs(house: House) -> None:
    house.renew()
    callback = house.hub.asked[0]["hub.callback"]
    assert mask_tokens(callback) == house.services.links.websub("***")
