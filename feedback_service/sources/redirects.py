"""Links that only lead to another link: alert and news services wrap the address they report (R57)."""

from urllib.parse import parse_qs, urlsplit

_MAX_WRAPS = 3
_PARAMETERS = ("url", "q")


def unwrapped(url: str) -> str:
    """Return the address inside a `google.<any>/url?...&url=` link; every other address as it is."""
    for _ in range(_MAX_WRAPS):
        inner = _inner(url)
        if not inner:
            return url
        url = inner
    return url


def _inner(url: str) -> str:
    try:
        parts = urlsplit(url)
        if parts.path != "/url" or not _is_google(parts.hostname or ""):
            return ""
        query = parse_qs(parts.query)
    except ValueError:
        return ""
    for name in _PARAMETERS:
        for value in query.get(name, ()):
            if value.startswith(("http://", "https://")):
                return value
    return ""


def _is_google(host: str) -> bool:
    labels = host.removeprefix("www.").split(".")
    return labels[0] == "google" and len(labels) in {2, 3}
