"""Feeds made at random: every element and attribute that feeds use, in every order, then damaged."""

import random
from html import escape

from tests.sources.feeds.feed_words import (
    ATTRIBUTES,
    ATTRIBUTES_OF_ELEMENT,
    CHILDREN,
    DATES,
    KNOWN,
    LINKS,
    NAMESPACES,
    ODD,
    TEXTS,
    TYPES,
    USUAL,
)

_OFTEN = 0.5
_FEWEST_BORDERS = 4


def feed(chance: random.Random) -> bytes:
    """Return a feed, well-formed unless it was damaged, in one of the encodings of the field."""
    text = _document(chance)
    for _ in range(chance.choice((0, 0, 0, 0, 1, 2))):
        text = _damaged(chance, text)
    encoding = chance.choice(("utf-8",) * 16 + ("latin-1", "windows-1252", "utf-8-sig", "utf-16"))
    told = chance.choice(("", *(encoding,) * 12, "UTF-8", "iso-8859-1", "windows-1252", "bogus"))
    head = f'<?xml version="1.0" encoding="{told}"?>' if told else chance.choice(("", '<?xml version="1.0"?>', "\n"))
    body = (head + chance.choice(("", "\n", "<!-- made -->")) + text).encode(encoding, "xmlcharrefreplace")
    return _damaged_bytes(chance, body) if chance.random() < 0.05 else body


def headers(chance: random.Random) -> dict[str, str]:
    """Return the headers of an answer."""
    types = ("", "text/xml", "application/xml", "application/rss+xml; charset=utf-8", "text/html; charset=iso-8859-1")
    said = chance.choice((*types, "application/atom+xml; charset=UTF-8", "text/plain"))
    return {"content-type": said} if said else {}


def _document(chance: random.Random) -> str:
    declared = _declarations(chance)
    entries = [_entry(chance) for _ in range(chance.choice((0, 1, 1, 2, 3)))]
    around = [_element(chance, "feed") for _ in range(chance.randrange(4))]
    shape = chance.choice(("rss",) * 8 + ("atom",) * 8 + ("rdf",) * 4 + ("bare",))
    if shape == "atom":
        namespace = chance.choice(("http://www.w3.org/2005/Atom",) * 4 + ("http://purl.org/atom/ns#", ""))
        version = chance.choice(("", "", ' version="0.3"'))
        return f'<feed xmlns="{namespace}"{version}{declared}>{_mixed(chance, around, entries)}</feed>'
    if shape == "rdf":
        inside = f"<channel>{''.join(around)}</channel>{''.join(entries)}"
        return f'<rdf:RDF xmlns="http://purl.org/rss/1.0/"{declared}>{inside}</rdf:RDF>'
    version = chance.choice((' version="2.0"',) * 4 + (' version="0.91"', ' version="0.92"', ""))
    inside = _mixed(chance, around, entries)
    channel = inside if shape == "bare" else f"<channel>{inside}</channel>"
    return f"<rss{version}{declared}>{channel}</rss>"


def _declarations(chance: random.Random) -> str:
    chosen = [pair for pair in NAMESPACES if chance.random() < 0.995]
    chance.shuffle(chosen)
    if chance.random() < 0.05:
        chosen.append((chance.choice(("a", "dc", "x", "media")), chance.choice(NAMESPACES)[1]))
    return "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in dict(chosen).items())


def _mixed(chance: random.Random, around: list[str], entries: list[str]) -> str:
    if chance.random() < 0.2:
        around = [*around, *entries]
        chance.shuffle(around)
        return "".join(around)
    return "".join(around + entries)


def _entry(chance: random.Random) -> str:
    name = chance.choice(("item", "item", "entry", "entry"))
    about = chance.choice(("",) * 6 + (' rdf:about="urn:about"', ' xml:lang="fr"', ' xml:base="http://a.test/b/"'))
    space = chance.choice(("", "\n  "))
    inside = space.join(_element(chance, "entry") for _ in range(chance.randrange(9)))
    return f"<{name}{about}>{space}{inside}{space}</{name}>"


