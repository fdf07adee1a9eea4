"""RDFa of a page to nodes: RDFa Lite 1.1, and of the rest what review pages use (`about`, `rel`, old prefixes).

Only what is said in the words of schema.org, or of data-vocabulary.org before it, is read: that needs no graph of
triples, which takes a library for it twenty times as long as everything else on the page.
"""

import re
from dataclasses import dataclass, field, replace

from selectolax.lexbor import LexborHTMLParser

from feedback_service.sources.review_pages.embedded import Attributes, Mark, Walk, stated
from feedback_service.sources.review_pages.nodes import Node

_VOCABULARY = re.compile(r"^https?://(?:www\.)?(?:schema\.org|(?:rdf\.)?data-vocabulary\.org)(?:[/#]|$)", re.IGNORECASE)
_PREFIX = re.compile(r"([^\s:]+):\s+(\S+)")
_TERM = re.compile(r"[A-Za-z][\w-]*$")
_MARKED = "[typeof], [property], [rel], [about], [resource]"
_MAX_PREFIXES = 50


@dataclass(frozen=True, slots=True)
class _Scope:
    """What holds for everything inside an element: is a bare word schema.org's, which prefixes are, what awaits a node.

    `awaited` are the properties of a `rel` whose value begins further inside.
    """

    is_ours: bool = False
    prefixes: frozenset[str] = field(default=frozenset({"schema"}))
    awaited: tuple[str, ...] = ()


def things(tree: LexborHTMLParser) -> list[Node]:
    """Return the things that a page describes in RDFa with schema.org's words, in order."""
    if tree.root is None or not tree.css_first("[typeof]"):
        return []
    walk = Walk(tree.css(_MARKED), _read)
    walk.run(tree.root, _Scope())
    return walk.roots


def _read(tag: str, attributes: Attributes, scope: _Scope) -> Mark[_Scope]:
    scope = _scope(attributes, scope)
    names = _terms(attributes.get("property"), scope)
    if "rel" in attributes and not names:
        names = _related(tag, attributes, scope)
    if "typeof" in attributes:
        kinds = _terms(attributes["typeof"], scope)
        node = _node(attributes, kinds)
        return Mark(replace(scope, awaited=()), names or scope.awaited, node)
    if not names:
        subject = attributes.get("about") or (attributes.get("resource") if "property" not in attributes else None)
        return Mark(replace(scope, awaited=()), node=_node(attributes, ())) if subject else Mark(scope)
    return _valued(tag, attributes, names, scope)


def _valued(tag: str, attributes: Attributes, names: tuple[str, ...], scope: _Scope) -> Mark[_Scope]:
    value, link = stated(tag, attributes)
    resource = (attributes.get("resource") or "").strip()
    if value is None and resource:
        return Mark(scope, names, link=resource)
    if value is None and not link and "rel" in attributes and "property" not in attributes:
        return Mark(replace(scope, awaited=names))
    if value is None and not link and attributes.get("datetime"):
        value = attributes["datetime"]
    return Mark(scope, names, value=value, link=link)


def _scope(attributes: Attributes, scope: _Scope) -> _Scope:
    vocabulary = attributes.get("vocab")
    if vocabulary is not None:
        scope = replace(scope, is_ours=bool(_VOCABULARY.match(vocabulary.strip())))
    named = [(name[len("xmlns:") :], value or "") for name, value in attributes.items() if name.startswith("xmlns:")]
    if "prefix" not in attributes and not named:
        return scope
    pairs = [(found[1], found[2]) for found in _PREFIX.finditer(attributes.get("prefix") or "")] + named
    prefixes = set(scope.prefixes)
    for prefix, address in pairs[:_MAX_PREFIXES]:
        (prefixes.add if _VOCABULARY.match(address) else prefixes.discard)(prefix.lower())
    return replace(scope, prefixes=frozenset(prefixes))


def _terms(value: str | None, scope: _Scope) -> tuple[str, ...]:
    """Return the words of schema.org in a list of terms, short ones and whole addresses; others are left out."""
    if not value:
        return ()
    return tuple(filter(None, (_term(token, scope) for token in value.split())))


def _term(token: str, scope: _Scope) -> str:
    if found := _VOCABULARY.match(token):
        return token[found.end() :]
    prefix, colon, name = token.partition(":")
    if not colon:
        return token if scope.is_ours and _TERM.match(token) else ""
    return name if prefix.lower() in scope.prefixes else ""


def _related(tag: str, attributes: Attributes, scope: _Scope) -> tuple[str, ...]:
    names = _terms(attributes.get("rel"), scope)
    # `rel="nofollow"` on a link is HTML's word, whatever the vocabulary.
    if tag in {"a", "area", "link"} or attributes.get("href"):
        bare = (attributes.get("rel") or "").split()
        names = tuple(name for name in names if name not in bare)
    return names


def _node(attributes: Attributes, kinds: tuple[str, ...]) -> Node:
    node: Node = {"@type": list(kinds)}
    given = (attributes.get(name) for name in ("about", "resource", "href", "src"))
    identifier = next(filter(None, given), "").strip()
    if identifier:
        node["@id"] = identifier
    return node
