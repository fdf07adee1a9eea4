"""Headers of survey mail (R24): how to leave the list, by a page, by one click and by mail."""

from urllib.parse import quote

from feedback_service.links import Links
from feedback_service.mail import addresses
from feedback_service.settings import MailProvider, Settings
from feedback_service.shops.models import Shop

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
    """Return the header by which a provider gives the mail's Message-ID back in its reports.

    Postmark keeps metadata of up to 80 characters, Mailjet a CustomID, Brevo a custom header; the others
    give the Message-ID or the return path back by themselves.
    """
    bare = message_id.strip("<>")
    header = {
        MailProvider.POSTMARK: "X-PM-Metadata-message-id",
        MailProvider.MAILJET: "X-MJ-CustomID",
        MailProvider.BREVO: "X-Mailin-custom",
    }.get(provider)
    return {header: bare} if header else {}
