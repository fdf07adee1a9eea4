"""Inventory of personal data: for each column that can hold text, what becomes of it.

A test walks the schema: a column that is in neither table below fails it, so that nobody adds a
column without deciding what erasure and retention do with it.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Handling:
    """What becomes of a column with personal data: at erasure, and by retention without being asked."""

    erasure: str
    retention: str


_CUSTOMER = Handling("the row is removed", "`retention_address_days` after the last return or order")
_MAIL = Handling("wiped; an unsent mail is dropped", "wiped `retention_address_days` after it was written")
_BODY = Handling("wiped; an unsent mail is dropped", "wiped as soon as it is sent; 14 days after a failure")
_PACE = Handling("kept: a domain, without an address", "removed 3 days after the last mail to it")
_INCOMING = Handling("wiped", "wiped with the mail, `retention_address_days` after that was written")
_STORY = Handling("the row is removed if the story is theirs alone", "`retention_answer_days` after it was closed")
_PUBLIC = Handling("the address is blackened in it", "public text: kept with its source")
_REFERENCE = Handling("kept as a figure: no longer linked to a person", "as long as the order")
_STAFF = Handling("left to `staff`: an account is not a customer", "as long as the account")
_AUDIT = Handling("holds no address of a customer", "one year")

PERSONAL = {
    "customer.external_id": _CUSTOMER,
    "customer.email": _CUSTOMER,
    "customer.email_key": Handling("the row is removed", "kept: tells a quarantine without the address"),
    "customer.name": _CUSTOMER,
    "customer.language": Handling("the row is removed", "kept: names nobody"),
    "customer.country": Handling("the row is removed", "kept: names nobody"),
    "order.external_id": _REFERENCE,
    "order.number": _REFERENCE,
    "order.content_digest": Handling("kept: a keyed digest, recognises a repetition", "as long as the order"),
    "return.external_id": _REFERENCE,
    "return.order_reference": _REFERENCE,
    "return.content_digest": Handling("kept: a keyed digest, recognises a repetition", "as long as the return"),
    "return.raw_reason": Handling("kept: the platform's code", "as long as the return"),
    "return_line.raw_reason": Handling("kept: the platform's code", "as long as the return"),
    "outbox_mail.recipient": _MAIL,
    "outbox_mail.recipient_key": _MAIL,
    "outbox_mail.return_path": _MAIL,
    "outbox_mail.subject": _MAIL,
    "outbox_mail.headers": _MAIL,
    "outbox_mail.last_error": _MAIL,
    "mail_content.text": _BODY,
    "mail_content.html": _BODY,
    "mail_content.wire": _BODY,
    "outbox_mail.domain": _MAIL,
    "mail_pace.scope": _PACE,
    "mail_pace.why": _PACE,
    "mail_image.png": _BODY,
    "incoming_mail.recipient_key": _INCOMING,
    "incoming_mail.diagnosis": _INCOMING,
    "incoming_mail.key": Handling("kept: a digest, recognises a repetition", "`retention_answer_days` after it came"),
    "customer_reply.text": Handling("wiped", "wiped `retention_answer_days` after it came"),
    "customer_reply.evidence": Handling("wiped", "wiped `retention_answer_days` after it came"),
    "suppression.address_key": Handling(
        "stays, as a keyed hash: it is what keeps the promise", "3 years; after a complaint for good"
    ),
    "invitation.recipient_key": Handling("wiped", "`retention_answer_days` after it was written"),
    "invitation.token_digest": Handling("the link expires at once", "kept: the token itself is not known"),
    "invitation.reminder_digest": Handling("the link expires at once", "kept: the token itself is not known"),
    "answer.other_reason": Handling("wiped", "wiped `retention_answer_days` after it was given"),
    "survey_consent.address_key": Handling("the row is removed", "`retention_objection_days` after it was given"),
    "survey_consent.proof": Handling("the row is removed", "`retention_objection_days` after it was given"),
    "answer.text": Handling("wiped", "wiped `retention_answer_days` after it was given"),
    "story.title": _STORY,
    "story.why": _STORY,
    "story_event.note": _STORY,
    "document.title": _PUBLIC,
    "document.text": _PUBLIC,
    "document.author": _PUBLIC,
    "document_version.title": _PUBLIC,
    "document_version.text": _PUBLIC,
    "document_version.digest": Handling("made anew of the blackened text", "public text: kept with its source"),
    "mention.title": _PUBLIC,
    "mention.text": _PUBLIC,
    "mention.author": _PUBLIC,
    "mention.evidence": _PUBLIC,
    "mention.clues": _PUBLIC,
    "shop_model.weights": Handling("deleted; the shop learns again without them", "learned anew each week"),
    "shop_model.digest": Handling("deleted with the weights", "learned anew each week"),
    "digest.contents": Handling("the address is blackened in it", "figures of a week, frozen"),
    "staff.email": _STAFF,
    "staff.name": _STAFF,
    "staff.password_hash": _STAFF,
    "audit_entry.subject": _AUDIT,
    "audit_entry.detail": _AUDIT,
}

# Of the shop, of a product, of a public page or of the machinery: nothing about a person.
IMPERSONAL = frozenset(
    """
    answer.flags answer.language answer.reasons api_key.digest api_key.name api_key.prefix audit_entry.action
    customer_reply.language incoming_mail.channel incoming_mail.status
    document.identity document.url invitation.language job_run.error job_run.job job_tick.job mail_image.content_id
    mention.language mention.matched_terms mention.text_digest mention.thread mention.topics mention.url
    order.currency order.language order_line.product order_line.sku outbox_mail.cause outbox_mail.claim
    outbox_mail.kind outbox_mail.language outbox_mail.message_id outbox_mail.reply_to outbox_mail.sender
    questionnaire.contents
    return.currency return.flag return.language return.reason return_event.conflict return_event.event_key
    return_line.product return_line.reason return_line.sku shop.controller shop.country shop.currency shop.language
    shop.languages shop.name shop.order_number_pattern shop.privacy_url shop.public_review_url shop.region
    shop.reply_to shop.sender_address shop.sender_name shop.slug shop.terms_all shop.terms_any shop.terms_context
    shop.accent shop.logo_digest shop.notice_sender_name shop.survey_sender_name shop_logo.data shop_logo.digest
    shop.terms_none shop.time_zone shop.website shop_model.claim source.aggregate source.body_digest source.claim
    source.etag source.host source.hub source.last_modified source.recent source.skip_days source.skip_hours
    source.state_reason source.title source.topic source.url staff.language story.key story_event.kind
    subject_trial.language subject_trial.subject_a subject_trial.subject_b survey_consent.how
    survey_consent.withdrawn_how
    websub_subscription.claim websub_subscription.hub websub_subscription.nonce websub_subscription.reason
    websub_subscription.token_digest websub_subscription.topic
    """.split()  # noqa: SIM905 - one column a line would be a page
)
