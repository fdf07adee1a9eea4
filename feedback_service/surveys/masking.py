"""Masking of e-mail addresses, bank accounts and phone numbers in free text (R17). Pure.

It errs towards keeping: a number that has neither the form of a phone number nor of an IBAN stays,
because order numbers and prices are what a complaint is about.
"""

import re

EMAIL_MASK = "[e-mail]"
IBAN_MASK = "[IBAN]"
PHONE_MASK = "[phone]"

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}(?![\w-])")
# ISO 13616: country, two check digits, 11 to 30 letters and digits, in groups of four or run together.
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ \u00a0\u202f-]?[A-Z0-9]){11,30}\b", re.IGNORECASE)
# French numbers (01 23 45 67 89, +33 1 ..., 0033 1 ...) and others in international form (E.164: 8-15 digits).
_SEPARATOR = r"[ \u00a0\u202f.\-/]?"
_PHONE = re.compile(
    rf"(?<![\w+])(?:"
    rf"(?:(?:\+|00){_SEPARATOR}33{_SEPARATOR}(?:\(0\){_SEPARATOR})?|0)[1-9](?:{_SEPARATOR}\d{{2}}){{4}}"
    rf"|(?:\+|00){_SEPARATOR}[1-9](?:{_SEPARATOR}\(?\d\)?){{7,14}}"
    rf")(?!\w)"
)
_IBAN_LENGTHS = range(15, 35)
_REMAINDER = 1  # ISO 7064 MOD 97-10: a valid IBAN leaves 1.


def mask(text: str) -> str:
    """Return `text` with e-mail addresses, IBANs and phone numbers replaced by masks; never raises.

    Masking what is masked changes nothing.
    """
    text = _EMAIL.sub(EMAIL_MASK, text)
    text = _IBAN.sub(_masked_iban, text)
    return _PHONE.sub(PHONE_MASK, text)


def _masked_iban(match: re.Match[str]) -> str:
    """Mask the longest beginning of `match` that is an IBAN: a word may follow without a border between."""
    found = match.group()
    for end in range(len(found), 0, -1):
        if (end == len(found) or not found[end].isalnum()) and _is_iban(found[:end]):
            return IBAN_MASK + found[end:]
    return found


def _is_iban(candidate: str) -> bool:
    compact = "".join(character for character in candidate if character.isascii() and character.isalnum()).upper()
    if len(compact) not in _IBAN_LENGTHS:
        return False
    digits = "".join(str(int(character, 36)) for character in compact[4:] + compact[:4])
    return int(digits) % 97 == _REMAINDER
