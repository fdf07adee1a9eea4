"""The WebSub hub of a feed: in the headers of the answer, which count first, or in the document (R56). Pure.

Source: WebSub (W3C, 2018) section 4, RFC 8288.
"""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urljoin, urlsplit

_LONGEST_HEADER = 8000
_LINK = re.compile(r"<([^<>]*)>((?:\s*;\s*[\w!#$&+.^`|~*-]+(?:\s*=\s*(?:\"(?:[^\"\\]|\\.)*\"|[^\s\",;]*))?)*)")
_PARAMETER = re.compile(r";\s*([\w!#$&+.^`|~*-]+)\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^\s\",;]*))")


def hub_and_topic(headers: Mapping[str, str], hub: str, self_url: str, url: str) -> tuple[str, str]:
    """Return the absolute addresses of the hub and of what is subscribed to; two empty ones without a hub.

    Args:
        headers: of the answer, lower-case names.
        hub: what the document names.
        self_url: what the document calls its own address.
        url: where it came from: the topic where nothing else is said, and the base of relative addresses.
    """
    named = dict(reversed(tuple(links(headers.get("link", "")))))
    found = _address(url, named.get("hub", "")) or _address(url, hub)
    if not found:
        return "", ""
    return found, _address(url, named.get("self", "")) or _address(url, self_url) or url


def links(header: str) -> Iterator[tuple[str, str]]:
    """Yield (relation, address) of a Link header in its order; links about something else (anchor) are left out."""
    for found in _LINK.finditer(header[:_LONGEST_HEADER]):
        # The first of a parameter that stands twice counts (RFC 8288, section 3.3).
        values = {name.lower(): quoted or bare for name, quoted, bare in reversed(_PARAMETER.findall(found[2]))}
        if not values.get("anchor"):
            yield from ((relation.lower(), found[1].strip()) for relation in values.get("rel", "").split())


def _address(base: str, link: str) -> str:
    try:
        address = urljoin(base, link.strip()) if link.strip() else ""
        parts = urlsplit(address)
        return address if parts.scheme in {"http", "https"} and parts.hostname and address.isprintable() else ""
    except ValueError:
        return ""
