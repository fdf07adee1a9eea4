"""What each event of each provider is taken for, in the shapes of their documentation; all people are made up."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from feedback_service.inbound.events import Arrival
from feedback_service.mail.incoming.kinds import MailClass
from feedback_service.web.hooks import brevo, mailgun, mailjet, postmark, sendgrid, ses

MESSAGE = "177.4.f00d@shop.example.com"
WHO = "ines@example.com"
OBJECTION = "objection"
UNKNOWN_USER = "550 5.1.1 The email account that you tried to reach does not exist"
H, S, P, C, A, N = (
    MailClass.HARD, MailClass.SOFT, MailClass.POLICY, MailClass.COMPLAINT, MailClass.AUTO_REPLY, MailClass.NONE
)  # fmt: skip
Expected = MailClass | str | None


def told(arrival: Arrival | None) -> Expected:
    """Return the class of an arrival, "objection", or None."""
    return None if arrival is None else OBJECTION if arrival.is_objection else arrival.kind


def check(arrival: Arrival | None, expected: Expected) -> None:
    """Hold an arrival against its class, and that it names the mail and whom it went to."""
    assert told(arrival) == expected
    if arrival is not None:
        assert arrival.message_ids[0] == f"<{MESSAGE}>"
        assert arrival.recipient == WHO


def by(*names: str) -> Callable[[Any], str | None]:
    """Return what gives a case its id: the values of these fields, at whatever depth they stand."""

    def values(value: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
        for inner in value if isinstance(value, list) else ():
            yield from values(inner)
        if isinstance(value, dict):
            for name, inner in value.items():
                if name in names and isinstance(inner, str | bool):
                    yield str(inner)
                yield from values(inner)

    return lambda value: "-".join(values(value)) if isinstance(value, dict) else str(value)


def of_postmark(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {
        "RecordType": "Bounce", "ID": 901542550, "TypeCode": 1, "ServerID": 23, "MessageStream": "outbound",
        "MessageID": "2706ee8a-737c-4285-b032-ccd317af53ed", "Metadata": {"message-id": MESSAGE},
        "Email": WHO, "From": "shop@example.com", "BouncedAt": "2026-11-20T16:28:50.3963933-04:00",
        "Inactive": True, "CanActivate": True, **fields,
    }  # fmt: skip


def changed_at_postmark(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {
        "RecordType": "SubscriptionChange", "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483", "ServerID": 23,
        "MessageStream": "outbound", "ChangedAt": "2026-11-20T10:53:34.416071Z", "Recipient": WHO,
        "Origin": "Recipient", "SuppressSending": True, "SuppressionReason": "ManualSuppression",
        "Metadata": {"message-id": MESSAGE}, **fields,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (of_postmark(Type="HardBounce", TypeCode=1, Details=f"smtp;{UNKNOWN_USER}"), H),
        (of_postmark(Type="Transient", TypeCode=2, Details="smtp;452 4.2.2 over quota"), S),
        (of_postmark(Type="Unsubscribe", TypeCode=16), OBJECTION),
        (of_postmark(Type="Subscribe", TypeCode=32), None),
        (of_postmark(Type="AutoResponder", TypeCode=64), A),
        (of_postmark(Type="AddressChange", TypeCode=128), A),
        (of_postmark(Type="DnsError", TypeCode=256), S),
        (of_postmark(Type="SpamNotification", TypeCode=512), P),
        (of_postmark(Type="OpenRelayTest", TypeCode=1024), None),
        (of_postmark(Type="Unknown", TypeCode=2048), S),
        (of_postmark(Type="SoftBounce", TypeCode=4096), S),
        (of_postmark(Type="VirusNotification", TypeCode=8192), P),
        (of_postmark(Type="ChallengeVerification", TypeCode=16384), A),
        (of_postmark(Type="BadEmailAddress", TypeCode=100000), H),
        (of_postmark(Type="SpamComplaint", TypeCode=100001), C),
        (of_postmark(RecordType="SpamComplaint", Type="SpamComplaint", TypeCode=100001), C),
        (of_postmark(Type="ManuallyDeactivated", TypeCode=100002), None),
        (of_postmark(Type="Unconfirmed", TypeCode=100003), None),
        (of_postmark(Type="Blocked", TypeCode=100006), P),
        (of_postmark(Type="SMTPApiError", TypeCode=100007), P),
        (of_postmark(Type="InboundError", TypeCode=100008), None),
        (of_postmark(Type="DMARCPolicy", TypeCode=100009), P),
        (of_postmark(Type="TemplateRenderingFailed", TypeCode=100010), None),
        (of_postmark(Type="NeverHeardOf", TypeCode=7), None),
        (of_postmark(RecordType="Delivery"), None),
        (of_postmark(RecordType="Open"), None),
        (changed_at_postmark(), OBJECTION),
        (changed_at_postmark(SuppressionReason="HardBounce"), H),
        (changed_at_postmark(SuppressionReason="SpamComplaint"), C),
        (changed_at_postmark(Origin="Admin", MessageID=None), None),
        (changed_at_postmark(Origin="Customer"), None),
        (changed_at_postmark(SuppressSending=False, SuppressionReason=None), None),
    ],
    ids=by("RecordType", "Type", "Origin", "SuppressionReason"),
)  # fmt: skip
def test_postmark(event: dict[str, Any], expected: Expected) -> None:
    check(postmark.read(event), expected)


def test_postmark_s_own_examples_are_no_words_of_the_server() -> None:
    examples = "Unable to deliver (ex: mailbox full, blocked by policy, unknown user)"
    check(postmark.read(of_postmark(Type="HardBounce", Description=examples, Details=UNKNOWN_USER)), H)
    check(postmark.read(of_postmark(Type="SoftBounce", Description=examples)), S)


def test_the_names_of_postmark_s_metadata_count_in_any_case() -> None:
    check(postmark.read(of_postmark(Metadata={"Message-Id": MESSAGE}, Type="HardBounce")), H)


def of_mailjet(event: str, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {
        "event": event, "time": 1795780800, "MessageID": 19421777835146490,
        "Message_GUID": "1ab23cd4-e567-8901-2345-6789f0gh1i2j", "email": WHO, "mj_campaign_id": 7257,
        "mj_contact_id": 4, "customcampaign": "", "CustomID": MESSAGE, "Payload": "", **fields,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("about", "error", "bounced_hard", "bounced", "blocked"),
    [
        ("recipient", "user unknown", True, H, H),
        ("recipient", "user unknown", False, S, H),
        ("recipient", "mailbox inactive", True, H, H),
        ("recipient", "quota exceeded", True, S, S),
        ("recipient", "blacklisted", True, H, H),
        ("recipient", "spam reporter", True, C, C),
        ("domain", "invalid domain", True, H, H),
        ("domain", "no mail host", False, S, H),
        ("domain", "relay/access denied", True, P, P),
        ("domain", "greylisted", False, S, S),
        ("domain", "typofix", True, H, H),
        ("spam", "sender blocked", True, P, P),
        ("spam", "content blocked", True, P, P),
        ("spam", "policy issue", True, P, P),
        ("content", "bad or empty template", True, P, P),
        ("content", "error in template language", True, P, P),
        ("system", "system issue", False, S, S),
        ("system", "protocol issue", False, S, S),
        ("system", "connection issue", True, S, S),
        ("mailjet", "preblocked", True, S, S),
        ("mailjet", "duplicate in campaign", True, N, N),
        ("content", "something new", True, P, P),
        ("recipient", "something new", True, H, S),
        ("", "", False, S, S),
    ],
)
def test_mailjet_s_errors(
    about: str, error: str, *, bounced_hard: bool, bounced: MailClass, blocked: MailClass
) -> None:
    fields = {"error_related_to": about, "error": error}
    check(mailjet.read(of_mailjet("bounce", blocked=True, hard_bounce=bounced_hard, **fields)), bounced)
    check(mailjet.read(of_mailjet("blocked", **fields)), blocked)


def test_mailjet_s_other_events() -> None:
    check(mailjet.read(of_mailjet("spam", source="JMRPP")), C)
    check(mailjet.read(of_mailjet("unsub", mj_list_id=1, ip="192.0.2.1", agent="List-Unsubscribe")), OBJECTION)
    assert [mailjet.read(of_mailjet(name)) for name in ("sent", "open", "click", "new", "")] == [None] * 5


def test_the_server_s_words_in_mailjet_s_comment_count() -> None:
    fields = {"error_related_to": "recipient", "error": "user unknown", "hard_bounce": True}
    check(mailjet.read(of_mailjet("bounce", comment="550 5.7.1 blocked by policy", **fields)), P)


def of_brevo(event: str, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {
        "event": event, "email": WHO, "id": 1, "date": "2026-11-20 00:00:00", "ts": 1795780800,
        "message-id": "<201798300811.5787683@smtp-relay.example>", "ts_event": 1795780800, "ts_epoch": 1795780800000,
        "subject": "Votre retour", "X-Mailin-custom": MESSAGE, "sending_ip": "192.0.2.1", "tags": [], **fields,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (of_brevo("hard_bounce", reason=f" RecipientError: {UNKNOWN_USER}"), H),
        (of_brevo("hard_bounce", reason=" RecipientError: 550 5.7.1 message refused: spam"), P),
        (of_brevo("invalid_email", reason="the address is not valid"), H),
        (of_brevo("soft_bounce", reason="undefined Unable to find MX of domain nowhere.example"), S),
        (of_brevo("deferred", reason=f"550 RecipientError: {UNKNOWN_USER}"), S),
        (of_brevo("error"), S),
        (of_brevo("blocked", reason="blocked : due to blacklist user"), H),
        (of_brevo("blocked", reason="blocked : sender is not validated"), P),
        (of_brevo("blocked"), P),
        (of_brevo("spam"), C),
        (of_brevo("complaint"), C),
        (of_brevo("unsubscribed"), OBJECTION),
        (of_brevo("unsubscribe"), OBJECTION),
        *((of_brevo(name), None) for name in ("request", "sent", "delivered", "opened", "unique_opened", "proxy_open",
                                               "unique_proxy_open", "click", "list_addition", "new")),
    ],
    ids=by("event", "reason"),
)  # fmt: skip
def test_brevo(event: dict[str, Any], expected: Expected) -> None:
    check(brevo.read(event), expected)


def of_sendgrid(event: str, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {
        "email": WHO, "timestamp": 1795780800, "event": event, "category": ["survey"], "message-id": MESSAGE,
        "sg_event_id": "lC0Rc-FuQmKbnxCWxX1jRQ", "sg_message_id": "Lli-03HcQ5.filter0077p1las1.21536.5717FC482.0",
        **fields,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (of_sendgrid("bounce", type="bounce", status="5.1.1", reason=UNKNOWN_USER,
                     bounce_classification="Invalid Address"), H),
        (of_sendgrid("bounce", status="5.1.1", reason=UNKNOWN_USER), H),
        (of_sendgrid("bounce", type="bounce", status="5.2.2", reason="552 mailbox full"), S),
        (of_sendgrid("bounce", type="bounce", status="5.0.0", reason="550 no", bounce_classification="Content"), P),
        (of_sendgrid("bounce", type="bounce", reason="550 no", bounce_classification="Reputation"), P),
        (of_sendgrid("bounce", type="bounce", reason="550 no",
                     bounce_classification="Frequency or Volume Too High"), P),
        (of_sendgrid("bounce", type="bounce", reason="550 no", bounce_classification="Technical Failure"), S),
        (of_sendgrid("bounce", type="blocked", reason="550 5.7.1 blocked: see our policy"), P),
        (of_sendgrid("bounce", type="blocked", status="4.0.0", reason="unable to get mx info"), S),
        (of_sendgrid("bounce", type="expired", reason="no answer"), S),
        (of_sendgrid("blocked", reason="unable to get mx info"), S),
        (of_sendgrid("deferred", response="400 try again later", attempt="5"), S),
        (of_sendgrid("dropped", reason="Bounced Address"), H),
        (of_sendgrid("dropped", reason="Invalid"), H),
        (of_sendgrid("dropped", reason="Spam Reporting Address"), C),
        (of_sendgrid("dropped", reason="Unsubscribed Address"), OBJECTION),
        (of_sendgrid("dropped", reason="Spam Content"), P),
        (of_sendgrid("dropped", reason="Recipient List over Package Quota"), P),
        (of_sendgrid("dropped", reason="Invalid SMTPAPI header"), P),
        (of_sendgrid("dropped", reason="Something new"), P),
        (of_sendgrid("spamreport"), C),
        (of_sendgrid("unsubscribe"), OBJECTION),
        (of_sendgrid("group_unsubscribe", asm_group_id=10), OBJECTION),
        *((of_sendgrid(name), None) for name in ("processed", "delivered", "open", "click", "group_resubscribe", "new",
                                                  "account_status_change")),
    ],
    ids=by("event", "type", "status", "reason", "bounce_classification"),
)  # fmt: skip
def test_sendgrid(event: dict[str, Any], expected: Expected) -> None:
    check(sendgrid.read(event), expected)


def test_without_the_unique_argument_sendgrid_s_smtp_id_names_the_mail() -> None:
    event = {**of_sendgrid("bounce", reason=UNKNOWN_USER), "message-id": None, "smtp-id": f"<{MESSAGE}>"}
    check(sendgrid.read(event), H)


def test_an_event_that_sendgrid_sends_again_with_another_number_is_the_same() -> None:
    one, other = (sendgrid.read(of_sendgrid("spamreport", sg_event_id=number)) for number in ("first", "second"))
    later = sendgrid.read(of_sendgrid("spamreport", timestamp=1795780801))
    bare = [sendgrid.read({"event": "spamreport", "email": WHO, "sg_event_id": number}) for number in ("a", "b", "a")]

    assert one
    assert other
    assert later
    assert (one.key == other.key, one.key == later.key) == (True, False)
    assert len({arrival.key for arrival in bare if arrival}) == 2


def of_mailgun(event: str, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    data = {
        "event": event, "id": "G9Bn5sl1TC6nu79C8C0bwg", "timestamp": 1795780800.389832, "log-level": "error",
        "recipient": WHO, "recipient-domain": "example.com", "tags": [], "user-variables": {}, "flags": {},
        "message": {"headers": {"to": WHO, "message-id": MESSAGE, "from": "shop@example.com"}}, **fields,
    }  # fmt: skip
    return {"signature": {"timestamp": "1795780800", "token": "t", "signature": "s"}, "event-data": data}


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (of_mailgun("failed", severity="permanent", reason="bounce",
                    **{"delivery-status": {"code": 550, "bounce-type": "hard", "enhanced-code": "5.1.1",
                                           "message": "5.1.1 The email account does not exist", "attempt-no": 1}}), H),
        (of_mailgun("failed", severity="permanent", reason="bounce",
                    **{"delivery-status": {"code": 550, "message": "5.7.1 our policy forbids this"}}), P),
        (of_mailgun("failed", severity="permanent", reason="generic",
                    **{"delivery-status": {"code": 498, "message": "No MX for nowhere.example"}}), H),
        (of_mailgun("failed", severity="permanent", reason="old",
                    **{"delivery-status": {"code": 602, "message": "Too old"}}), S),
        (of_mailgun("failed", severity="permanent", reason="espblock",
                    **{"delivery-status": {"code": 554, "message": "refused"}}), P),
        (of_mailgun("failed", severity="permanent", reason="suppress-bounce",
                    **{"delivery-status": {"code": 605, "description": "bounced before"}}), H),
        (of_mailgun("failed", severity="permanent", reason="suppress-complaint",
                    **{"delivery-status": {"code": 607}}), C),
        (of_mailgun("failed", severity="permanent", reason="suppress-unsubscribe",
                    **{"delivery-status": {"code": 606}}), OBJECTION),
        (of_mailgun("failed", severity="temporary", reason="greylisted",
                    **{"delivery-status": {"code": 450, "message": "Recipient address rejected: Greylisted"}}), S),
        (of_mailgun("failed", severity="temporary", reason="generic",
                    **{"delivery-status": {"code": 451, "retry-seconds": 600}}), S),
        (of_mailgun("complained"), C),
        (of_mailgun("unsubscribed"), OBJECTION),
        (of_mailgun("rejected", reject={"reason": "Sandbox subdomains are for tests", "description": ""}), P),
        *((of_mailgun(name), N) for name in ("accepted", "delivered", "opened", "clicked", "stored", "new")),
    ],
    ids=by("event", "severity", "reason", "message"),
)  # fmt: skip
def test_mailgun(event: dict[str, Any], expected: Expected) -> None:
    check(mailgun.read(event), expected)


def of_ses(kind: str, section: str, about: Mapping[str, Any], *, name: str = "notificationType") -> dict[str, Any]:
    mail = {
        "timestamp": "2026-11-20T14:59:38.237Z", "source": "bounces+0123456789abcdef@mail.example.com",
        "messageId": "00000138111222aa-33322211-cccc-cccc-cccc-ddddaaaa0680-000000", "destination": [WHO],
        "headersTruncated": False, "headers": [{"name": "Message-ID", "value": f"<{MESSAGE}>"}],
        "commonHeaders": {"messageId": f"<{MESSAGE}>", "subject": "Votre retour"},
    }  # fmt: skip
    return {name: kind, "mail": mail, section: about}


def bounced_at_ses(kind: str, sub: str, **recipient: str) -> dict[str, Any]:
    about = {"bounceType": kind, "bounceSubType": sub, "bouncedRecipients": [{"emailAddress": WHO, **recipient}],
             "timestamp": "2026-11-20T14:59:38.237Z", "feedbackId": "0000-aa"}  # fmt: skip
    return of_ses("Bounce", "bounce", about)


def complained_at_ses(**fields: str | None) -> dict[str, Any]:
    about = {"complainedRecipients": [{"emailAddress": WHO}], "feedbackId": "0000-bb", "complaintSubType": None}
    return of_ses("Complaint", "complaint", {**about, **fields}, name="eventType")


def subscription_at_ses(*, leaves_all: bool) -> dict[str, Any]:
    about = {"contactList": "surveys", "timestamp": "2026-11-20T14:59:38.237Z", "source": "UnsubscribeHeader",
             "newTopicPreferences": {"unsubscribeAll": leaves_all, "topicSubscriptionStatus": []},
             "oldTopicPreferences": {"unsubscribeAll": False}}  # fmt: skip
    return of_ses("Subscription", "subscription", about, name="eventType")


SAYS_UNKNOWN = {"action": "failed", "status": "5.1.1", "diagnosticCode": f"smtp; {UNKNOWN_USER}"}


@pytest.mark.parametrize(
    ("notification", "expected"),
    [
        (bounced_at_ses("Permanent", "General", **SAYS_UNKNOWN), H),
        (bounced_at_ses("Permanent", "General"), H),
        (bounced_at_ses("Permanent", "NoEmail"), H),
        (bounced_at_ses("Permanent", "Suppressed"), H),
        (bounced_at_ses("Permanent", "OnAccountSuppressionList"), H),
        (bounced_at_ses("Permanent", "General", status="5.7.1", diagnosticCode="smtp; 550 5.7.1 blocked"), P),
        # Answers of people on holiday are reported so.
        (bounced_at_ses("Undetermined", "Undetermined"), A),
        (bounced_at_ses("Transient", "General"), A),
        (bounced_at_ses("Transient", "General", status="4.4.7", diagnosticCode="smtp; 421 4.4.7 expired"), S),
        (bounced_at_ses("Transient", "MailboxFull"), S),
        (bounced_at_ses("Transient", "MessageTooLarge"), P),
        (bounced_at_ses("Transient", "ContentRejected"), P),
        (bounced_at_ses("Transient", "AttachmentRejected"), P),
        (complained_at_ses(complaintFeedbackType="abuse"), C),
        (complained_at_ses(), C),
        (complained_at_ses(complaintSubType="OnAccountSuppressionList"), C),
        (complained_at_ses(complaintFeedbackType="not-spam"), N),
        (complained_at_ses(complaintFeedbackType="auth-failure"), N),
        (of_ses("DeliveryDelay", "deliveryDelay", {
            "delayType": "MailboxFull", "expirationTime": "2026-11-21T00:00:00.000Z",
            "delayedRecipients": [{"emailAddress": WHO, "status": "4.4.1", "diagnosticCode": "smtp; 421 later"}],
        }, name="eventType"), S),
        (of_ses("Reject", "reject", {"reason": "Bad content"}, name="eventType"), P),
        (subscription_at_ses(leaves_all=True), OBJECTION),
        (subscription_at_ses(leaves_all=False), N),
    ],
    ids=by("notificationType", "eventType", "bounceType", "bounceSubType", "status", "complaintSubType",
           "complaintFeedbackType", "unsubscribeAll"),
)  # fmt: skip
def test_ses(notification: dict[str, Any], expected: Expected) -> None:
    [arrival] = ses.read(notification)

    check(arrival, expected)
    assert arrival.sent_to == ("bounces+0123456789abcdef@mail.example.com",)


def test_other_events_of_ses_say_nothing() -> None:
    for kind in ("Delivery", "Send", "Open", "Click", "Rendering Failure", "New", ""):
        assert list(ses.read(of_ses(kind, kind.lower(), {"recipients": [WHO]}, name="eventType"))) == []


def test_only_a_warning_is_delayed() -> None:
    delayed = (
        postmark.read(of_postmark(Type="Transient")),
        mailjet.read(of_mailjet("bounce", error="greylisted", hard_bounce=False)),
        brevo.read(of_brevo("deferred")),
        sendgrid.read(of_sendgrid("deferred")),
        mailgun.read(of_mailgun("failed", severity="temporary")),
    )
    final = (
        postmark.read(of_postmark(Type="SoftBounce")),
        mailjet.read(of_mailjet("bounce", error="quota exceeded", hard_bounce=False)),
        brevo.read(of_brevo("soft_bounce")),
        sendgrid.read(of_sendgrid("bounce", type="blocked")),
        mailgun.read(of_mailgun("failed", severity="permanent", reason="old")),
    )
    assert [arrival.is_delayed for arrival in delayed if arrival] == [True] * 5
    assert [arrival.is_delayed for arrival in final if arrival] == [False] * 5


def test_a_bounce_and_a_complaint_with_one_number_at_postmark_are_two() -> None:
    bounce, complaint = (
        postmark.read(of_postmark(Type="HardBounce")),
        postmark.read(of_postmark(RecordType="SpamComplaint")),
    )

    assert bounce
    assert complaint
    assert bounce.key != complaint.key
