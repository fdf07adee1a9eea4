"""An entry in the making: which of several elements of one meaning counts, by feedparser's rules. Pure.

feedparser keeps one value for a meaning: the last one, unless an earlier one stood less deep. Links and dates
are kept whatever their depth; a body is added to those before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from feedback_service.sources.feeds.entries import Entry, Markup
from feedback_service.sources.feeds.fast_dates import feed_date
from feedback_service.sources.feeds.fast_names import Doubt, Names
from feedback_service.sources.feeds.fast_texts import HTML, Texts

_NO_TITLE = -1
_DEEPEST = 1_000_000


Link = tuple[str, str, str]
"""Relation, media type and address."""


def first_link(links: Sequence[Link], relation: str, media_type: str = "") -> str:
    """Return the first address of that relation whose type says `media_type`; empty for none."""
    found = (href for rel, kind, href in links if rel == relation and href and media_type in kind)
    return next(found, "")


class Draft:
    """The values of one entry by feedparser's names: `id`, `link`, `title`, `summary`, `author`, `im_rating`."""

    __slots__ = (
        "_authors",
        "_contents",
        "_depths",
        "_types",
        "links",
        "published",
        "source_title",
        "updated",
        "values",
    )

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.links: list[Link] = []
        self.source_title = ""
        self.published = ""
        self.updated = ""
        self._depths: dict[str, int] = {}
        self._types: dict[str, str] = {}
        self._contents: list[Markup] = []
        self._authors: list[dict[str, str]] = []

    def keep(self, key: str, value: str, depth: int) -> None:
        """Keep a value, unless one is known that stood less deep."""
        if depth <= self._depths.get(key, _DEEPEST):
            self._depths[key] = depth
            self.values[key] = value

    def keep_markup(self, key: str, markup: Markup, depth: int) -> None:
        """Keep a text construct; its type is kept in any case."""
        self.keep(key, markup.value, depth)
        self._types[key] = markup.type

    def add_content(self, markup: Markup) -> None:
        """Add a body; it is the summary too as long as there is none."""
        self._contents.append(markup)
        self.values.setdefault("summary", markup.value)

    def begin_author(self) -> None:
        """Make room for the details of one more author."""
        self._authors.append({})

    def add_author_detail(self, key: str, value: str) -> None:
        """Note an author's `name`, `email` or `href`; raise `Doubt` where feedparser would mix two authors up."""
        details = self._authors[-1]
        before = self.values.get("author", "")
        if details:
            self._name_author(details)
        elif "@" in before:
            raise Doubt
        elif before:
            details["name"] = before
        details[key] = value

    def end_author(self, text: str, depth: int) -> None:
        """Keep the author: by its details if it has any, else by its text."""
        self.keep("author", text, depth)
        self._name_author(self._authors[-1])

    def entry(self) -> Entry:
        """Return the entry as it stands."""
        values = self.values
        return Entry(
            guid=values.get("id", ""),
            link=values.get("link", ""),
            title=self._markup("title"),
            texts=(*self._contents, self._markup("summary")),
            author=values.get("author", ""),
            published_at=feed_date(self.published) or feed_date(self.updated),
            rating=values.get("im_rating", ""),
            comments_feed=values.get("wfw_commentrss", "") or first_link(self.links, "replies", "xml"),
            source_title=self.source_title,
        )

    def _name_author(self, details: dict[str, str]) -> None:
        name, email = details.get("name"), details.get("email")
        if name and email:
            self.values["author"] = f"{name} ({email})"
        elif name or email:
            self.values["author"] = name or email or ""

    def _markup(self, key: str) -> Markup:
        return Markup(self.values.get(key, ""), self._types.get(key, HTML))


@dataclass(slots=True)
class State:
    """What has been read of a feed so far."""

    names: Names
    texts: Texts
    title: Markup = field(default_factory=lambda: Markup(""))
    ttl: str = ""
    link: str | None = None
    generator: str = ""
    source_title: str = ""
    links: list[Link] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    draft: Draft | None = None
    base: str = ""
    in_feed: bool = False
    title_depth: int = _NO_TITLE
    has_content: bool = False
    has_summary: bool = False

    def forget_title(self) -> None:
        """Let the next title count, whatever came before."""
        self.title_depth = _NO_TITLE

    def add_link(self, relation: str, media_type: str, href: str, *, is_own: bool) -> None:
        """Add a link of the entry or of the feed; `is_own` is the page that it is about."""
        (self.draft or self).links.append((relation, media_type, href))
        if is_own and self.draft:
            self.draft.values["link"] = href
        elif is_own:
            self.link = href

    def keep_title(self, markup: Markup, depth: int) -> None:
        """Keep the title of the entry or of the feed, unless one stood before it that was not deeper."""
        if self.title_depth == _NO_TITLE or self.title_depth > depth:
            if self.draft:
                self.draft.keep_markup("title", markup, depth)
            elif self.in_feed:
                self.title = markup
            else:
                raise Doubt
        if markup.value:
            self.title_depth = depth

    def keep_summary(self, markup: Markup, depth: int) -> None:
        """Keep a summary or description of the entry; those of the feed are not read."""
        if self.draft:
            self.draft.keep_markup("summary", markup, depth)

    def add_content(self, markup: Markup) -> None:
        """Add a body to the entry; at the feed's level feedparser only remembers that there was one."""
        self.has_content = True
        if self.draft:
            self.draft.add_content(markup)
        else:
            self.has_summary = True

    def is_second_summary(self) -> bool:
        """Tell whether a summary that comes now is taken for a body."""
        has_summary = "summary" in self.draft.values if self.draft else self.has_summary
        return has_summary and not self.has_content
