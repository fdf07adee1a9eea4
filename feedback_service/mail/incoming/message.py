"""An incoming mail as its headers and its parts (RFC 5322, 2045-2046), bounded in size, number and depth. Pure.

The standard library's parser recurses for each level of nesting and tests every line against each open
boundary: a mail of one megabyte can keep it busy for minutes or exhaust its stack. What comes in here
was written by anybody, so this reader takes what it can within its bounds and leaves out the rest.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from feedback_service.mail.incoming.decoding import charset_text, header_text, html_text, transfer_decoded

MAX_BYTES = 2_000_000
"""How much of a mail is read; a report says what it has to say long before."""

_MAX_PARTS = 40
_MAX_DEPTH = 6
_MAX_HEADER_BYTES = 200_000
_MAX_HEADERS = 400
_MAX_VALUE = 4_000
_MAX_TEXT = 100_000
_FIELD = re.compile(r"([!-9;-~]{1,100})[ \t]*:[ \t]*(.*)", re.DOTALL)
_PARAMETER = re.compile(r";\s*([\w-]{1,40})(?:\*\d{0,2}\*?)?\s*=\s*(\"(?:[^\"\\]|\\.)*\"|[^;\"\s]+)")
_ADDRESS = re.compile(r"[^\s<>()\[\]:;,\"'@\\]{1,64}@[^\s<>()\[\]:;,\"'@\\]{1,255}")
_X400 = re.compile(r"^smtp=", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Headers:
    """Header fields in their order: names in lower case, values unfolded and decoded."""

    fields: tuple[tuple[str, str], ...] = ()

    def get(self, name: str) -> str:
        """Return the first value of a field; empty where there is none."""
        return next((value for field, value in self.fields if field == name), "")

    def all(self, name: str) -> list[str]:
        """Return every value of a field."""
        return [value for field, value in self.fields if field == name]

    def __contains__(self, name: object) -> bool:
        return any(field == name for field, _ in self.fields)


@dataclass(frozen=True, slots=True)
class Part:
    """A leaf of the mail: its type in lower case ("text/plain") and its contents as text, bounded."""

    content_type: str
    text: str
    is_attachment: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """One mail; `content_type` is its own, with `report_type` where it is a multipart/report (RFC 6522)."""

    headers: Headers
    parts: tuple[Part, ...]
    content_type: str = "text/plain"
    report_type: str = ""

    def part(self, *content_types: str) -> Part | None:
        """Return the first part of one of these types."""
        return next((part for part in self.parts if part.content_type in content_types), None)

    @property
    def text(self) -> str:
        """What a person reads: the plain parts, else the pages, as text."""
        plain = [part.text for part in self.parts if part.content_type == "text/plain" and not part.is_attachment]
        if any(text.strip() for text in plain):
            return "\n".join(plain)
        pages = [part.text for part in self.parts if part.content_type == "text/html" and not part.is_attachment]
        if pages:
            return "\n".join(html_text(page) for page in pages)
        # A multipart without a boundary that fits is read as it stands.
        return "\n".join(part.text for part in self.parts if part.content_type.startswith("multipart/"))


def read_message(raw: bytes) -> Message:
    """Read a mail; never raises. Line ends may be CRLF, LF or CR; an mbox line before the headers is left out."""
    raw = raw[:MAX_BYTES].replace(b"\r\n", b"\n").replace(b"\r", b"\n").lstrip(b"\n")
    if raw.startswith((b"From ", b">From ")):
        raw = raw.partition(b"\n")[2]
    headers, body = _split(raw)
    kind, parameters = content_type(headers)
    parts = tuple(_leaves(headers, body))
    return Message(headers, parts, kind, parameters.get("report-type", "").lower())


def read_headers(text: str) -> Headers:
    """Read a block of header fields out of text, as a bounce gives back those of our mail."""
    return _fields(text.replace("\r\n", "\n").lstrip("\n").partition("\n\n")[0])


def content_type(headers: Headers) -> tuple[str, dict[str, str]]:
    """Return the Content-Type in lower case and its parameters by name."""
    value = headers.get("content-type")
    # Some servers leave out the semicolon before a parameter.
    kind = (value.partition(";")[0].split() or ["text/plain"])[0].lower()
    found = _PARAMETER.findall(value[:_MAX_VALUE])
    return kind, {name.lower(): text.strip('"').replace('\\"', '"') for name, text in reversed(found)}


def addresses_in(text: str) -> list[str]:
    """Return what looks like addresses in a piece of text, each once, in order."""
    # X.400 addresses carry the real one as "SMTP=name@host".
    found = (_X400.sub("", match[0].strip(".,;:!?'\"")) for match in _ADDRESS.finditer(text))
    return list(dict.fromkeys(address for address in found if "@" in address.strip("@")))


def _split(raw: bytes) -> tuple[Headers, bytes]:
    head, _, body = (b"", b"", raw[1:]) if raw.startswith(b"\n") else raw.partition(b"\n\n")
    return _fields(charset_text(head[:_MAX_HEADER_BYTES], "")), body


def _fields(head: str) -> Headers:
    fields: list[tuple[str, list[str]]] = []
    for line in head.split("\n"):
        if fields and _continues(fields[-1][1][-1], line):
            fields[-1][1].append(line)
        elif (match := _FIELD.fullmatch(line)) is not None:
            if len(fields) == _MAX_HEADERS:
                break
            fields.append((match[1].lower(), [match[2]]))
    return Headers(tuple((name, header_text("\n".join(lines)[:_MAX_VALUE])) for name, lines in fields))


def _continues(before: str, line: str) -> bool:
    """Tell whether a line goes on with the field before; some servers do not indent a further parameter."""
    return line[:1] in (" ", "\t") or (before.rstrip().endswith(";") and not _FIELD.match(line))


def _leaves(headers: Headers, body: bytes) -> Iterator[Part]:
    """Yield the leaves of a mail in their order; a stack of our own keeps the depth ours to choose."""
    left = _MAX_PARTS
    waiting: list[tuple[Headers, bytes, int]] = [(headers, body, 0)]
    while waiting and left:
        headers, body, depth = waiting.pop()
        kind, parameters = content_type(headers)
        boundary = parameters.get("boundary", "")
        if kind.startswith("multipart/") and boundary and depth < _MAX_DEPTH:
            inner = [(*_split(piece), depth + 1) for piece in _pieces(body, boundary, left)]
            waiting += reversed(inner)
            if inner:
                continue
        left -= 1
        yield _leaf(headers, body, kind, parameters)


def _pieces(body: bytes, boundary: str, most: int) -> Sequence[bytes]:
    """Return the parts between the lines of a boundary; a last one without its end counts too."""
    mark = re.compile(rb"^--" + re.escape(boundary.encode("utf-8", "replace")) + rb"(--)?[ \t]*$\n?", re.MULTILINE)
    pieces: list[bytes] = []
    start: int | None = None
    for match in mark.finditer(body):
        if start is not None:
            pieces.append(body[start : max(start, match.start() - 1)])
        start = None if match[1] else match.end()
        if start is None or len(pieces) == most:
            return pieces
    return [*pieces, body[start:]] if start is not None else pieces


def _leaf(headers: Headers, body: bytes, kind: str, parameters: dict[str, str]) -> Part:
    disposition = headers.get("content-disposition").lower()
    # Only what is text is decoded: nobody reads the pictures.
    if not kind.startswith(("text/", "message/", "multipart/")):
        return Part(kind, "", is_attachment=True)
    decoded = transfer_decoded(body[: 2 * _MAX_TEXT], headers.get("content-transfer-encoding"))
    text = charset_text(decoded[:_MAX_TEXT], parameters.get("charset", ""))
    return Part(kind, text, is_attachment=disposition.startswith("attachment"))
