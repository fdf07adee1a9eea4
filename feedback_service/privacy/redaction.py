"""Blackening an address in text: as long as before, so that the places of evidence stay true."""

import re
from typing import TypeVar

Contents = TypeVar("Contents")
_BLACK = "█"


def redacted(contents: Contents, address: str) -> Contents:
    """Return `contents` (text, or JSON of lists and dicts) with `address` blackened, whatever its case."""
    if isinstance(contents, str):
        return re.sub(re.escape(address), lambda match: _BLACK * len(match[0]), contents, flags=re.IGNORECASE)  # type: ignore[return-value]  # text in, text out
    if isinstance(contents, list):
        return [redacted(item, address) for item in contents]  # type: ignore[return-value]  # a list in, a list out
    if isinstance(contents, dict):
        return {key: redacted(value, address) for key, value in contents.items()}  # type: ignore[return-value]  # as above
    return contents
