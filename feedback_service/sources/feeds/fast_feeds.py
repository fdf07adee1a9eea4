"""Feeds read by expat alone, where it is certain that feedparser would read the same from them.

feedparser spends a third of a millisecond and more on an entry, most of it on what is not needed here. It reads
a well-formed feed with expat as well, so the same bytes go through the same parser, and what it makes of each
element is done here by tables. Whatever is not in the tables, or not well-formed, is a `Doubt`, and then
feedparser reads the feed. That both give the same is tested on real feeds and on feeds made at random.
"""

from collections.abc import Mapping
from xml.parsers import expat

from feedparser.encodings import convert_to_utf8
from feedparser.urls import make_safe_absolute_uri

from feedback_service.sources.feeds.entries import ParsedFeed
from feedback_service.sources.feeds.fast_entries import State, first_link
from feedback_service.sources.feeds.fast_names import Doubt, Names
from feedback_service.sources.feeds.fast_role import Attributes, Role
from feedback_service.sources.feeds.fast_roles import ROOT, UNKNOWN_DETAIL, role_of
from feedback_service.sources.feeds.fast_texts import Texts, resolved
from feedback_service.sources.feeds.feed_pace import with_pace

_BASE = "http://www.w3.org/XML/1998/namespace base"
_BUFFER = 65_536
# Each base in another adds to it.
_LONGEST_BASE = 1000
# What feedparser reads from attributes, in any case and almost any namespace.
_MEANT = frozenset({
    "about", "base", "href", "ispermalink", "lastmod", "mode", "rel", "src", "type", "uri", "url", "version",
})  # fmt: skip


def parse_quickly(body: bytes, headers: Mapping[str, str]) -> ParsedFeed | None:
    """Return what feedparser would make of a feed; None where that is not certain.

    Args:
        body: decompressed bytes, whose size was checked.
        headers: of the answer, lower-case names.
    """
    try:
        return with_pace(_Reader(_document(body, headers)).read(), body)
    except (Doubt, expat.ExpatError):
        return None


def _document(body: bytes, headers: Mapping[str, str]) -> bytes:
    """Return the body in UTF-8, by feedparser's own rules (RFC 3023 and what servers really do)."""
    told: dict[str, object] = {}
    try:
        document: bytes = convert_to_utf8(dict(headers), body, told) if body else b""
    except ValueError as error:
        # An encoding whose name is no name.
        raise Doubt from error
    if not document or not told.get("encoding") or b"<!DOCTYPE" in document:
        raise Doubt
    return document


class _Reader:
    """Reads one document: keeps the open elements and the text since the last tag, and asks the roles."""

    def __init__(self, document: bytes) -> None:
        self._document = document
        self._state = State(Names(), Texts(document))
        self._roles: dict[str, tuple[str, Role]] = {}
        self._stack: list[tuple[str, Role]] = [("", ROOT)]
        self._pieces: list[str] = []
        self._attributes: Attributes = {}
        self._bases: list[str] | None = None
        self._harmless: dict[int, set[str]] = {}

    def read(self) -> ParsedFeed:
        """Return the feed; raise `Doubt` or `ExpatError`."""
        parser = expat.ParserCreate("utf-8", " ")
        parser.buffer_text = True
        parser.buffer_size = _BUFFER
        parser.StartNamespaceDeclHandler = self._state.names.declare
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._pieces.append
        parser.StartDoctypeDeclHandler = _refuse
        parser.Parse(self._document, True)  # noqa: FBT003 - expat takes it by position
        if not self._state.names.version:
            raise Doubt
        state = self._state
        return ParsedFeed(
            state.title,
            tuple(state.entries),
            state.ttl,
            link=state.link or "",
            generator=state.generator,
            self_url=first_link(state.links, "self"),
            hub=first_link(state.links, "hub"),
        )

    def _start(self, name: str, attributes: Attributes) -> None:
        known = self._roles.get(name) or self._learn(name)
        key, role = known
        parent_key, parent = self._stack[-1]
        if parent.children is not None:
            role = self._inside(parent, key, role)
        if role.parents is not None and parent_key not in role.parents:
            raise Doubt
        if attributes:
            self._check(role, attributes)
        if self._bases is not None:
            self._rebase(attributes)
        if role.begin:
            role = role.begin(self._state, attributes) or role
        self._stack.append((key, role))
        self._attributes = attributes
        self._pieces.clear()

    def _end(self, _: str) -> None:
        role = self._stack.pop()[1]
        if role.end:
            role.end(self._state, self._attributes, "".join(self._pieces).strip(), len(self._stack))
        self._pieces.clear()
        if self._bases is not None:
            self._bases.pop()
            if self._bases and self._bases[-1]:
                self._state.base = self._bases[-1]

    def _learn(self, name: str) -> tuple[str, Role]:
        key = self._state.names.key(name)
        self._roles[name] = key, role_of(key)
        return self._roles[name]

    def _inside(self, parent: Role, key: str, role: Role) -> Role:
        """Return what an element means in one where only a few may stand."""
        if parent.has_text and "".join(self._pieces).strip():
            raise Doubt
        if parent.children and key in parent.children:
            return parent.children[key]
        if parent.has_text and role.is_stranger:
            return UNKNOWN_DETAIL
        raise Doubt

    def _check(self, role: Role, attributes: Attributes) -> None:
        harmless = self._harmless.setdefault(id(role), set())
        for name in attributes:
            if name in harmless:
                continue
            local = name.rpartition(" ")[2].lower()
            if role.bare or (local == "base" and name != _BASE):
                raise Doubt
            if name == _BASE:
                self._bases = [""] * (len(self._stack) - 1) if self._bases is None else self._bases
            elif role.read is not None and name not in role.read and local in _MEANT:
                raise Doubt
            else:
                harmless.add(name)

    def _rebase(self, attributes: Attributes) -> None:
        """Follow xml:base, which for feedparser lasts until one that is not empty takes its place."""
        state = self._state
        asked = attributes.get(_BASE) or state.base
        if state.base:
            state.base = make_safe_absolute_uri(state.base, asked) or state.base
        else:
            state.base = resolved(asked)
        if len(state.base) > _LONGEST_BASE or self._bases is None:
            raise Doubt
        self._bases.append(state.base)


def _refuse(*_: object) -> None:
    raise Doubt
