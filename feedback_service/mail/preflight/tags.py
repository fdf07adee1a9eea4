"""Lists of tags, `name=value; name=value`, as DKIM (RFC 6376 3.2) and DMARC (RFC 7489 6.4) write them. Pure."""

import re

_NAME = re.compile(r"[a-z][a-z0-9_]*", re.IGNORECASE)


class TagError(ValueError):
    """The text is no list of tags; the message says why."""


def read_tags(text: str) -> dict[str, str]:
    """Return the tags in their order, names in lower case, values without the space around them."""
    tags: dict[str, str] = {}
    for part in text.split(";"):
        if not part.strip():
            continue
        name, equals, value = part.partition("=")
        name = name.strip().lower()
        if not equals or not _NAME.fullmatch(name):
            message = f"{part.strip()[:60]!r} is no tag"
            raise TagError(message)
        if name in tags:
            message = f"{name}= stands there twice"
            raise TagError(message)
        tags[name] = value.strip()
    return tags
