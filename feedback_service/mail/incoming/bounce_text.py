"""The free form of bounces: what a server says to people, up to where our mail begins. Pure."""

import re
from collections.abc import Sequence

from feedback_service.mail.incoming.message import Headers, Message, addresses_in, read_headers

_MAX_TEXT = 20_000
_MAX_RECIPIENTS = 100
_NEAR = 600
_ORIGINAL = re.compile(
    r"^[ \t>*#=_-]*(?:below (?:this line )?is|this is|here is|the following is|following is) (?:a |the )?"
    r"(?:copy of|header|headers of|original|beginning of)"
    r"|^[ \t>*#=_-]*(?:message headers? follows?|original message(?: headers?)?(?: follows?)?|original mail"
    r"|unsent message (?:below|follows)|returned message|text of (?:the )?message follows|the header of the original"
    r"|start of returned|message header|received message header|(?:the first \d+ lines of )?your original message"
    r"|message transcript"
    r"|copie du message|message d'origine|message original|ursprungliche nachricht|mensaje original"
    r"|messaggio originale|mensagem original|oorspronkelijk bericht)[^\n]{0,60}$",
    re.IGNORECASE | re.MULTILINE,
)
_KNOWN_FIELD = re.compile(
    r"^[ \t>]{0,8}(?:return-path|received|message-id|mime-version|content-type|date|from|to|subject|reply-to|x-[\w-]+"
    r"|dkim-signature|list-[\w-]+)[ \t]*:",
    re.IGNORECASE,
)
_FIELDS_IN_A_ROW = 3
_ORIGINAL_PARTS = ("message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers", "text/rfc822",
                   "message/rfc822-headers", "message/partial")  # fmt: skip
_AT_LINE_START = re.compile(r"^[ \t>*:'\"-]*(?:<([^<>\s]+@[^<>\s]+)>|([^\s<>\"():,;]+@[^\s<>\"():,;]+))", re.MULTILINE)
# Whom the mail came from, whose refusal it may be about: not who failed.
_SENT_BY = re.compile(r"(?<!\w)from[ \t:]{1,4}<?[^\s<>@]{1,64}@[^\s<>@]{1,255}", re.IGNORECASE)
_BLOCK_OF_ONE = re.compile(r"^<[^<>\s@]{1,64}@[^<>\s@]{1,255}>:", re.MULTILINE)
_ANNOUNCED = re.compile(
    r"(?:following (?:recipients?|recipient\(s\)|address|addresses|address\(es\)|users?|persons?)|failed recipients?"
    r"|these recipients|recipients? suivante?s?|destinataires? suivante?s?|adresses? suivante?s?"
    r"|folgenden? (?:empfanger|adresse)|destinatarios? siguientes?|siguientes? destinatarios?|seguenti destinatari"
    r"|destinatari seguenti|seguintes destinatarios|destinatarios seguintes|volgende (?:ontvangers?|adres))",
    re.IGNORECASE,
)
_GENERATED = re.compile(r"\(generated from ([^\s@()]{1,64}@[^\s@()]{1,255})\)", re.IGNORECASE)
_REASON = re.compile(r"^[ \t]+\(reason: ([^\0]{3,500}?)\)[ \t]*$", re.MULTILINE)
_LABELLED = re.compile(
    r"(?<!\w)(?:recipients?|address|addresses|mail to|addressed to|to|destinataire|empf.nger|destinatario|user)"
    r"(?:[ \t]*[:=][ \t]*|[ \t]+)<?([^\s<>\"():,;]+@[^\s<>\"():,;]+?)>?[.:,;]?(?=\s|$)",
    re.IGNORECASE,
)


def notice(message: Message) -> str:
    """Return what the server wrote to people: its text up to the mail that it gives back."""
    text = message.text[:_MAX_TEXT]
    return text[: _original_at(text)]


def original_headers(message: Message) -> Headers:
    """Return the headers of our mail as a report gives them back; none where it does not."""
    part = message.part(*_ORIGINAL_PARTS)
    if part is not None:
        return read_headers(part.text)
    text = message.text[:_MAX_TEXT]
    lines = text[_original_at(text) :].split("\n")
    first = next((number for number, line in enumerate(lines) if _KNOWN_FIELD.match(line)), len(lines))
    return read_headers("\n".join(line.lstrip("> ") if line[:1] == ">" else line for line in lines[first:]))


def is_quoted(message: Message) -> bool:
    """Tell whether the mail that is given back stands in quoted lines, as people answer."""
    text = message.text[:_MAX_TEXT]
    return message.part(*_ORIGINAL_PARTS) is None and text[_original_at(text) :].lstrip().startswith(">")


def without_quotes(text: str) -> str:
    """Return the lines that are not quoted."""
    return "\n".join(line for line in text.split("\n") if not line.lstrip().startswith(">"))


def names_failed_ones(words: str) -> bool:
    """Tell whether a notice has addresses in qmail's form, a line `<address>:` for each, with or without a reason."""
    return _BLOCK_OF_ONE.search(words) is not None


def reason_given(words: str) -> str:
    """Return what sendmail marks as the reason, in brackets, beside a transcript that says many other things."""
    match = _REASON.search(words)
    return " ".join(match[1].split()) if match else ""


def failed_addresses(message: Message, words: str, original: Headers) -> list[str]:
    """Return the addresses that a free-form bounce names: those it marks as failed, else the first it speaks of."""
    marked = [address for value in message.headers.all("x-failed-recipients") for address in addresses_in(value)]
    if marked:
        return marked[:_MAX_RECIPIENTS]
    ours = {address.lower() for name in ("to", "from", "sender", "return-path", "errors-to", "reply-to")
            for value in message.headers.all(name) for address in addresses_in(value)}  # fmt: skip
    at_start = [first or second for first, second in _AT_LINE_START.findall(words)]
    generated = _GENERATED.findall(words)
    words = _SENT_BY.sub(" ", words)
    announced = [words[match.end() : match.end() + _NEAR] for match in _ANNOUNCED.finditer(words)]
    for candidates in (at_start, generated, announced[:1], _LABELLED.findall(words), [words], [original.get("to")]):
        found = [address for text in candidates for address in addresses_in(text) if address.lower() not in ours]
        if found:
            return list(dict.fromkeys(found))[:_MAX_RECIPIENTS]
    return []


def words_about(words: str, address: str, others: Sequence[str]) -> str:
    """Return what a notice says of one address: all of it where it names no other."""
    if not others:
        return words
    start = words.find(address)
    if start < 0:
        return ""
    end = min(
        (at for at in (words.find(other, start + len(address)) for other in others) if at > 0), default=len(words)
    )
    return words[start : min(end, start + _NEAR)]


def _original_at(text: str) -> int:
    """Return where the mail that is given back begins: at a line that says so, or at its header fields."""
    said = _ORIGINAL.search(text)
    end = said.start() if said else len(text)
    row, position = 0, 0
    start = 0
    for line in text[:end].splitlines(keepends=True):
        if _KNOWN_FIELD.match(line):
            start = position if row == 0 else start
            row += 1
            if row == _FIELDS_IN_A_ROW:
                return start
        elif not (row and line[:1] in (" ", "\t")):
            row = 0
        position += len(line)
    return end
