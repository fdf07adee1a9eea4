"""From bytes to text: transfer encodings, charsets, encoded words and HTML, whatever the sender got wrong. Pure.

Nothing here raises on what a mail holds, and every step takes time in proportion to its input.
"""

import binascii
import html
import re

_CHARSETS = {
    "ansi_x3.4-1968": "ascii", "ascii": "ascii", "us-ascii": "ascii", "utf-8": "utf-8", "utf8": "utf-8",
    "unicode-1-1-utf-8": "utf-8", "utf-16": "utf-16", "utf-16le": "utf-16-le", "utf-16be": "utf-16-be",
    "shift_jis": "shift_jis", "sjis": "shift_jis", "x-sjis": "cp932", "cp932": "cp932", "windows-31j": "cp932",
    "euc-jp": "euc_jp", "iso-2022-jp": "iso2022_jp", "iso-2022-jp-ms": "iso2022_jp_ext",
    "iso-2022-kr": "iso2022_kr", "euc-kr": "euc_kr", "ks_c_5601-1987": "cp949",
    "gb2312": "gbk", "gbk": "gbk", "gb18030": "gb18030", "big5": "big5", "koi8-r": "koi8_r", "koi8-u": "koi8_u",
    "macintosh": "mac_roman", "tis-620": "tis_620",
}  # fmt: skip
"""The charsets that are read. Python knows others that cost far more than their length ("punycode", "idna")."""
_NUMBERED = re.compile(r"(?:iso[-_]?8859[-_](\d{1,2})|(?:windows-|cp)(\d{3,4}))")
_ENCODED_WORD = re.compile(r"=\?([^?\s]{1,40})\?([bBqQ])\?([^?\s]*)\?=(?:\s+(?==\?))?")
_HIDDEN = ("style", "script", "head")
_BLOCK = re.compile(r"<\s*/?\s*(?:br|p|div|tr|li|h[1-6]|table|blockquote)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")


def charset_text(raw: bytes, charset: str) -> str:
    """Return `raw` as text; an unknown charset is read as UTF-8 where it is that, else as Western European."""
    known = _codec(charset)
    if known in ("", "ascii"):
        if b"\x1b$" in raw:
            return raw.decode("iso2022_jp", "replace")
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            return raw.decode("cp1252", "replace")
    return raw.decode(known, "replace")


def transfer_decoded(raw: bytes, encoding: str) -> bytes:
    """Undo a Content-Transfer-Encoding (RFC 2045); one that is unknown or wrong leaves what can be read."""
    match encoding.strip().lower():
        case "base64":
            return _base64(raw)
        case "quoted-printable":
            return binascii.a2b_qp(raw)
        case _:
            return raw


def header_text(raw: str) -> str:
    """Return a header's value with its encoded words (RFC 2047) decoded and its white space collapsed."""
    return " ".join(_ENCODED_WORD.sub(_word, raw).split())


def html_text(page: str) -> str:
    """Return the words of an HTML page, a line for each block."""
    for element in _HIDDEN:
        page = _without(page, element)
    page = _TAG.sub(" ", _BLOCK.sub("\n", page))
    lines = (" ".join(line.split()) for line in html.unescape(page).split("\n"))
    return "\n".join(line for line in lines if line)


def _codec(charset: str) -> str:
    charset = charset.strip().strip("\"'").lower()
    numbered = _NUMBERED.fullmatch(charset)
    if numbered is None:
        return _CHARSETS.get(charset, "")
    codec = f"iso8859_{numbered[1]}" if numbered[1] else f"cp{numbered[2]}"
    # ISO 8859-1 is what people say who mean Windows' page, as browsers know.
    codec = "cp1252" if codec == "iso8859_1" else codec
    try:
        b"".decode(codec)
    except LookupError:
        return ""
    return codec


def _base64(raw: bytes) -> bytes:
    letters = _NOT_BASE64.sub(b"", raw)
    letters = letters[: len(letters) - (len(letters) % 4 == 1)]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def _word(match: re.Match[str]) -> str:
    raw = match[3].encode("ascii", "replace")
    return charset_text(_base64(raw) if match[2] in "bB" else binascii.a2b_qp(raw, header=True), match[1])


def _without(page: str, element: str) -> str:
    """Cut every `<element>...</element>` out of a page; one without an end goes to the end of the page."""
    opening, closing = re.compile(rf"<{element}\b", re.IGNORECASE), re.compile(rf"</{element}\s*>", re.IGNORECASE)
    kept, position = [], 0
    while (start := opening.search(page, position)) is not None:
        kept.append(page[position : start.start()])
        end = closing.search(page, start.end())
        position = end.end() if end else len(page)
    return "".join((*kept, page[position:]))
