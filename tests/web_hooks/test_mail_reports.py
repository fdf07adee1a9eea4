"""The hooks of mail providers: each proves itself as its documentation says, and is taken in once."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from feedback_service.app import create_app
from feedback_service.bootstrap import Services
from feedback_service.clock import ManualClock
from feedback_service.db import Database
from feedback_service.mail.incoming.kinds import MailClass
from feedback_service.mail.models import Suppression, SuppressionReason
from feedback_service.mail.returned import Reputation, reputation, returned_mail
from feedback_service.settings import Settings
from feedback_service.surveys.models import Invitation
from feedback_service.web.hooks import postmark
from feedback_service.web.hooks.reports import LARGEST_BODY
from tests.support.builders import NOW
from tests.support.mail_hooks import (
    CERTIFICATE_URL,
    HOOKS,
    SUBSCRIBE_URL,
    TOPIC,
    House,
    bare,
    basic,
    bearer,
    bounced_at_ses,
    make_house,
    post,
    signed_by_mailgun,
    signed_by_sendgrid,
    signed_by_sns,
)


@pytest.fixture
def house(settings: Settings, clock: ManualClock, database: Database) -> House:
    """An installation with every hook on."""
    return make_house(settings, clock, database)


def hard_bounce(house: House, provider: str) -> TestResponse:
    """Report a hard bounce of the mail, as `provider` does."""
    mail, now = house.mail, house.services.clock.now().timestamp()
    said = "550 5.1.1 The email account does not exist"
    payloads: dict[str, Callable[[], Any]] = {
        "postmark": lambda: {"RecordType": "Bounce", "ID": 42, "Type": "HardBounce", "Email": mail.recipient,
                             "Details": said, "Metadata": {"message-id": bare(mail)}},
        "mailjet": lambda: [{"event": "bounce", "time": 1, "MessageID": 7, "email": mail.recipient, "hard_bounce": True,
                             "error_related_to": "recipient", "error": "user unknown", "CustomID": bare(mail)}],
        "brevo": lambda: {"event": "hard_bounce", "email": mail.recipient, "reason": said, "ts_event": 1,
                          "message-id": "<other@brevo.example>", "X-Mailin-custom": bare(mail)},
        "sendgrid": lambda: [{"event": "bounce", "email": mail.recipient, "sg_event_id": "e1", "status": "5.1.1",
                              "type": "bounce", "reason": said, "smtp-id": mail.message_id}],
        "mailgun": lambda: signed_by_mailgun(
            {"event": "failed", "severity": "permanent", "recipient": mail.recipient, "id": "x",
             "message": {"headers": {"message-id": bare(mail)}}, "delivery-status": {"message": said}}, now),
        "ses": lambda: signed_by_sns(bounced_at_ses(mail)),
    }  # fmt: skip
    headers = {"postmark": basic(), "mailjet": basic(), "brevo": bearer()}.get(provider)
    return post(house, provider, payloads[provider](), headers)


PROVIDERS = ("postmark", "mailjet", "brevo", "sendgrid", "mailgun", "ses")


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_hard_bounce_is_taken_in_once_and_silences(house: House, provider: str) -> None:
    assert hard_bounce(house, provider).status_code == 200
    if provider != "mailgun":  # which signs each of its attempts anew
        assert hard_bounce(house, provider).status_code == 200
    assert house.kinds() == [(MailClass.HARD, True)]
    assert house.suppressed() == 1


def test_a_hook_that_is_not_set_up_does_not_exist(services: Services) -> None:
    client = create_app(services).test_client()
    assert {client.post(f"/hooks/mail/{provider}", json={}).status_code for provider in PROVIDERS} == {404}


def test_without_its_proof_nothing_is_taken_in(house: House) -> None:
    signed = {"timestamp": str(int(NOW.timestamp())), "token": "a", "signature": "b"}
    payload = {"signature": signed, "Type": "Notification", "TopicArn": TOPIC, "SignatureVersion": "2",
               "SigningCertURL": CERTIFICATE_URL, "Signature": "AAAA", "Message": "{}"}  # fmt: skip
    wrong = [
        {"X-None": "1"}, basic("wrong"), bearer("wrong"), {"Authorization": "Basic é"}, {"Authorization": "Basic"},
        {"X-Twilio-Email-Event-Webhook-Signature": "AAAA", "X-Twilio-Email-Event-Webhook-Timestamp": "nan"},
    ]  # fmt: skip
    statuses = {post(house, provider, payload, headers).status_code for provider in PROVIDERS for headers in wrong}
    assert statuses == {401, 403, 406}
    assert house.kinds() == []


def test_while_a_secret_is_changed_the_old_and_the_new_one_count(
    settings: Settings, clock: ManualClock, database: Database
) -> None:
    keys = {name: f"another-one {HOOKS[name]}" for name in HOOKS if name.endswith(("_secret", "_key"))}
    changed = make_house(settings, clock, database, **keys)

    assert {hard_bounce(changed, provider).status_code for provider in PROVIDERS} == {200}
    assert post(changed, "postmark", {}, basic("another-one")).status_code == 200
    assert {post(changed, "postmark", {}, basic(f"{wrong}")).status_code for wrong in ("", " ", "another-one x")} == {
        401
    }


def test_a_complaint_is_a_complaint(house: House) -> None:
    mail, now = house.mail, NOW.timestamp()
    payloads: dict[str, Any] = {
        "postmark": {"RecordType": "SpamComplaint", "ID": 1, "Email": mail.recipient,
                     "Metadata": {"message-id": bare(mail)}},
        "mailjet": {"event": "spam", "email": mail.recipient, "CustomID": bare(mail)},
        "brevo": {"event": "spam", "email": mail.recipient, "X-Mailin-custom": bare(mail)},
        "sendgrid": [{"event": "spamreport", "email": mail.recipient, "sg_event_id": "1", "smtp-id": mail.message_id}],
        "mailgun": signed_by_mailgun({"event": "complained", "recipient": mail.recipient,
                                      "message": {"headers": {"message-id": bare(mail)}}}, now),
        "ses": signed_by_sns({"Type": "Notification", "Message": json.dumps(
            {"eventType": "Complaint", "mail": {"source": mail.return_path},
             "complaint": {"complainedRecipients": [{"emailAddress": mail.recipient}], "feedbackId": "c"}})}),
    }  # fmt: skip
    for provider, payload in payloads.items():
        headers = basic() if provider in ("postmark", "mailjet", "brevo") else None
        assert post(house, provider, payload, headers).status_code == 200, provider
    assert house.kinds() == [(MailClass.COMPLAINT, True)] * len(PROVIDERS)


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ({"Type": "HardBounce", "Details": "550 5.7.1 blocked by policy"}, MailClass.POLICY),
        ({"Type": "HardBounce", "Details": "552 mailbox full"}, MailClass.SOFT),
        ({"Type": "HardBounce", "Details": "550 words nobody has seen"}, MailClass.HARD),
        ({"Type": "SoftBounce", "Details": "550 user unknown"}, MailClass.SOFT),
        ({"Type": "SpamNotification"}, MailClass.POLICY),
        ({"Type": "AutoResponder"}, MailClass.AUTO_REPLY),
    ],
)
def test_the_server_s_words_soften_what_the_provider_calls_permanent(event: dict[str, str], kind: MailClass) -> None:
    arrival = postmark.read({"RecordType": "Bounce", "ID": 1, "Email": "a@example.com", **event})

    assert arrival
    assert arrival.kind is kind


def objection(house: House, provider: str) -> tuple[Any, dict[str, str] | None]:
    """Return what a provider reports of a recipient who unsubscribed there."""
    mail, named = house.mail, {"message": {"headers": {"message-id": bare(house.mail)}}}
    about = {"newTopicPreferences": {"unsubscribeAll": True}, "timestamp": "2026-11-23T09:00:00Z"}
    inner = {"eventType": "Subscription", "subscription": about,
             "mail": {"source": mail.return_path, "destination": [mail.recipient], "messageId": "0"}}  # fmt: skip
    match provider:
        case "postmark":
            return {"RecordType": "SubscriptionChange", "Recipient": mail.recipient, "Origin": "Recipient",
                    "SuppressSending": True, "SuppressionReason": "ManualSuppression",
                    "Metadata": {"message-id": bare(mail)}}, basic()  # fmt: skip
        case "mailjet":
            return [{"event": "unsub", "email": mail.recipient, "CustomID": bare(mail)}], basic()
        case "brevo":
            return {"event": "unsubscribed", "email": mail.recipient, "X-Mailin-custom": bare(mail)}, bearer()
        case "sendgrid":
            return [{"event": "group_unsubscribe", "email": mail.recipient, "message-id": bare(mail)}], None
        case "mailgun":
            data = {"event": "unsubscribed", "recipient": mail.recipient, **named}
            return signed_by_mailgun(data, NOW.timestamp()), None
        case _:
            return signed_by_sns({"Type": "Notification", "Message": json.dumps(inner)}), None


@pytest.mark.parametrize("provider", PROVIDERS)
def test_who_unsubscribes_at_the_provider_has_objected(house: House, provider: str) -> None:
    payload, headers = objection(house, provider)

    assert [post(house, provider, payload, headers).status_code for _ in range(2)] == [200, 200]
    with house.services.database.reading() as session:
        reasons = session.scalars(sa.select(Suppression.reason)).all()
        objected_at = session.scalars(sa.select(Invitation.objected_at)).all()
    assert (reasons, objected_at) == ([SuppressionReason.OBJECTION], [house.services.clock.now()])
    assert house.kinds() == [(MailClass.NONE, True)]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_who_unsubscribes_of_a_mail_that_is_not_ours_is_nobody(house: House, provider: str) -> None:
    payload, headers = objection(house, provider)
    text = json.dumps(payload).replace(bare(house.mail), "x@y.example").replace(house.mail.recipient or "", "a@b.test")
    if provider != "ses":  # which was signed as it stands
        assert post(house, provider, json.loads(text), headers).status_code == 200
    assert house.suppressed() == 0


def test_one_complaint_that_is_told_of_twice_pauses_nobody(house: House) -> None:
    complaint = {"RecordType": "SpamComplaint", "ID": 1, "Email": house.mail.recipient,
                 "Metadata": {"message-id": bare(house.mail)}}  # fmt: skip
    change = complaint | {"RecordType": "SubscriptionChange", "SuppressSending": True,
                          "SuppressionReason": "SpamComplaint"}  # fmt: skip
    for event in (complaint, change):
        post(house, "postmark", event, basic())

    assert house.kinds() == [(MailClass.COMPLAINT, True)] * 2
    with house.services.database.reading() as session:
        assert reputation(session, house.mail.shop_id or 0, NOW) is Reputation.GOOD
        assert returned_mail(session, [house.mail.shop_id or 0], NOW).counts == {MailClass.COMPLAINT: 1}


def test_events_that_come_in_any_order_come_to_the_same(house: House) -> None:
    def event(kind: str, number: int) -> dict[str, Any]:
        return {"RecordType": kind, "ID": number, "Type": "HardBounce", "Email": house.mail.recipient,
                "Metadata": {"message-id": bare(house.mail)}}  # fmt: skip

    for kind, number in (("SpamComplaint", 2), ("Bounce", 1), ("Delivery", 3), ("SpamComplaint", 2)):
        post(house, "postmark", event(kind, number), basic())
    with house.services.database.reading() as session:
        assert session.scalars(sa.select(Suppression.reason)).all() == [SuppressionReason.COMPLAINT]


def test_of_a_group_of_a_thousand_none_is_lost(house: House) -> None:
    said = "550 5.1.1 the server has a lot to say " * 40
    events = [{"event": "deferred", "email": f"a{number}@example.com", "response": said, "sg_event_id": str(number),
               "useragent": "Mozilla/5.0 " * 40} for number in range(999)]  # fmt: skip
    last = {"event": "bounce", "email": house.mail.recipient, "reason": "550 5.1.1 user unknown", "sg_event_id": "x",
            "smtp-id": house.mail.message_id}  # fmt: skip

    assert post(house, "sendgrid", [*events, last]).status_code == 200
    assert len(house.kinds()) == 1000
    assert house.suppressed() == 1


def test_letters_that_no_database_takes_are_no_error_of_ours(house: House) -> None:
    bad = "550 5.1.1 user\0 unknown \ud800 here"
    event = {"event": "hard_bounce", "email": house.mail.recipient, "reason": bad, "message-id": f"\0\ud800{bad}",
             "X-Mailin-custom": bare(house.mail)}  # fmt: skip

    assert post(house, "brevo", event, bearer()).status_code == 200
    assert house.kinds() == [(MailClass.HARD, True)]


def test_a_report_about_somebody_else_s_address_is_not_matched(house: House) -> None:
    payload = {"event": "spam", "email": "other@example.com", "CustomID": bare(house.mail)}

    post(house, "mailjet", payload, basic())
    assert house.kinds() == [(MailClass.COMPLAINT, False)]


RETRIES = [("sendgrid", timedelta(hours=24)), ("mailgun", timedelta(hours=8))]


def signed_at(house: House, provider: str, at: float) -> TestResponse:
    """Post a complaint with a signature of some time."""
    mail = house.mail
    events = [{"event": "spamreport", "email": mail.recipient, "timestamp": 1, "message-id": bare(mail)}]
    if provider == "sendgrid":
        return post(house, provider, events, signed_by_sendgrid(json.dumps(events).encode(), at))
    data = {"event": "complained", "recipient": mail.recipient, "message": {"headers": {"message-id": bare(mail)}}}
    return post(house, provider, signed_by_mailgun(data, at, "the-token"))


@pytest.mark.parametrize(("provider", "retries"), RETRIES)
def test_a_signature_older_than_the_last_retry_or_from_tomorrow_is_refused(
    house: House, provider: str, retries: timedelta
) -> None:
    for at in (NOW - retries - timedelta(minutes=6), NOW + timedelta(minutes=6)):
        assert signed_at(house, provider, at.timestamp()).status_code in {401, 406}
    assert house.kinds() == []


@pytest.mark.parametrize(("provider", "retries"), RETRIES)
def test_what_we_could_not_take_is_taken_at_the_last_retry_and_once(
    house: House, provider: str, retries: timedelta
) -> None:
    at = (NOW - retries).timestamp()
    assert [signed_at(house, provider, at).status_code for _ in range(2)] == [200, 200]
    assert house.kinds() == [(MailClass.COMPLAINT, True)]


def test_a_body_that_was_changed_has_no_signature_of_sendgrid(house: House) -> None:
    headers = signed_by_sendgrid(b"[]", NOW.timestamp())

    assert post(house, "sendgrid", [{"event": "spamreport"}], headers).status_code == 401


def test_a_token_of_mailgun_is_taken_once_whatever_comes_with_it(house: House) -> None:
    message = {"headers": {"message-id": bare(house.mail)}}
    post(house, "mailgun", signed_by_mailgun({"event": "delivered"}, NOW.timestamp(), "the-token"))

    forged = {"event": "complained", "recipient": house.mail.recipient, "message": message}
    assert post(house, "mailgun", signed_by_mailgun(forged, NOW.timestamp(), "the-token")).status_code == 200
    assert house.suppressed() == 0


@pytest.mark.parametrize("version", ["1", "2"])
def test_both_signatures_of_sns_are_known_and_the_certificate_is_fetched_once(house: House, version: str) -> None:
    client = house.client
    for _ in range(2):
        message = signed_by_sns(bounced_at_ses(house.mail), version)
        assert client.post("/hooks/mail/ses", json=message).status_code == 200
    assert house.sns.asked == [CERTIFICATE_URL]
    assert house.kinds() == [(MailClass.HARD, True)]


ELSEWHERE = (
    "http://sns.eu-west-3.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem",
    "https://sns.eu-west-3.amazonaws.com.evil.example/SimpleNotificationService-0123456789abcdef.pem",
    "https://evil.example/SimpleNotificationService-0123456789abcdef.pem",
    "https://s3.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem",
    "https://sns.eu-west-3.amazonaws.com@evil.example/SimpleNotificationService-0123456789abcdef.pem",
    "https://sns.eu-west-3.amazonaws.com/x/../SimpleNotificationService-0123456789abcdef.pem",
    "file:///etc/passwd",
)


def test_a_certificate_from_elsewhere_is_not_even_asked_for(house: House) -> None:
    for url in ELSEWHERE:
        message = signed_by_sns(bounced_at_ses(house.mail) | {"SigningCertURL": url})
        assert post(house, "ses", message).status_code == 403, url
    assert house.sns.asked == []


def test_a_topic_that_is_not_ours_is_refused(house: House) -> None:
    message = signed_by_sns(bounced_at_ses(house.mail) | {"TopicArn": "arn:aws:sns:eu-west-3:666666666666:bounces"})

    assert post(house, "ses", message).status_code == 403
    assert house.sns.asked == []


def test_what_was_changed_after_it_was_signed_is_refused(house: House) -> None:
    message = signed_by_sns(bounced_at_ses(house.mail)) | {"Message": "{}"}

    assert post(house, "ses", message).status_code == 403


def test_an_expired_certificate_of_sns_is_refused(house: House, clock: ManualClock) -> None:
    clock.advance(timedelta(days=2))

    assert post(house, "ses", signed_by_sns(bounced_at_ses(house.mail))).status_code == 403


def test_a_subscription_is_confirmed_at_sns_alone(house: House) -> None:
    elsewhere = (
        "https://evil.example/?Action=ConfirmSubscription&Token=a",
        f"{SUBSCRIBE_URL}".replace("Confirm", "De"),
    )
    for url in (*elsewhere, SUBSCRIBE_URL):
        message = {"Type": "SubscriptionConfirmation", "Message": "m", "Token": "abc", "SubscribeURL": url}
        assert post(house, "ses", signed_by_sns(message)).status_code == (200 if url == SUBSCRIBE_URL else 403)
    assert house.sns.asked == [CERTIFICATE_URL, SUBSCRIBE_URL]


STRANGE = (
    b"", b"[1]", b"null", b'"x"', b"{", b"[" * 100_000, b'{"event": {"a": 1}}', b'{"RecordType": ["Bounce"]}', b"\xff",
    b'{"event": "bounce", "hard_bounce": "x", "email": 5}', b'{"event": "hard_bounce", "email": null}',
    b'{"RecordType": "Bounce", "Type": "HardBounce", "Metadata": [1]}', b'{"signature": 1, "event-data": []}',
)  # fmt: skip


def test_a_strange_body_is_no_error_of_ours(house: House) -> None:
    for provider in ("postmark", "mailjet", "brevo", "sendgrid"):
        for body in STRANGE:
            headers = basic() if provider != "sendgrid" else signed_by_sendgrid(body, NOW.timestamp())
            response = house.client.post(f"/hooks/mail/{provider}", data=body, headers=headers)
            assert response.status_code in {200, 400}, (provider, body[:40])
    assert house.suppressed() == 0


def test_what_is_signed_and_strange_is_no_error_of_ours(house: House) -> None:
    for inner in (
        "",
        "{",
        "[1]",
        '{"notificationType": "Bounce", "bounce": {"bouncedRecipients": [1, {}, null]}, "mail": 1}',
    ):
        assert post(house, "ses", signed_by_sns({"Type": "Notification", "Message": inner})).status_code == 200
    strange: tuple[Any, ...] = (None, [], {"event": "failed", "delivery-status": "x", "message": 1})
    for data in strange:
        payload = signed_by_mailgun({}, NOW.timestamp()) | {"event-data": data}
        assert post(house, "mailgun", payload).status_code == 200
    assert house.suppressed() == 0


def test_a_body_that_is_too_large_is_refused(house: House) -> None:
    for provider in PROVIDERS:
        response = house.client.post(f"/hooks/mail/{provider}", data=b"x" * (LARGEST_BODY + 1), headers=basic())
        assert response.status_code == 413, provider
