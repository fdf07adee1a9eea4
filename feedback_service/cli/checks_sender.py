"""What `doctor` asks the DNS: whether receivers will believe the mails of each shop (docs/doctor.md, R25)."""

from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from feedback_service.bootstrap import Services
from feedback_service.findings import Finding
from feedback_service.mail import addresses
from feedback_service.mail.preflight import senders
from feedback_service.mail.preflight.asking import DnsNames
from feedback_service.mail.preflight.dkim_key import PublicKey
from feedback_service.mail.preflight.senders import Domains, Signing
from feedback_service.settings import Settings
from feedback_service.shops.models import Shop


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
    path: Path | None = getattr(settings, "dkim_key_file", None)
    if path is None:
        return Signing()
    return Signing(getattr(settings, "dkim_selector", ""), getattr(settings, "dkim_domain", ""), _public(path))


def _public(path: Path) -> PublicKey:
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey):
        message = f"{path} is neither an RSA nor an Ed25519 key"
        raise TypeError(message)
    return key.public_key()
