"""Blank what the author did not say: markup, addresses, quotes of other posts, signatures.

Every function returns exactly as many characters as it was given, so that offsets stay offsets into the original.
The patterns hold no nested or overlapping repetition: the cost is linear in the length, whatever the text.
"""

import html
import re

PADDING = "\u200b"  # Zero-width space: fills the place of an entity behind the character that it stands for.
_TAG = re.compile(r"<(?:!--[^<>]{0,2000}--|[/!]?[a-zA-Z][^<>]{0,2000})>")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>\"]+|(?<!\w)@\w+", re.IGNORECASE)
_QUOTE = re.compile(r"^[ \t]*(?:>|&gt;)[^\n]*", re.MULTILINE)
_QUOTED_POST = re.compile(
    r"<blockquote\b[^<>]{0,2000}>[^<]*(?:<(?!/?blockquote)[^<]*)*</blockquote>|\[quote[^\[\]]{0,200}\][^\[]*\[/quote\]",
    re.IGNORECASE,
)
# What follows is no longer the author's: a signature, the mail that is answered, the shop's answer below a review.
_ENDS = re.compile(
    r"^(?:-- ?$"
    r"|-{2,}[ ]?(?:original message|message d'origine|urspr[^\n]{1,12} nachricht|mensaje original)"
    r"|(?:le|on|am|el|il|op|em|a) [^\n]{4,120} "
    r"(?:a écrit|wrote|schrieb[^\n:]{0,60}|escribió|ha scritto|schreef[^\n:]{0,60}|escreveu) ?:"
    r"|(?:envoyé de mon|sent from my|gesendet von mein|enviado desde mi|inviato da|verzonden vanaf|enviado do meu) "
    r"|réponse (?:du|de la|de) (?:propriétaire|vendeur|boutique|service client)\b"
    r"|response from the (?:owner|seller|company)\b)",
    re.IGNORECASE | re.MULTILINE,
)
_CODE = re.compile(r"<(?P<name>script|style)\b[^<>]{0,2000}>[^<]*</(?P=name)>", re.IGNORECASE)


def clean(text: str) -> str:
    """Return `text` with the parts that are not the author's words blanked; same length, line breaks kept."""
    if "quote" in text.lower():
        text = _QUOTED_POST.sub(_blank, text)
    if "<" in text:
        text = _TAG.sub(_blank, _CODE.sub(_blank, text))
    if ">" in text or "&gt;" in text:
        text = _QUOTE.sub(_blank, text)
    if "&" in text:
        text = _ENTITY.sub(_decoded, text)
    if "@" in text or "://" in text or "www." in text.lower():
        text = _ADDRESS.sub(_blank, text)
    end = _ENDS.search(text)
    if end and text[: end.start()].strip():
        text = text[: end.start()] + " " * (len(text) - end.start())
    return text


def _blank(match: re.Match[str]) -> str:
    part = match.group()
    return "".join("\n" if character == "\n" else " " for character in part) if "\n" in part else " " * len(part)


def _decoded(match: re.Match[str]) -> str:
    character = html.unescape(match.group())
    if len(character) != 1:
        return " " * len(match.group())
    return character + PADDING * (len(match.group()) - 1)
