"""What is done at an element of a feed: the form in which `fast_roles` says it of each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from feedback_service.sources.feeds.fast_entries import State

Attributes = dict[str, str]


@dataclass(frozen=True, slots=True)
class Role:
    """What is done at an element.

    Attributes:
        begin: called with the state and the attributes; may give another role for this one element.
        end: called with the state, the attributes, the text without space around it, and the depth.
        children: roles of what may stand in it; None for anything.
        parents: keys of what it may stand in; None for anything.
        read: attributes that are read; None where none is, whatever it is called.
        bare: no attribute may be there.
        is_stranger: feedparser keeps it under its name, and nobody looks.
        has_text: its own text is read although elements may stand in it.
    """

    begin: Callable[[State, Attributes], "Role | None"] | None = None
    end: Callable[[State, Attributes, str, int], None] | None = None
    children: Mapping[str, "Role"] | None = None
    parents: frozenset[str] | None = None
    read: frozenset[str] | None = None
    bare: bool = False
    is_stranger: bool = False
    has_text: bool = False
