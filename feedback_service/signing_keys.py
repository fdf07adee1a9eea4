"""Keys that sign mail (RFC 6376, 8301, 8463): made, read and published. Keys are PEM files, PKCS#8 or PKCS#1.

Every process reads this with the settings, and most installations have no key: cryptography, which takes 8 MB, is
loaded with the first one.
"""

import base64
import os
import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

SigningKey: TypeAlias = "rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey"
RSA_BITS = 2048
_STRING_LENGTH = 255
_DNS_NAME = re.compile(r"(?!.{254})(?:(?!-)[a-z0-9_-]{1,63}(?<!-)\.)*(?!-)[a-z0-9_-]{1,63}(?<!-)")


class Algorithm(StrEnum):
    """What a key signs with; the value is the `k=` of its DNS record."""

    RSA = "rsa"
    ED25519 = "ed25519"


def read_key(path: Path) -> SigningKey:
    """Read a private key; raise `ValueError` with what is wrong and what to do."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

    try:
        pem = path.read_bytes()
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}"
        raise ValueError(msg) from error
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except TypeError as error:
        msg = f"{path} asks for a password; keep the key in a file without one that only the service may read"
        raise ValueError(msg) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        msg = f"{path} holds no private key in PEM form; `feedback-service dkim-key` makes one"
        raise ValueError(msg) from error
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size < RSA_BITS:
        msg = f"{path} holds an RSA key of {key.key_size} bits; receivers want {RSA_BITS} (RFC 8301)"
        raise ValueError(msg)
    if not isinstance(key, rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey):
        msg = f"{path} holds a key that signs no mail; DKIM knows RSA and Ed25519"
        raise ValueError(msg)  # noqa: TRY004 - what the file holds is a value, not an argument's type
    return key


def write_new_key(path: Path, algorithm: Algorithm) -> SigningKey:
    """Make a key and write it to `path`, which must not exist; nobody else may read it from its first byte on."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

    key: SigningKey = (
        ed25519.Ed25519PrivateKey.generate()
        if algorithm is Algorithm.ED25519
        else rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    )
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
    return key


def algorithm_of(key: SigningKey) -> Algorithm:
    """Return what `key` signs with."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    return Algorithm.RSA if isinstance(key, rsa.RSAPrivateKey) else Algorithm.ED25519


def dns_name(value: str) -> str:
    """Return a selector or domain as it goes into DNS, in punycode; raise `ValueError` for what is none."""
    try:
        name = value.strip().rstrip(".").encode("idna").decode().lower()
    except UnicodeError:
        name = ""
    if not _DNS_NAME.fullmatch(name):
        msg = f"{value!r} is no name for DNS such as mail2026 or example.com"
        raise ValueError(msg)
    return name


def record_of(key: SigningKey) -> str:
    """Return the text of the TXT record that publishes `key` (RFC 6376, section 3.6.1; RFC 8463, section 4)."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ed25519

    public = key.public_key()
    if isinstance(public, ed25519.Ed25519PublicKey):
        data = public.public_bytes_raw()
    else:
        data = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return f"v=DKIM1; k={algorithm_of(key).value}; p={base64.b64encode(data).decode()}"


def zone_line(name: str, record: str) -> str:
    """Return a TXT record as a line of a zone file: in strings of 255 characters, which DNS puts together again."""
    strings = [record[at : at + _STRING_LENGTH] for at in range(0, len(record), _STRING_LENGTH)]
    return f"{name}. IN TXT ( " + " ".join(f'"{each}"' for each in strings) + " )"
