"""What feedparser calls an element: its namespace's usual prefix, an underscore, its name in lower case. Pure.

feedparser's names depend on what was declared before, in which order and with which prefix. What is usual is
named here in the same way; what is unusual is a doubt.
"""

from feedparser.mixin import _FeedParserMixin
from feedparser.util import FeedParserDict

_STANDARD = {uri.lower(): prefix for uri, prefix in _FeedParserMixin.namespaces.items()}
_STANDARD_PREFIXES = frozenset(prefix.lower() for prefix in _STANDARD.values() if prefix)
_USERLAND = "backend.userland.com/rss"
_VERSIONS_BY_NAMESPACE = {"http://purl.org/rss/1.0/": "rss10", "http://www.w3.org/2005/atom": "atom10"}
_NETSCAPE = "http://my.netscape.com/rdf/simple/0.9/"
_RSS_VERSIONS = {"0.91": "rss091u", "0.92": "rss092", "0.93": "rss093", "0.94": "rss094"}
_ATOM_VERSIONS = {"0.1": "atom01", "0.2": "atom02", "0.3": "atom03"}

# Under these names feedparser keeps what it works with: an unknown element of such a name changes what it does.
_KEPT = frozenset(FeedParserDict.keymap) | {
    "entries", "feed", "id", "link", "links", "title", "title_detail", "content", "summary", "summary_detail",
    "subtitle", "subtitle_detail", "author", "authors", "author_detail", "publisher", "publishers",
    "publisher_detail", "contributors", "tags", "category", "enclosures", "license", "href", "image", "textinput",
    "where", "source", "published", "published_parsed", "updated", "updated_parsed", "created_parsed",
    "expired_parsed", "generator_detail", "media_content", "media_thumbnail", "media_credit", "media_rating",
    "media_restriction", "media_license", "media_player", "psc_chapters", "guidislink", "name", "email",
}  # fmt: skip


class Doubt(Exception):  # noqa: N818 - no error: somebody else reads the feed
    """The feed holds something of which it is not certain what feedparser would make."""


class Names:
    """Names elements as feedparser does, from the namespaces declared so far, and tells the feed's version."""

    def __init__(self) -> None:
        self.version = ""
        self._uri_of: dict[str, str] = {}
        self._prefix_of: dict[str, str] = {}
        self._is_standard: dict[str, bool] = {}

    def declare(self, prefix: str | None, uri: str | None) -> None:
        """Take note of a namespace; raise `Doubt` where names would depend on where they stand."""
        if not uri:
            return
        lowered = uri.lower()
        self.version = self.version or _version_of(prefix, lowered)
        if len(uri.split()) != 1:
            raise Doubt
        prefix = (prefix or "").lower()
        standard = _standard_prefix(lowered)
        if prefix:
            if self._uri_of.setdefault(prefix, lowered) != lowered:
                raise Doubt
            if standard is not None and standard.lower() != prefix in _STANDARD_PREFIXES:
                raise Doubt
        if standard is None and self._prefix_of.setdefault(uri, prefix) != prefix:
            raise Doubt
        self._claim(prefix if standard is None else standard.lower(), by_standard=standard is not None)

    def _claim(self, prefix: str, *, by_standard: bool) -> None:
        """Refuse a prefix that stands for the namespace it usually has and for another one as well."""
        if prefix and self._is_standard.setdefault(prefix, by_standard) is not by_standard:
            raise Doubt

    def key(self, name: str) -> str:
        """Return feedparser's name of an element that expat calls `name` ("uri local" or "local")."""
        uri, _, local = name.rpartition(" ")
        if ":" in local:
            raise Doubt
        prefix = _standard_prefix(uri.lower())
        if prefix is None:
            prefix = self._prefix_of[uri]
        local = local.lower()
        return f"{prefix.lower()}_{local}" if prefix else local

    def in_rss(self, version: str) -> None:
        """Take note of the version that an `rss` element has in its attribute."""
        if not self.version.startswith("rss"):
            self.version = _RSS_VERSIONS.get(version) or ("rss20" if version.startswith("2.") else "rss")

    def in_atom(self, version: str) -> None:
        """Take note of the version that a `feed` element has in its attribute."""
        self.version = self.version or _ATOM_VERSIONS.get(version, "atom")


def _standard_prefix(lowered: str) -> str | None:
    return "" if _USERLAND in lowered else _STANDARD.get(lowered)


def _version_of(prefix: str | None, lowered: str) -> str:
    if prefix is None and lowered == _NETSCAPE:
        return "rss090"
    return _VERSIONS_BY_NAMESPACE.get(lowered, "")


def means_something(key: str) -> bool:
    """Tell whether feedparser does something at an element of that name, or keeps its work under it."""
    return hasattr(_FeedParserMixin, f"_start_{key}") or hasattr(_FeedParserMixin, f"_end_{key}") or key in _KEPT
