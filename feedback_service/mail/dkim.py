"""DKIM signatures (RFC 6376), relaxed/relaxed, by RSA or Ed25519 (RFC 8463), made where a mail is sent.

RFC 8058 wants both List-Unsubscribe headers signed. From and Subject, and what a mail program shows or acts
upon, are signed once more often than they stand in the mail: a second one added on the way breaks the
signature (RFC 6376, section 8.15).
"""

import base64
import hashlib
import re
from collections.abc import Callable
from email.utils import parseaddr

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from feedback_service.settings import Settings
from feedback_service.signing_keys import SigningKey, read_key

SIGNED = (
    "from", "to", "cc", "reply-to", "subject", "date", "message-id", "in-reply-to", "references", "mime-version",
    "content-type", "content-transfer-encoding", "auto-submitted", "list-id", "list-help", "list-unsubscribe",
    "list-unsubscribe-post",
)  # fmt: skip
OVERSIGNED = ("from", "subject", "to", "cc", "reply-to", "date", "content-type")

_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:([^\r\n]*(?:\r\n[ \t][^\r\n]*)*)\r\n")
_BLANKS = re.compile(rb"[ \t]+")
_FOLD = re.compile(rb"\r\n(?=[ \t])")
_ENDS = re.compile(rb"[ \t]+(?=\r\n)")
_WIDTH = 72
Fields = list[tuple[bytes, bytes]]


def signer(settings: Settings) -> Callable[[bytes], bytes] | None:
    """Return what signs as the settings say, None where they name no key; the settings have checked the key."""
    if settings.dkim_key_file is None:
        return None
    return Signer(read_key(settings.dkim_key_file), settings.dkim_selector, settings.dkim_domain).signed


class Signer:
    """Signs messages with one key; may be shared between threads.

    Args:
        key: the private key.
        selector: names the key in DNS: its record is `selector._domainkey.domain`.
        domain: the domain that signs (d=), in punycode; empty for that of each mail's From.
    """

    def __init__(self, key: SigningKey, selector: str, domain: str = "") -> None:
        self._key = key
        self._selector = selector
        self._domain = domain

    def signed(self, message: bytes) -> bytes:
        """Return `message` (CRLF line ends) with a DKIM-Signature in front; `ValueError` if it has no header end."""
        head, end, body = message.partition(b"\r\n\r\n")
        if not end:
            sentence = "a message without an end of its header cannot be signed"
            raise ValueError(sentence)
        fields: Fields = [(name.lower(), value) for name, value in _FIELD.findall(head + b"\r\n")]
        names = _signed_names(fields)
        unsigned = self._unsigned(fields, names, body)
        picked = [_relaxed(name, value) for name, value in _picked(fields, names)]
        covered = b"\r\n".join([*picked, _relaxed(b"dkim-signature", unsigned)])
        signature = base64.b64encode(self._sign(covered))
        lines = [signature[at : at + _WIDTH] for at in range(0, len(signature), _WIDTH)]
        return b"DKIM-Signature:" + unsigned + b"\r\n ".join(lines) + b"\r\n" + message

    def _unsigned(self, fields: Fields, names: list[bytes], body: bytes) -> bytes:
        """Return the signature's own header value, its `b=` still empty."""
        algorithm = b"rsa-sha256" if isinstance(self._key, rsa.RSAPrivateKey) else b"ed25519-sha256"
        place = b" d=%s; s=%s;" % ((self._domain or _domain_of(fields)).encode("ascii"), self._selector.encode("ascii"))
        digest = base64.b64encode(hashlib.sha256(canonical_body(body)).digest())
        listed = b":\r\n ".join(b":".join(names[at : at + 4]) for at in range(0, len(names), 4))
        parts = (
            b" v=1; a=" + algorithm + b"; c=relaxed/relaxed;",
            place,
            b" h=" + listed + b";",
            b" bh=" + digest + b";",
        )
        return b"\r\n".join([*parts, b" b="])

    def _sign(self, covered: bytes) -> bytes:
        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(covered, padding.PKCS1v15(), hashes.SHA256())
        return self._key.sign(hashlib.sha256(covered).digest())


def canonical_body(body: bytes) -> bytes:
    """Return a body in the relaxed form (RFC 6376, section 3.4.4)."""
    body = _ENDS.sub(b"", _BLANKS.sub(b" ", body + b"\r\n"))
    end = len(body)
    while body.endswith(b"\r\n", 0, end):
        end -= 2
    return body[:end] + b"\r\n" if end else b""


def _relaxed(name: bytes, value: bytes) -> bytes:
    """Return a header field in the relaxed form, without its line end (RFC 6376, section 3.4.2)."""
    return name + b":" + _BLANKS.sub(b" ", _FOLD.sub(b"", value)).strip(b" \t")


def _signed_names(fields: Fields) -> list[bytes]:
    present = [name for name, _ in fields]
    names = [name.encode() for name in SIGNED for _ in range(present.count(name.encode()))]
    return names + [name.encode() for name in OVERSIGNED]


def _picked(fields: Fields, names: list[bytes]) -> Fields:
    """Return the fields that `names` stand for: of several with one name the last comes first (section 5.4.2)."""
    left = fields[::-1]
    picked = []
    for name in names:
        found = next((field for field in left if field[0] == name), None)
        if found is not None:
            left.remove(found)
            picked.append(found)
    return picked


def _domain_of(fields: Fields) -> str:
    sender = next((value for name, value in fields if name == b"from"), b"")
    return parseaddr(_FOLD.sub(b"", sender).decode("utf-8", "replace"))[1].rpartition("@")[2].lower()
