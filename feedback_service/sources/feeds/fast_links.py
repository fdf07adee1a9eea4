"""What the elements of a feed mean that lead elsewhere: links, GUIDs, the feed an item was taken from. Pure."""

from feedback_service.sources.feeds.fast_entries import State
from feedback_service.sources.feeds.fast_names import Doubt
from feedback_service.sources.feeds.fast_role import Attributes
from feedback_service.sources.feeds.fast_texts import HTML, is_page, resolved, tidy_link

_TYPE_SELF = "application/atom+xml"


def end_guid(state: State, attributes: Attributes, text: str, depth: int) -> None:
    """Keep what an entry is known by; it is its link too, unless it says that it is none."""
    said = [value for name, value in attributes.items() if name.lower() == "ispermalink"]
    is_link = not said or said[-1] == "true"
    if is_link and text:
        text = resolved(text, state.base)
    text = state.texts.mended(text)
    if state.draft:
        state.draft.keep("id", text, depth)
        if is_link:
            state.draft.values.setdefault("link", text)
    elif is_link and state.link is None:
        state.link = text


def end_link(state: State, attributes: Attributes, text: str, _: int) -> None:
    """Keep a link with what it is to its entry or feed."""
    rel = attributes.get("rel", "alternate").lower()
    media_type = attributes.get("type", _TYPE_SELF if rel == "self" else HTML)
    if "href" in attributes:
        href = resolved(attributes["href"], state.base)
        state.add_link(rel, media_type.lower(), href, is_own=rel == "alternate" and is_page(media_type))
    elif state.draft or state.in_feed:
        address = resolved(text, state.base) if text else text
        address = tidy_link(state.texts.mended(address), in_entry=state.draft is not None)
        state.add_link(rel, media_type.lower(), address, is_own=True)


def begin_source(state: State, _: Attributes) -> None:
    """Begin the feed that an item was taken from."""
    state.forget_title()
    state.source_title = ""


def end_source_title(state: State, _: Attributes, text: str, depth: int) -> None:
    """Keep the title of that feed; raise `Doubt` at a second one."""
    if state.source_title:
        raise Doubt
    state.source_title = state.texts.mended(text)
    if text:
        state.title_depth = depth


def end_link_of_source(_: State, attributes: Attributes, text: str, __: int) -> None:
    """Read nothing; raise `Doubt` where feedparser would."""
    # With an address in its attribute feedparser takes its text for the source's.
    if attributes and text:
        raise Doubt


def end_source(state: State, _: Attributes, text: str, __: int) -> None:
    """Keep the name of the feed that an item was taken from."""
    if state.draft:
        state.draft.source_title = state.texts.mended(text) or state.source_title


def end_comments_feed(state: State, _: Attributes, text: str, depth: int) -> None:
    """Keep where the comments on an entry are."""
    if state.draft:
        address = resolved(text, state.base) if text else text
        state.draft.keep("wfw_commentrss", state.texts.mended(address), depth)
