"""Bytes of an HTML page to text, when the labels lie."""

import codecs
import re

_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SNIFFED = 4096
_FALLBACK = "windows-1252"
_OBSCURE = re.compile(r"utf[-_]?7|utf[-_]?16|utf[-_]?32|ebcdic|^cp?037|idna|punycode|escape|unicode", re.IGNORECASE)


def decode_page(body: bytes, content_type: str) -> str:
    """Return the text of a page: by its mark, as UTF-8 if it is UTF-8, else by what it declares.

    Bytes that are valid UTF-8 by chance are rarer than wrong labels, so the label comes second.
    """
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body.decode(encoding, "replace")
    text = body.decode("utf-8", "replace")
    damaged = text.count("\ufffd")
    if not damaged or damaged < sum(character > "\x7f" for character in text) - damaged:
        return text  # A few broken bytes among good ones: UTF-8 all the same.
    return body.decode(_declared(body, content_type), "replace")


def _declared(body: bytes, content_type: str) -> str:
    for place in (content_type, body[:_SNIFFED].decode("latin-1")):
        for name in _CHARSET.findall(place):
            encoding = _codec(name)
            if encoding:
                return encoding
    return _FALLBACK


def _codec(name: str) -> str:
    # What is declared as Latin-1 is read as windows-1252, as browsers do; UTF-8 has been tried before.
    if _OBSCURE.search(name):
        return ""
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        return ""
    return {"iso8859-1": _FALLBACK, "ascii": _FALLBACK, "utf-8": ""}.get(found, found)
