"""The public key of a DKIM signature as it stands in the DNS (RFC 6376 3.6, RFC 8301, RFC 8463). Pure."""

import base64
import binascii
from collections.abc import Sequence
from typing import NoReturn

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from feedback_service.findings import Remark
from feedback_service.mail.preflight.names import Answer, Outcome
from feedback_service.mail.preflight.tags import TagError, read_tags

_REFUSED_BELOW = 1024
_WEAK_BELOW = 2048
PublicKey = rsa.RSAPublicKey | ed25519.Ed25519PublicKey


class KeyRecordError(ValueError):
    """The record gives no key that a receiver can use; the message says why."""


def record_name(selector: str, domain: str) -> str:
    """Return where the key of a selector stands."""
    return f"{selector}._domainkey.{domain}"


def judge_key(name: str, answer: Answer, own: PublicKey | None) -> list[Remark]:
    """Return what is amiss with the key record at `name`; `own` is the key we sign with, where we know it."""
    publish = f"Publish the TXT record of your signing key at {name}."
    if answer.outcome is Outcome.FAILED:
        return [Remark(f"{name} cannot be asked: {answer.why}.", "Look at the name servers of the domain.")]
    records = _candidates(answer.values)
    if not records:
        return [Remark(f"There is no DKIM key at {name}.", publish)]
    if len(records) > 1:
        sentence = f"There are {len(records)} keys at {name}, and which one counts is anybody's guess."
        return [Remark(sentence, "Leave one, or give each a selector of its own.")]
    try:
        tags = read_tags(records[0])
        key = public_key(tags)
    except (TagError, KeyRecordError) as error:
        return [Remark(f"The DKIM key at {name} cannot be used: {error}.", publish)]
    remarks = [*_of_strength(name, key), *_of_flags(name, tags)]
    if own is not None and raw(own) != raw(key):
        remarks.append(Remark(f"The key at {name} is not the one we sign with: every signature fails.", publish))
    return remarks


def public_key(tags: dict[str, str]) -> PublicKey:
    """Return the key of a record's tags; raise `KeyRecordError` where there is none that a receiver takes."""
    if tags.get("v", "DKIM1") != "DKIM1" or ("v" in tags and next(iter(tags)) != "v"):
        _refuse("it must begin with v=DKIM1")
    if "p" not in tags:
        _refuse("it has no p=")
    if not tags["p"]:
        _refuse("its p= is empty, which revokes the key")
    if "h" in tags and "sha256" not in [each.strip().lower() for each in tags["h"].split(":")]:
        _refuse("its h= leaves out sha256, which we sign with")
    if "s" in tags and not {"*", "email"} & {each.strip().lower() for each in tags["s"].split(":")}:
        _refuse("its s= keeps it from mail")
    kind = tags.get("k", "rsa").lower()
    if kind not in {"rsa", "ed25519"}:
        _refuse(f"k={kind[:20]} is neither rsa nor ed25519")
    try:
        data = base64.b64decode("".join(tags["p"].split()), validate=True)
    except (binascii.Error, ValueError) as error:
        _refuse("its p= is not base64, or was cut off", error)
    key = _ed25519(data) if kind == "ed25519" else _rsa(data)
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < _REFUSED_BELOW:
        _refuse(f"it has {key.key_size} bits; receivers take {_REFUSED_BELOW} and more")
    return key


def is_known_everywhere(key: PublicKey | None) -> bool:
    """Tell whether every receiver can verify with such a key; of Ed25519 the large ones know nothing (RFC 8463)."""
    return not isinstance(key, ed25519.Ed25519PublicKey)


def raw(key: PublicKey) -> bytes:
    """Return a key in the form in which two can be compared."""
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _rsa(data: bytes) -> rsa.RSAPublicKey:
    try:
        key = load_der_public_key(data)
    except (ValueError, UnsupportedAlgorithm) as error:
        _refuse("its p= is no public key, or was cut off", error)
    if not isinstance(key, rsa.RSAPublicKey):
        _refuse("its p= is not an RSA key")
    return key


def _ed25519(data: bytes) -> ed25519.Ed25519PublicKey:
    try:
        return ed25519.Ed25519PublicKey.from_public_bytes(data)
    except ValueError as error:
        _refuse("its p= is not an Ed25519 key of 32 bytes", error)


def _candidates(texts: Sequence[str]) -> list[str]:
    """Leave out texts that are certainly something else, such as an SPF record at a wildcard."""
    return [text for text in texts if "p=" in text.replace(" ", "") or text.strip().lower().startswith("v=dkim")]


def _of_strength(name: str, key: PublicKey) -> list[Remark]:
    if not isinstance(key, rsa.RSAPublicKey):
        sentence = f"The key at {name} is Ed25519, which Gmail, Microsoft and Yahoo do not verify."
        return [Remark(sentence, "Sign with an RSA key of 2048 bits.", is_advice=True)]
    if key.key_size >= _WEAK_BELOW:
        return []
    sentence = f"The key at {name} has {key.key_size} bits."
    return [Remark(sentence, "Make one of 2048 bits with a new selector (RFC 8301).", is_advice=True)]


def _of_flags(name: str, tags: dict[str, str]) -> list[Remark]:
    flags = [flag.strip().lower() for flag in tags.get("t", "").split(":")]
    if "y" not in flags:
        return []
    return [Remark(f"The key at {name} says that it is being tested (t=y).", "Take t=y out.", is_advice=True)]


def _refuse(why: str, cause: Exception | None = None) -> NoReturn:
    raise KeyRecordError(why) from cause
