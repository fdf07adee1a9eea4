"""Lists of addresses in a file: one per line, or the OPML that every feed reader exports. Pure."""

import re
from xml.parsers import expat

from feedback_service.errors import InvalidInputError
from feedback_service.sources.texts.plain import one_line

_XML = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*<")
_COMMENT = re.compile(r"(?:^|\s)#.*")
_LONGEST = 4000
_ADDRESS_ATTRIBUTES = ("xmlurl", "url")


def addresses_in(content: bytes) -> tuple[str, ...]:
    """Return the addresses that a list names, in order, each once; raise `InvalidInputError` for what is no list."""
    found = _in_opml(content) if _XML.match(content) else _in_lines(content)
    return tuple(dict.fromkeys(address[:_LONGEST] for address in found if address))


def _in_lines(content: bytes) -> list[str]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        sentence = f"The list is not UTF-8 text (byte {error.start + 1})."
        raise InvalidInputError(sentence, field="file") from error
    return [one_line(_COMMENT.sub("", line)) for line in text.splitlines()]


def _in_opml(content: bytes) -> list[str]:
    found: list[str] = []
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler = lambda name, attributes: found.extend(_addresses(name, attributes))
    try:
        parser.Parse(content, True)  # noqa: FBT003 - the signature is expat's
    except (expat.ExpatError, ValueError, LookupError) as error:  # A made-up encoding is a LookupError.
        sentence = f"The list begins like OPML and is no XML: {error}."
        raise InvalidInputError(sentence, field="file") from error
    return found


def _addresses(name: str, attributes: dict[str, str]) -> list[str]:
    if name.lower() != "outline":
        return []
    given = {key.lower(): one_line(value) for key, value in attributes.items()}
    return [given[key] for key in _ADDRESS_ATTRIBUTES if given.get(key)][:1]


def _refuse(*declared: object) -> None:
    del declared
    sentence = "The list declares a document type, which could define entities; it is not read."
    raise InvalidInputError(sentence, field="file")
