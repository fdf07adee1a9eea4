"""What a person wrote in answer to a mail: without what they quote and without their signature. Pure.

It errs towards keeping: where a mail is nothing but quotes (an answer between the lines), all of it stays.
"""

import re

from feedback_service.folding import fold

MAX_TEXT = 5_000
_MAX_LINES = 2_000
# "On 3 May 2026 at 10:02, Shop <a@example.com> wrote:" in the languages of our customers; it may be on two lines.
_WROTE = re.compile(
    r"(?:on .{5,200} wrote|le .{5,200} a ecrit|am .{5,200} schrieb.{0,100}|el .{5,200} escribio"
    r"|il .{5,200} ha scritto|em .{5,200} escreveu|op .{5,200} schreef.{0,100})\s?:\s*"
)
# The header block that Outlook and others put above what they quote.
_BLOCK = re.compile(r"[*_]?(?:from|de|von|da|van|di)\s?:[*_]?\s.{0,200}")
_BLOCK_NEXT = re.compile(
    r"[*_]?(?:sent|date|to|subject|envoye|a|objet|cc|gesendet|an|betreff|datum|enviado|fecha|para|asunto|inviato|data"
    r"|oggetto|assunto|verzonden|aan|onderwerp)\s?:[*_]?(?:\s.{0,300})?"
)
_ORIGINAL = re.compile(
    r"(?:original message|message d'origine|message original|message transfere|ursprungliche nachricht"
    r"|mensaje original|messaggio originale|mensagem original|oorspronkelijk bericht|forwarded message)"
)
_SENT_FROM = re.compile(
    r"(?:sent from my|sent from outlook|get outlook for|envoye de mon|envoye depuis|envoye a partir de"
    r"|telecharge[rz]? outlook|von meinem .{1,40} gesendet|gesendet von|gesendet mit|enviado desde|obtener outlook"
    r"|inviato da|enviado do meu|enviado a partir d|verzonden vanaf|verstuurd vanaf).{0,80}"
)


def reply_text(text: str) -> str:
    """Return what is new in `text`, at most 5,000 characters, trimmed; the whole text where nothing else is left."""
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").split("\n")[:_MAX_LINES]]
    folded = [fold(line[:400]).strip() for line in lines]
    kept = lines[: _end(folded)]
    own = "\n".join(line for line in kept if not line.lstrip().startswith(">"))
    return (_trimmed(own) or _trimmed("\n".join(line.lstrip("> ") for line in lines)))[:MAX_TEXT]


def _end(folded: list[str]) -> int:
    """Return the first line that begins a quotation or a signature."""
    for number, line in enumerate(folded):
        following = folded[number + 1] if number + 1 < len(folded) else ""
        if line == "--" or _SENT_FROM.fullmatch(line) or _begins_quote(line, following):
            return number
    return len(folded)


def _begins_quote(line: str, following: str) -> bool:
    bare = line.lstrip("> ")
    if _WROTE.fullmatch(bare) or (len(bare) > 5 and _WROTE.fullmatch(f"{bare} {following.lstrip('> ')}")):  # noqa: PLR2004 - the shortest beginning of such a line
        return True
    if _BLOCK.fullmatch(bare) and _BLOCK_NEXT.fullmatch(following.lstrip("> ")):
        return True
    return _ORIGINAL.fullmatch(bare.strip("-_*=~–— ")) is not None and bare[:1] in "-_*=~–—"


def _trimmed(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", text).strip()
