"""Whatever a hook is sent, with its proof or without, it is answered, and never with a fault on our side."""

import json
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st

from feedback_service.clock import ManualClock
from feedback_service.db import Database
from feedback_service.mail.models import IncomingMail
from feedback_service.settings import Settings
from tests.support.builders import NOW
from tests.support.fuzz import Sent, bodies, values
from tests.support.mail_hooks import House, basic, make_house, signed_by_mailgun, signed_by_sendgrid, signed_by_sns

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
EXAMPLES = 60
PROVIDERS = ("postmark", "mailjet", "brevo", "sendgrid", "mailgun", "ses")
NAMES = [
    "RecordType", "Type", "ID", "Email", "Recipient", "Metadata", "message-id", "message-id-rest", "Details",
    "SuppressSending", "SuppressionReason", "Origin", "ChangedAt", "event", "time", "MessageID", "email", "CustomID",
    "hard_bounce", "error", "error_related_to", "comment", "reason", "ts_event", "X-Mailin-custom", "smtp-id", "type",
    "status", "sg_event_id", "bounce_classification", "timestamp", "event-data", "signature", "delivery-status",
    "severity", "recipient", "message", "headers", "notificationType", "eventType", "bounce", "complaint", "mail",
    "bouncedRecipients", "complainedRecipients", "emailAddress", "source", "destination", "bounceType", "feedbackId",
    "subscription", "newTopicPreferences", "unsubscribeAll", "Message", "Type", "TopicArn",
]  # fmt: skip
WORDS = [
    "Bounce", "SpamComplaint", "SubscriptionChange", "HardBounce", "ManualSuppression", "bounce", "blocked", "unsub",
    "spam", "hard_bounce", "spamreport", "dropped", "deferred", "unsubscribe", "failed", "permanent", "complained",
    "Complaint", "DeliveryDelay", "Reject", "Subscription", "Permanent", "550 5.1.1 user unknown", "a@example.com",
]  # fmt: skip
_scalars = st.none() | st.booleans() | st.integers() | st.floats() | values | st.sampled_from(WORDS)
json_values = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=8),
    max_leaves=25,
)
events = st.dictionaries(st.sampled_from(NAMES), json_values, max_size=10)


@pytest.fixture
def house(settings: Settings, clock: ManualClock, database: Database) -> House:
    """An installation with every hook on."""
    return make_house(settings, clock, database)


def sent(house: House, provider: str, payload: Any) -> int:  # noqa: ANN401 - JSON
    """Post a payload with the proof of its provider; return the status."""
    if provider == "mailgun":
        payload = signed_by_mailgun(payload, NOW.timestamp())
    elif provider == "ses":
        payload = signed_by_sns({"Type": "Notification", "Message": json.dumps(payload)})
    body = json.dumps(payload).encode()
    headers = signed_by_sendgrid(body, NOW.timestamp()) if provider == "sendgrid" else basic()
    return house.client.post(f"/hooks/mail/{provider}", data=body, headers=headers).status_code


@pytest.mark.parametrize("provider", PROVIDERS)
def test_any_event_that_is_proven_is_answered_and_silences_nobody_it_does_not_name(house: House, provider: str) -> None:
    @given(events | st.lists(events, max_size=3) | json_values)
    @settings_of_hypothesis(max_examples=EXAMPLES, deadline=None, derandomize=True)
    def holds(payload: Any) -> None:  # noqa: ANN401 - JSON
        assert sent(house, provider, payload) in {200, 400}

    holds()
    # What came may be kept, but none of it names our mail, which nobody can guess.
    assert house.suppressed() == 0
    assert not any(is_matched for _, is_matched in house.kinds())


@pytest.mark.parametrize("provider", PROVIDERS)
def test_any_body_without_a_proof_is_refused_and_nothing_is_kept(house: House, provider: str) -> None:
    @given(
        bodies, st.sampled_from([{}, basic("wrong"), {"Authorization": "Bearer \xe9"}, {"Authorization": "Basic x"}])
    )
    @settings_of_hypothesis(max_examples=EXAMPLES // 2, deadline=None, derandomize=True)
    def holds(body: Sent, headers: dict[str, str]) -> None:
        response = house.client.post(
            f"/hooks/mail/{provider}", data=body.body, content_type=body.content_type, headers=headers
        )
        assert response.status_code in {400, 401, 403, 406}

    holds()
    with house.services.database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(IncomingMail)) == 0
