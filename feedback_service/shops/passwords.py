"""Passwords: Argon2id, long enough, never stored or logged in clear (R48)."""

from functools import cache

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from feedback_service.errors import InvalidInputError

MIN_LENGTH = 15  # Without a second factor (R48).
MAX_LENGTH = 1024  # Hashing must not become a way to keep the server busy.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1, type=Type.ID)  # OWASP's least, 19 MiB.


def hash_password(password: str) -> str:
    """Return the Argon2id hash of `password`; raise `InvalidInputError` when it is too short or too long."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        sentence = f"A password needs {MIN_LENGTH} to {MAX_LENGTH} characters; a few words are easy to remember."
        raise InvalidInputError(sentence, field="password")
    return _HASHER.hash(password)


def fits(password_hash: str | None, password: str) -> bool:
    """Tell whether the password fits; takes as long for an unknown person (None) as for a known one."""
    if len(password) > MAX_LENGTH:
        return False
    try:
        return _HASHER.verify(password_hash or _unknown(), password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(password_hash: str) -> bool:
    """Tell whether the hash was made with other costs than today's and should be made anew."""
    return _HASHER.check_needs_rehash(password_hash)


@cache
def _unknown() -> str:
    return _HASHER.hash("a password that nobody has")
