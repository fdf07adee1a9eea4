"""Which line of a robots.txt decides on an address (RFC 9309, 2.2): for people who want to know why. Pure.

Protego decides; it does not say by which line. This finds the line that the standard names.
"""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import unquote, urlsplit

_LINE = re.compile(r"^\s*(user-agent|allow|disallow)\s*:\s*([^#]*)", re.IGNORECASE)
_LONGEST_PATTERN = 2000
_MOST_RULES = 20_000


def deciding_line(text: str, url: str, agent: str) -> str:
    """Return the rule of `agent`'s group with the longest path that fits `url`, an Allow before a Disallow.

    It is returned as `Disallow: /path`; empty where no rule fits.
    """
    parts = urlsplit(url)
    path = unquote(parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    fitting = [(verb, pattern) for verb, pattern in _rules_for(text, agent) if _fits(pattern, path)]
    if not fitting:
        return ""
    verb, pattern = max(fitting, key=lambda rule: (len(rule[1]), rule[0] == "allow"))
    return f"{verb.capitalize()}: {pattern}"


def _rules_for(text: str, agent: str) -> Sequence[tuple[str, str]]:
    """Return the rules of the groups that name the agent; of those for everybody where none does."""
    named: list[tuple[str, str]] = []
    everybody: list[tuple[str, str]] = []
    is_named = False
    for agents, rule in _grouped(text):
        is_ours = agent.lower() in agents
        is_named = is_named or is_ours
        if rule and is_ours:
            named.append(rule)
        elif rule and "*" in agents:
            everybody.append(rule)
    return named if is_named else everybody


def _grouped(text: str) -> Iterator[tuple[frozenset[str], tuple[str, str] | None]]:
    """Yield each rule with the agents of its group, and each group once without a rule."""
    agents: frozenset[str] = frozenset()
    is_open = False
    for found in [match for line in text.splitlines() if (match := _LINE.match(line))][:_MOST_RULES]:
        verb, value = found[1].lower(), found[2].strip()
        if verb == "user-agent":
            name = frozenset({value.partition("/")[0].lower()})
            agents = agents | name if is_open else name
            is_open = True
            yield agents, None
        else:
            is_open = False
            if value and len(value) <= _LONGEST_PATTERN:
                yield agents, (verb, value)


def _fits(pattern: str, path: str) -> bool:
    """Tell whether a path begins as the pattern says: `*` is anything, `$` at the end is the end."""
    ends = pattern.endswith("$")
    first, *others = unquote(pattern.removesuffix("$")).split("*")
    if not path.startswith(first):
        return False
    position = len(first)
    for piece in others:
        found = path.find(piece, position)
        if found < 0:
            return False
        position = found + len(piece)
    last = others[-1] if others else first
    return not ends or (path.endswith(last) if others else path == first)
