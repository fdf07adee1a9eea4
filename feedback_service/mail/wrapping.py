"""Text parts in lines that every mail program shows whole (RFC 5322, section 2.1.1: 78 characters at most)."""

import re

WIDTH = 76

# Quotation marks and bullets: a line that continues keeps the first and stands below the second's text.
_START = re.compile(r"(?P<quote>(?:>[ ]?)*)(?P<indent>[ ]*(?:(?:[-–•*]|\d{1,3}[.)])[ ])?)")
_LONGEST_START = 24


def wrapped(text: str, width: int = WIDTH) -> str:
    """Return `text` with long lines broken at spaces; a word longer than a line, such as an address, stays whole.

    No-break spaces hold, and joining the lines again gives the words that were there.
    """
    return "\n".join([line if len(line) <= width else _broken(line, width) for line in text.split("\n")])


def _broken(line: str, width: int) -> str:
    line = line.rstrip(" ")
    start = _START.match(line)
    first = start[0] if start and len(start[0]) <= _LONGEST_START else ""
    further = start["quote"] + " " * len(start["indent"]) if start and first else ""
    lines, current = [], first
    begun = False
    for word in line[len(first) :].split(" "):
        if begun and len(current) + 1 + len(word) > width:
            lines.append(current)
            current, begun = further, False
        current += f" {word}" if begun else word
        begun = begun or bool(word)
    return "\n".join([each.rstrip(" ") for each in (*lines, current)])
