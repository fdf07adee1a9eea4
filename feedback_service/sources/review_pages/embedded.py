"""The walk that microdata and RDFa share: elements of a page to the nodes that their attributes describe.

    element --read (one syntax)--> Mark --Walk--> Node below Node, texts as their readers see them

One pass, with its own stack and a budget: hostile pages nest a million elements, name one element as the value of
thousands of things, or refer in circles. Values are HTML, as JSON-LD has them, so one mapping serves all.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, Generic, TypeAlias, TypeVar

from feedback_service.sources.review_pages.nodes import Node

Context = TypeVar("Context")
Attributes: TypeAlias = Mapping[str, str | None]

_MAX_ELEMENTS = 300_000
_MAX_THINGS = 20_000
_MAX_CHARACTERS = 15_000_000
_MAX_PIECES = 5_000
_SPACE = re.compile(r"\s+")
_UNSEEN = frozenset({"script", "style", "template", "iframe", "svg", "button", "select", "textarea"})
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "fieldset", "figure", "footer", "form",
    "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "ol", "p", "pre", "section", "table", "td", "th",
    "tr", "ul",
})  # fmt: skip
_LINKS = frozenset({"url", "sameAs", "mainEntityOfPage", "image", "discussionUrl", "contentUrl", "thumbnailUrl"})
_LINKING = {"a": "href", "area": "href", "link": "href"} | dict.fromkeys(
    ("audio", "embed", "iframe", "img", "source", "track", "video"), "src"
)


@dataclass(frozen=True, slots=True)
class Mark(Generic[Context]):
    """What the attributes of one element say.

    `names`: the properties of the thing around it, whose value it is. `node`: the thing that begins here. `value`:
    stated by an attribute; None for the text inside. `link`: where it leads; its text then names what is there.
    """

    context: Context
    names: tuple[str, ...] = ()
    node: Node | None = None
    value: str | None = None
    link: str = ""


NOTHING: Mark[None] = Mark(None)


@dataclass(frozen=True, slots=True)
class _Open:
    """An element whose text is still being collected, from the piece `begin` on."""

    begin: int
    owner: Node | None = None
    names: tuple[str, ...] = ()
    node: Node | None = None


@dataclass(slots=True)
class Walk(Generic[Context]):
    """One reading of a page in one syntax.

    `marked` are the elements with attributes of the syntax: what holds none of them is entered only where its text
    is wanted. `read` says what an element's attributes mean; `refer` which elements further off belong to the thing
    that begins there (itemref).
    """

    marked: Sequence[Any]
    read: Callable[[str, Attributes, Context], Mark[Context]]
    refer: Callable[[Attributes], Iterable[Any]] = lambda _: ()
    roots: list[Node] = field(default_factory=list)
    _known: dict[int, Node] = field(default_factory=dict)
    _pieces: list[str] = field(default_factory=list)
    _stack: list[Any] = field(default_factory=list)
    _bearing: set[int] = field(default_factory=set)
    _heard: int = 0
    _elements: int = 0
    _characters: int = 0

    def __post_init__(self) -> None:
        for marked in self.marked:
            element = marked
            while element is not None and element.mem_id not in self._bearing:
                self._bearing.add(element.mem_id)
                element = element.parent

    def run(self, top: Any, context: Context) -> None:  # noqa: ANN401 - selectolax has no public node type
        """Read `top` and everything inside it; a thing that was met before is not read again."""
        self._stack.append((top, None, context))
        while self._stack:
            entry = self._stack.pop()
            if isinstance(entry, _Open):
                self._close(entry)
            else:
                self._enter(*entry)
        self._pieces.clear()

    @property
    def is_full(self) -> bool:
        """Tell whether nothing more will be read."""
        return self._elements > _MAX_ELEMENTS or len(self._known) >= _MAX_THINGS

    def knows(self, element: Any) -> bool:  # noqa: ANN401 - as above
        """Tell whether a thing begins at `element` that was met before."""
        return element.mem_id in self._known

    def _enter(self, element: Any, owner: Node | None, context: Context) -> None:  # noqa: ANN401 - as above
        tag = element.tag
        if tag == "-text":
            if self._heard and self._characters <= _MAX_CHARACTERS:
                self._hear(element.text_content or "")
            return
        if not self._heard and element.mem_id not in self._bearing:
            return
        self._elements += 1
        if tag in _UNSEEN or tag.startswith("-") or self._elements > _MAX_ELEMENTS:
            return
        if tag in _BLOCKS:
            self._pieces.append("\n")
        attributes = element.attributes
        mark = self.read(tag, attributes, context)
        owner = self._take(element, mark, owner, attributes)
        if owner is not None or mark.node is None:
            children = [(child, owner, mark.context) for child in element.iter(include_text=True)]
            self._stack.extend(reversed(children))

    def _take(self, element: Any, mark: Mark[Context], owner: Node | None, attributes: Attributes) -> Node | None:  # noqa: ANN401 - as above
        """Note what an element says; return whose properties stand inside, None where nothing more is to be read."""
        if mark.node is not None:
            return self._begin(element, mark, owner, attributes)
        if not mark.names or owner is None:
            return owner
        names = mark.names
        if mark.link and (addresses := tuple(name for name in names if name in _LINKS)):
            add(owner, addresses, mark.link)
            names = tuple(name for name in names if name not in _LINKS)
        if mark.value is not None:
            add(owner, names, escape(mark.value, quote=False))
        elif mark.link:
            target: Node = {"@id": mark.link}
            add(owner, names, target)
            self._open(_Open(len(self._pieces), node=target))
        elif names:
            self._open(_Open(len(self._pieces), owner, names))
        return owner

    def _begin(self, element: Any, mark: Mark[Context], owner: Node | None, attributes: Attributes) -> Node | None:  # noqa: ANN401 - as above
        known = self._known.get(element.mem_id)
        node = known if known is not None else mark.node
        if node is None or len(self._known) >= _MAX_THINGS:
            return None
        if mark.names and owner is not None:
            add(owner, mark.names, node)
        elif known is None:
            self.roots.append(node)
        if known is not None:
            return None
        self._known[element.mem_id] = node
        if not any(child.mem_id in self._bearing for child in element.iter()):
            self._open(_Open(len(self._pieces), node=node))
        self._stack.extend((target, node, mark.context) for target in self.refer(attributes))
        return node

    def _open(self, opened: _Open) -> None:
        self._heard += 1
        self._stack.append(opened)

    def _close(self, opened: _Open) -> None:
        self._heard -= 1
        if opened.node is not None:
            if opened.node.keys() <= {"@id", "@type"} and (text := self._text(opened.begin)):
                opened.node["@value"] = text
        elif opened.owner is not None:
            add(opened.owner, opened.names, self._text(opened.begin))

    def _hear(self, text: str) -> None:
        self._characters += len(text)
        self._pieces.append(_SPACE.sub(" ", text))

    def _text(self, begin: int) -> str:
        if self._characters > _MAX_CHARACTERS:
            return ""
        text = "".join(self._pieces[begin : begin + _MAX_PIECES])
        self._characters += len(text) + min(len(self._pieces) - begin, _MAX_PIECES)
        return escape(text.strip(), quote=False)


def stated(tag: str, attributes: Attributes) -> tuple[str | None, str]:
    """Return the value that an element's attributes state, None for none, and where it leads to.

    `content` counts on every element, as sites write it, and so does what HTML itself has for times and numbers.
    """
    content = attributes.get("content")
    if content is not None:
        return content, ""
    if tag == "time" and attributes.get("datetime"):
        return attributes["datetime"], ""
    if tag in {"data", "meter"} and attributes.get("value"):
        return attributes["value"], ""
    if tag == "meta":
        return "", ""
    return None, (attributes.get(_LINKING.get(tag, "")) or "").strip()


def add(node: Node, names: Iterable[str], value: str | Node) -> None:
    """Give `node` one more value of each of the properties; empty texts are none."""
    if value == "":
        return
    for name in names:
        if name not in node:
            node[name] = value
        elif isinstance(node[name], list):
            node[name].append(value)
        else:
            node[name] = [node[name], value]
