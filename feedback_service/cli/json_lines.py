"""JSON for programs that read our output line by line."""

import json
from collections.abc import Mapping
from typing import Any


def json_line(answer: Mapping[str, Any]) -> bytes:
    """Return an object as one line of UTF-8, accents as they are."""
    try:
        return json.dumps(answer, ensure_ascii=False).encode() + b"\n"
    except UnicodeEncodeError:  # Half of a surrogate pair, which JSON can carry and UTF-8 cannot.
        return json.dumps(answer).encode() + b"\n"
