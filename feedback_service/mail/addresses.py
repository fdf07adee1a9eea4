"""Mail addresses: checked, with the domain in punycode (R30), and as header values."""

import re
from dataclasses import dataclass
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

from feedback_service.addresses import is_seen
from feedback_service.mail.errors import MailError
from feedback_service.mail.rules import Stage

_SPECIALS = frozenset('()<>[]:;@\\,."')


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One address: `local` may hold any letters, `domain` is in punycode."""

    local: str
    domain: str

    @property
    def address(self) -> str:
        """The address as it goes on the wire."""
        return f"{self.local}@{self.domain}"

    @property
    def needs_smtputf8(self) -> bool:
        """Tell whether only servers with SMTPUTF8 (RFC 6531) can take it."""
        return not self.local.isascii()


@lru_cache(maxsize=4096)
def mailbox(address: str) -> Mailbox:
    """Check the form of `address`; a permanent `MailError` says what is wrong. Nothing is looked up."""
    try:
        valid = validate_email(address.strip(), check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError as error:
        sentence = f"The address cannot be written to: {str(error).rstrip('.')}."
        raise MailError(sentence, subject=address, permanent=True, stage=Stage.RECIPIENT) from error
    return Mailbox(valid.local_part, valid.ascii_domain or valid.domain)


def punycode_domain(address: str) -> str:
    """Return the domain of `address` as it goes on the wire; as it stands where it has no valid form."""
    try:
        return mailbox(address).domain
    except MailError:
        return address.rpartition("@")[2].strip() or "localhost"


def named(name: str, address: str) -> str:
    """Return `name <address>` in Unicode, the name quoted where it must be; `split` is its inverse."""
    name = " ".join("".join(letter if is_seen(letter) else " " for letter in name).split())
    if not name:
        return address
    if _SPECIALS.intersection(name):
        name = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{name} <{address}>"


def split(value: str) -> tuple[str, str]:
    """Return the name (may be empty) and the address of `name <address>`, also where quotes are missing."""
    name, bracket, address = value.strip().removesuffix(">").rpartition("<")
    if not bracket:
        return "", value.strip()
    name = name.strip()
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    return name, address.strip()


def tagged(address: str, tag: str) -> str:
    """Return `address` with `+tag` behind its local part."""
    local, _, domain = address.rpartition("@")
    return f"{local}+{tag}@{domain}"
