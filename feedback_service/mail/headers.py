"""Headers of survey mail (R24): how to leave the list, by a page, by one click and by mail."""

import json
from urllib.parse import quote

from feedback_service.links import Links
from feedback_service.mail import addresses
from feedback_service.settings import MailProvider, Settings
from feedback_service.shops.models import Shop

_METADATA = 80
UNSUBSCRIBE = "List-Unsubscribe"
"""A customer mail with this header is one that the customer may object to."""


def survey_headers(shop: Shop, links: Links, token: str, settings: Settings) -> dict[str, str]:
    """Return the List-* headers of one survey mail (RFC 2369, 2919, 8058); `token` is the invitation's.

    The mailto form names the token in its subject: an address would not keep its upper and lower case.
    """
    mailbox = settings.bounce_address or shop.reply_to or shop.sender_address
    _, address = addresses.split(mailbox)
    mailto = f"mailto:{quote(address, safe='@+')}?subject={quote(f'unsubscribe {token}')}"
    domain = addresses.punycode_domain(shop.sender_address)
    return {
        UNSUBSCRIBE: f"<{links.unsubscribe(token)}>, <{mailto}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": f"<surveys.{shop.slug}.{domain}>",
    }


def provider_headers(provider: MailProvider, message_id: str) -> dict[str, str]:
    """Return the headers by which a provider gives the mail's Message-ID back in its reports.

    Postmark keeps metadata of up to 80 characters each (and, asked to, the Message-ID itself, which it
    would replace: replies name it), Mailjet a CustomID, Brevo a custom header, SendGrid a unique argument.
    The others give the Message-ID or the return path back by themselves.
    """
    bare = message_id.strip("<>")
    match provider:
        case MailProvider.POSTMARK:
            rest = {"X-PM-Metadata-message-id-rest": bare[_METADATA:]} if bare[_METADATA:] else {}
            return {"X-PM-KeepID": "true", "X-PM-Metadata-message-id": bare[:_METADATA], **rest}
        case MailProvider.MAILJET:
            return {"X-MJ-CustomID": bare}
        case MailProvider.BREVO:
            return {"X-Mailin-custom": bare}
        case MailProvider.SENDGRID:
            return {"X-SMTPAPI": json.dumps({"unique_args": {"message-id": bare}})}
        case MailProvider.NONE:
            return {}
