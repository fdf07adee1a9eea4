"""E-mail addresses and the names before them by their form alone: nothing is looked up."""

from email_validator import validate_email

_JOINERS = "\u200c\u200d"
"""Nobody sees them, and emoji and some scripts are put together by them."""


def is_seen(letter: str) -> bool:
    """Tell whether a letter may stand in the name of a sender: the others break lines or turn text round."""
    return letter.isprintable() or letter in _JOINERS


def checked_address(text: str) -> str:
    """Return the address in its normal form; raise `ValueError` with what is wrong with it.

    Names that are reserved for tests and examples (RFC 2606) count as any other.
    """
    return validate_email(text.strip(), check_deliverability=False, test_environment=True).normalized
