"""Tokens: asked for by OAuth 2.0 (RFC 6749) or signed by ourselves (RFC 7515, 7523), kept almost to their end.

`cryptography` is loaded when something is signed: most installations never do.
"""

import base64
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from urllib.parse import quote

from feedback_service.errors import InvalidInputError
from feedback_service.sources.apis.accounts import Account
from feedback_service.sources.apis.payloads import node_at

_MARGIN = timedelta(minutes=1)
_USUAL = 300
_LONGEST = 100 * 3600
_LONGEST_TOKEN = 8192
_PEM_KEY = "a private key in PEM without a password"
_EC_KEY = "an elliptic-curve key (P-256)"
_RSA_KEY = "an RSA key"

Claims: TypeAlias = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token; `expires_at` is aware, UTC."""

    value: str = field(repr=False)
    expires_at: datetime

    def serves(self, now: datetime) -> bool:
        """Tell whether it still serves for one more request."""
        return now + _MARGIN < self.expires_at


@dataclass(frozen=True, slots=True)
class Grant:
    """A request for a token: a form, and the client's name and secret where they go into the header."""

    url: str
    form: Mapping[str, str] = field(repr=False)
    basic: tuple[str, str] | None = field(default=None, repr=False)

    def headers(self) -> dict[str, str]:
        """Return the headers of the request."""
        headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
        return headers | ({"Authorization": _basic(*self.basic)} if self.basic else {})

    def body(self) -> bytes:
        """Return the form as it is sent."""
        return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in self.form.items()).encode()


class TokenStore:
    """The tokens of one service by account, in memory. An account that was changed gets a new one."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Account, Token]] = {}
        self._lock = threading.Lock()

    def token(self, name: str, account: Account, now: datetime, make: Callable[[], Token | None]) -> Token | None:
        """Return the kept token, or the one that `make` gives; None for an account that needs none."""
        with self._lock:
            kept = self._kept.get(name)
        if kept and kept[0] == account and kept[1].serves(now):
            return kept[1]
        token = make()
        if token:
            with self._lock:
                self._kept[name] = (account, token)
        return token

    def forget(self, name: str) -> None:
        """Drop a token that was refused."""
        with self._lock:
            self._kept.pop(name, None)


def granted(payload: Any, now: datetime) -> Token | None:  # noqa: ANN401 - any JSON
    """Return the token of an answer (RFC 6749, 5.1); None where there is none. Some write `expires_in` as text."""
    node = node_at({"answer": payload}, "answer")
    value = node.get("access_token")
    if not isinstance(value, str) or not value.isascii() or not value.isprintable() or len(value) > _LONGEST_TOKEN:
        return None
    lasts = str(node.get("expires_in", ""))
    seconds = min(int(lasts[:9]), _LONGEST) if lasts.isdecimal() and lasts.isascii() else _USUAL
    return Token(value, now + timedelta(seconds=seconds)) if value else None


def signed(key: bytes, algorithm: str, claims: Claims, *, key_id: str) -> str:
    """Return a JSON Web Token signed by a PEM key, with ES256 (P-256) or RS256 (RFC 7518).

    Raises `InvalidInputError` where the key is none of that kind.
    """
    head = {"alg": algorithm, "kid": key_id, "typ": "JWT"}
    content = b".".join(_encoded(json.dumps(part, separators=(",", ":")).encode()) for part in (head, claims))
    signature = (_es256 if algorithm == "ES256" else _rs256)(key, content)
    return b".".join((content, _encoded(signature))).decode()


def _es256(pem: bytes, content: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
    from cryptography.hazmat.primitives.hashes import SHA256

    key = _private_key(pem)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise _no_key(_EC_KEY)
    r, s = decode_dss_signature(key.sign(content, ec.ECDSA(SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def _rs256(pem: bytes, content: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric import padding, rsa
    from cryptography.hazmat.primitives.hashes import SHA256

    key = _private_key(pem)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise _no_key(_RSA_KEY)
    return key.sign(content, padding.PKCS1v15(), SHA256())


def _private_key(pem: bytes) -> object:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        return load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # The cause may quote the key.
        raise _no_key(_PEM_KEY) from None


def _no_key(what: str) -> InvalidInputError:
    return InvalidInputError(f"The key file holds something else than {what}.", field="key")


def _encoded(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")


def _basic(name: str, secret: str) -> str:
    return f"Basic {base64.b64encode(f'{name}:{secret}'.encode()).decode()}"
