"""Links that only lead to another link: alert and search services wrap the address they report (R57). Pure."""

import re
from urllib.parse import unquote, urlsplit

_MAX_WRAPS = 3
_HTTP = ("http://", "https://")
_UNSAFE = re.compile(r"[\x00-\x20\x7f<>\"\\^`{|}\ud800-\udfff]")
# Host, path, and the parameters that may carry the address, the better first.
_WRAPPERS = (
    (re.compile(r"(?:www\.)?google\.[a-z]{2,3}(?:\.[a-z]{2})?"), "/url", ("url", "q")),
    (re.compile(r"(?:www\.)?bing\.com"), "/news/apiclick.aspx", ("url",)),
    (re.compile(r"(?:l|lm)\.facebook\.com"), "/l.php", ("u",)),
    (re.compile(r"(?:www\.)?duckduckgo\.com"), "/l/", ("uddg",)),
)


def unwrapped(url: str) -> str:
    """Return the address inside a link such as `google.<any>/url?...&url=`; every other address as it is."""
    for _ in range(_MAX_WRAPS):
        inner = _inner(url)
        if not inner:
            return url
        url = inner
    return url


def _inner(url: str) -> str:
    # Of what is not printable `urlsplit` may make such a path; of any other address it is asked last: it is slow.
    if url.isprintable() and not any(path in url for _, path, _ in _WRAPPERS):
        return ""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return ""
    for pattern, path, parameters in _WRAPPERS:
        if parts.path == path and pattern.fullmatch(host):
            return _address(parts.query, parameters)
    return ""


def _address(query: str, parameters: tuple[str, ...]) -> str:
    values: dict[str, str] = {}
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        # A plus stays a plus: these services write a blank in an address as %20.
        values.setdefault(name.lower(), unquote(value))
    found = (values[name] for name in parameters if values.get(name, "").startswith(_HTTP))
    return _UNSAFE.sub(_quoted, next(found, ""))


def _quoted(found: re.Match[str]) -> str:
    return "" if found[0] > "\x7e" else f"%{ord(found[0]):02X}"
