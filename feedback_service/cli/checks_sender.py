"""What `doctor` asks the DNS: whether receivers will believe the mails of each shop (docs/doctor.md, R25)."""

from collections.abc import Iterator

import sqlalchemy as sa

from feedback_service.bootstrap import Services
from feedback_service.findings import Finding
from feedback_service.mail import addresses
from feedback_service.mail.preflight import senders
from feedback_service.mail.preflight.asking import DnsNames
from feedback_service.mail.preflight.senders import Domains, Signing
from feedback_service.settings import Settings
from feedback_service.shops.models import Shop
from feedback_service.signing_keys import read_key


def check_senders(services: Services) -> Iterator[Finding]:
    """Yield what the DNS says of every domain that mails come from, and of the addresses they leave from."""
    settings = services.settings
    names = DnsNames(settings.dns_resolver)
    with services.database.reading() as session:
        shops = session.scalars(sa.select(Shop).order_by(Shop.id)).all()
        senders_of_shops = list(dict.fromkeys(domains_of(shop, settings) for shop in shops))
    signing = signing_of(settings)
    known: dict[str, Finding] = {}
    for domains in senders_of_shops:
        for finding in senders.judge(names, domains, signing, settings.sending_addresses):
            # Shops share domains; what is the same is said once.
            known.setdefault(finding.subject, finding)
    yield from known.values()
    for address in settings.sending_addresses:
        yield senders.judge_address(names, address)


def domains_of(shop: Shop, settings: Settings) -> Domains:
    """Return the domains of a shop's mails, in punycode."""
    author = addresses.punycode_domain(shop.sender_address)
    reply = addresses.split(shop.reply_to)[1] or shop.sender_address
    envelope = settings.bounce_address or shop.sender_address
    return Domains(author, addresses.punycode_domain(envelope), addresses.punycode_domain(reply))


def signing_of(settings: Settings) -> Signing:
    """Return with what mails are signed; the settings have checked the key."""
    if settings.dkim_key_file is None:
        return Signing()
    key = read_key(settings.dkim_key_file).public_key()
    return Signing(settings.dkim_selector, settings.dkim_domain, key)