def _element(chance: random.Random, where: str, depth: int = 0) -> str:
    name = chance.choice(USUAL if chance.random() < 0.6 else KNOWN if chance.random() < 0.98 else ODD)
    children = CHILDREN.get(name)
    attributes = _attributes(chance, name)
    if children and chance.random() < 0.8 and depth < 3:
        inside = chance.choice(("", "\n")).join(
            _named(chance, chance.choice(children)) if chance.random() < 0.97 else _element(chance, where, depth + 1)
            for _ in range(chance.randrange(4))
        )
        return f"<{name}{attributes}>{inside}</{name}>"
    return _named(chance, name, attributes)


def _named(chance: random.Random, name: str, attributes: str | None = None) -> str:
    attributes = _attributes(chance, name) if attributes is None else attributes
    if chance.random() < 0.1:
        return f"<{name}{attributes}/>"
    return f"<{name}{attributes}>{_text(chance, name)}</{name}>"


def _text(chance: random.Random, name: str) -> str:
    text = _words(chance, name)
    form = chance.random()
    if form < 0.35 and "]]>" not in text:
        return f"{chance.choice(('', ' '))}<![CDATA[{text}]]>{chance.choice(('', chr(10), escape(text)))}"
    if form < 0.4:
        return "".join(f"&#{ord(character)};" for character in text)
    if form < 0.43:
        return f"<!-- a note -->{escape(text)}<?php echo 1 ?>"
    return chance.choice(("", "", "\n  ")) + escape(text) + chance.choice(("", " "))


def _words(chance: random.Random, name: str) -> str:
    if chance.random() < 0.1:
        return "".join(chance.choice(("é", "Ã©", "\x85", "&", "<b>", "’", "a", " ", "\xa0", "😀")) for _ in range(6))
    local = name.rpartition(":")[2].lower()
    if "date" in local or local in {"published", "updated", "issued", "modified", "created"}:
        return chance.choice(DATES)
    if local in {"link", "guid", "id", "url", "uri", "comments"}:
        return chance.choice(LINKS)
    return chance.choice(TEXTS)


def _attributes(chance: random.Random, name: str) -> str:
    if chance.random() < 0.005:
        return f' {chance.choice(tuple(ATTRIBUTES))}="{escape(chance.choice(TYPES + LINKS))}"'
    chosen = {}
    for attribute in ATTRIBUTES_OF_ELEMENT.get(name, ()):
        if chance.random() < 0.3:
            values = ATTRIBUTES[attribute]
            chosen[attribute] = values[0] if chance.random() < 0.7 else chance.choice(values)
    return "".join(f' {attribute}="{escape(value)}"' for attribute, value in chosen.items())


def _damaged(chance: random.Random, text: str) -> str:
    """Return `text` with a piece between two brackets left out, repeated, put elsewhere, recased or wrapped."""
    borders = [position for position, character in enumerate(text) if character in "<>"]
    if len(borders) < _FEWEST_BORDERS:
        return text
    start, end = sorted(chance.sample(borders, 2))
    other = chance.choice(borders)
    before, piece, after = text[:start], text[start:end], text[end:]
    wrapping = chance.choice(("foo", "div", "dc:foo", "x:y"))
    forms = (
        before + after,
        before + piece + piece + after,
        before + _element(chance, "entry") + piece + after,
        before + (piece.upper() if chance.random() < _OFTEN else piece.swapcase()) + after,
        f"{before}<{wrapping}>{piece}</{wrapping}>{after}",
        text[:other] + piece + text[other:],
    )
    return chance.choice(forms)


def _damaged_bytes(chance: random.Random, body: bytes) -> bytes:
    at = chance.randrange(len(body) + 1)
    return (
        body[:at] + bytes(chance.randrange(256) for _ in range(chance.randrange(3))) + body[at + chance.randrange(3) :]
    )
