"""Tokens and keyed hashes: what the database holds instead of secrets and addresses (R16, R45)."""

import hashlib
import hmac
import secrets
import unicodedata

TOKEN_BYTES = 24  # 192 random bits; R45 asks for at least 128.


def new_token() -> str:
    """Return a fresh URL-safe token of 192 random bits."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_digest(token: str) -> str:
    """Return the SHA-256 of a random token, in hex. Enough for tokens: they cannot be guessed."""
    return hashlib.sha256(token.encode()).hexdigest()


def normal_address(address: str) -> str:
    """Return an e-mail address as it is compared: trimmed, NFC, lower case."""
    return unicodedata.normalize("NFC", address.strip()).lower()


def address_key(secret: str, address: str) -> str:
    """Return the keyed hash of an address, in hex.

    It survives the erasure of the address itself (R16): with the key one can still ask "is this
    person suppressed?", without the key the hash tells nothing, as a plain hash of an address would.
    """
    return hmac.new(secret.encode(), normal_address(address).encode(), hashlib.sha256).hexdigest()


def content_digest(*parts: str) -> str:
    """Return the SHA-256 of text parts, in hex; parts are separated so that they cannot run together."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
