"""Canonical addresses: one page, one string. Pure.

A canonical address is a key for comparing, not a link to show: the scheme of a default port, tracking
parameters, and the order of parameters do not tell pages apart.
"""

import re
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from url_normalize import url_normalize

_TRACKING = re.compile(
    r"utm_\w+|mtm_\w+|pk_\w+|hsa_\w+|_hs\w+|mc_[ce]id|fb_\w+|fbclid|gclid|gclsrc|gbraid|wbraid|dclid|msclkid|yclid|"
    r"twclid|ttclid|li_fat_id|igshid?|igsh|mkt_tok|vero_\w+|oly_\w+|_ga|_gl|_openstat|xtor|wt_mc|cmpid|ref_src|ref_url|"
    r"at_(?:medium|campaign|custom\d+)|sc_c?id|srsltid|ns_\w+|__twitter_impression|amp|rss",
    re.IGNORECASE,
)
_PAGING = frozenset(
    {"page", "paged", "cpage", "offset", "start", "sort", "order", "replytocom", "commentpage", "pg", "context"}
    | {"showcomment"}
)
# Where one thread has many addresses: the pattern's first group is the thread.
_THREADS = (
    (re.compile(r"(?:.*\.)?reddit\.com"), re.compile(r"(/r/[^/]+/comments/[^/]+)(?:/.*)?")),
    (re.compile(r".*"), re.compile(r"(/t/[^/]+/\d+)/\d+")),  # Discourse: the number of a post
    (re.compile(r".*"), re.compile(r"(.+?)/comment-page-\d+")),  # WordPress
    (re.compile(r".*"), re.compile(r"(.+?)/(?:comments/feed|feed)")),  # WordPress: the feed of a post
    (re.compile(r".*"), re.compile(r"(.+?)/page/\d+")),
)


# What is in normal form already, as most addresses are: the general way takes twenty times as long.
_PLAIN = re.compile(
    r"https?://(?![a-z0-9.-]*[a-z0-9-]{64})(?P<place>[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+(?:-[a-z0-9]+)*)*\.[a-z]{2,20}"
    r"(?P<path>(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*))/?(?:\#[A-Za-z0-9_-]*)?"
)
_LONGEST_PLAIN = 200  # Host names end before that; what is longer is looked at closely.
_OTHER_HOST = re.compile(r"\A(?:www\d?|m|mobile|amp)\.(?=[^./]+\.)")
_OTHER_PATH = re.compile(r"(?:/amp|\.amp(?:\.html?)?|/index\.(?:html?|php))$")


@lru_cache(maxsize=4096)
def canonical(url: str) -> str:
    """Return the address of a page as a key: normal form, no tracking, no fragment; '' for what is none."""
    plain = _PLAIN.fullmatch(url) if len(url) <= _LONGEST_PLAIN else None
    if plain:
        return f"https://{plain['place']}{'' if plain['path'] else '/'}"
    return _canonical(url)


def _canonical(url: str) -> str:
    try:
        normal = url_normalize(url.strip()) if url.strip() else ""
        parts = urlsplit(normal or "")
        port = parts.port
    except (ValueError, UnicodeError, IndexError):
        return ""
    if not parts.netloc:
        return normal or ""
    scheme = "https" if parts.scheme == "http" and port in {None, 80} else parts.scheme
    return urlunsplit((scheme, parts.netloc.rpartition("@")[2], _path(parts.path), _query(parts.query, paged=True), ""))


def place(url: str) -> str:
    """Return where an item stands, as a key to know it again by; '' where that is no page of its own.

    Beyond `canonical`, hosts and paths for phones (www, m, amp) are one; the fragment counts, because comments
    on one page differ by nothing else. Not for threads: those keys are stored, and stay what they are.
    """
    address, _, fragment = url.partition("#")
    rest, _, query = canonical(address).partition("://")[2].partition("?")
    path = _OTHER_PATH.sub("", _OTHER_HOST.sub("", rest, count=1), count=1).rstrip("/")
    if not ("/" in path or query or fragment):
        return ""
    return f"{path}?{query}#{fragment}" if query or fragment else path


@lru_cache(maxsize=4096)
def thread(url: str) -> str:
    """Return the address of the thread a page belongs to: canonical, and without pages, order and post numbers."""
    parts = urlsplit(canonical(url))
    path = parts.path
    for host, pattern in _THREADS:
        found = pattern.fullmatch(path)
        if found and host.fullmatch(parts.netloc):
            path = found[1]
    return urlunsplit((parts.scheme, parts.netloc, _path(path), _query(parts.query, paged=False), ""))


def is_front_page(url: str) -> bool:
    """Tell whether an address is the front page of a site: what links there has no page of its own."""
    parts = urlsplit(canonical(url))
    return parts.path in {"", "/"} and not parts.query


def _path(path: str) -> str:
    return path.rstrip("/") or "/"


def _query(query: str, *, paged: bool) -> str:
    pairs = parse_qsl(query, keep_blank_values=True)
    # phpBB: a post of a topic (viewtopic.php?t=5&p=34); alone, `p` is a page of its own.
    places = _PAGING | {"p"} if any(name == "t" for name, _ in pairs) else _PAGING
    kept = [
        (name, value)
        for name, value in pairs
        if not _TRACKING.fullmatch(name) and (paged or name.lower() not in places)
    ]
    return urlencode(sorted(kept))
