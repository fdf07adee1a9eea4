"""What each element of a feed means, and what may stand in it: the elements whose meaning is certain. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from feedback_service.sources.feeds import fast_links
from feedback_service.sources.feeds.fast_entries import Draft, State
from feedback_service.sources.feeds.fast_names import Doubt, means_something
from feedback_service.sources.feeds.fast_role import Attributes, Role
from feedback_service.sources.feeds.fast_texts import HTML, PLAIN

_LANGUAGE = "http://www.w3.org/XML/1998/namespace lang"
_SPACE = "http://www.w3.org/XML/1998/namespace space"
_ABOUT = "http://www.w3.org/1999/02/22-rdf-syntax-ns# about"
_RESOURCE = "http://www.w3.org/1999/02/22-rdf-syntax-ns# resource"


def _begin_rss(state: State, attributes: Attributes) -> None:
    state.names.in_rss(attributes.get("version", ""))


def _begin_atom(state: State, attributes: Attributes) -> None:
    state.names.in_atom(attributes.get("version", ""))
    state.in_feed = True


def _begin_channel(state: State, _: Attributes) -> None:
    state.in_feed = True


def _end_channel(state: State, _: Attributes, __: str, ___: int) -> None:
    state.in_feed = False


def _begin_item(state: State, attributes: Attributes) -> None:
    state.draft = Draft()
    state.forget_title()
    about = attributes.get(_ABOUT)
    if about:
        state.draft.values["id"] = about


def _end_item(state: State, _: Attributes, __: str, ___: int) -> None:
    if state.draft:
        state.entries.append(state.draft.entry())
    state.draft = None
    state.has_content = False


def _end_title(state: State, attributes: Attributes, text: str, depth: int) -> None:
    state.keep_title(state.texts.markup(text, attributes, PLAIN, state.names.version), depth)


def _end_media_title(state: State, attributes: Attributes, text: str, depth: int) -> None:
    before = state.title_depth
    _end_title(state, attributes, text, depth)
    state.title_depth = before


def _end_others_title(state: State, _: Attributes, text: str, depth: int) -> None:
    if text:
        state.title_depth = depth


def _end_description(state: State, attributes: Attributes, text: str, depth: int) -> None:
    _end_text(state, attributes, text, depth, HTML)


def _end_summary(state: State, attributes: Attributes, text: str, depth: int) -> None:
    _end_text(state, attributes, text, depth, PLAIN)
    state.has_summary = state.has_summary or not state.draft


def _end_text(state: State, attributes: Attributes, text: str, depth: int, usual: str) -> None:
    if state.is_second_summary():
        state.add_content(state.texts.markup(text, attributes, PLAIN, state.names.version))
    else:
        state.keep_summary(state.texts.markup(text, attributes, usual, state.names.version), depth)


def _end_content(state: State, attributes: Attributes, text: str, _: int) -> None:
    state.add_content(state.texts.markup(text, attributes, PLAIN, state.names.version))


def _end_encoded(state: State, attributes: Attributes, text: str, _: int) -> None:
    state.add_content(state.texts.markup(text, attributes, HTML, state.names.version))


def _end_generator(state: State, _: Attributes, text: str, __: int) -> None:
    if state.in_feed and not state.draft:
        state.generator = state.texts.mended(text)


def _end_agent(state: State, attributes: Attributes, _: str, depth: int) -> None:
    _end_generator(state, attributes, attributes.get(_RESOURCE, "").strip(), depth)


def _doubt(_: State, __: Attributes) -> None:
    raise Doubt


def _begin_author(state: State, _: Attributes) -> None:
    if state.draft:
        state.draft.begin_author()


def _end_author(state: State, _: Attributes, text: str, depth: int) -> None:
    if state.draft:
        state.draft.end_author(state.texts.mended(text), depth)


def _detail(key: str) -> Role:
    def end(state: State, _: Attributes, text: str, __: int) -> None:
        if state.draft:
            state.draft.add_author_detail(key, text)

    return Role(end=end, children={})


def _end_of_unknown_detail(_: State, attributes: Attributes, text: str, __: int) -> None:
    # With attributes feedparser takes its text for the author's.
    if attributes and text:
        raise Doubt


def _end_published(state: State, _: Attributes, text: str, __: int) -> None:
    if state.draft:
        state.draft.published = state.texts.mended(text)


def _end_updated(state: State, _: Attributes, text: str, __: int) -> None:
    if state.draft:
        state.draft.updated = state.texts.mended(text)


def _end_rating(state: State, _: Attributes, text: str, depth: int) -> None:
    if state.draft:
        state.draft.keep("im_rating", state.texts.mended(text), depth)


def _end_ttl(state: State, _: Attributes, text: str, __: int) -> None:
    if state.in_feed and not state.draft:
        state.ttl = state.texts.mended(text)


def _begin_image(state: State, _: Attributes) -> Role | None:
    state.forget_title()
    return LEAF if state.draft else None


def _begin_aside(state: State, _: Attributes) -> None:
    state.forget_title()


def _of(keys: str, role: Role) -> dict[str, Role]:
    return dict.fromkeys(keys.split(), role)


_IN_TEXT: Final = frozenset({"type", "mode", "src", _LANGUAGE, _SPACE})
_IN_LINK: Final = frozenset({"rel", "href", "type"})
_IN_GUID: Final = frozenset({"isPermaLink", "isPermalink", "ispermalink", _LANGUAGE})
_ROOTS: Final = frozenset({"rss", "feed", "rdf_rdf"})
_LEVELS: Final = _ROOTS | {"channel"}
_ENTRIES: Final = frozenset({"item", "entry"})

LEAF: Final = Role(children={})
STRANGER: Final = Role(is_stranger=True)
UNKNOWN_DETAIL: Final = Role(end=_end_of_unknown_detail, children={})
_TITLE = Role(end=_end_title, children={}, read=_IN_TEXT)
_OTHERS_TITLE = Role(end=_end_others_title, children={}, read=frozenset({_LANGUAGE}))
_DATE = Role(children={})
_PERSON = Role(children=_of("name email uri url homepage", LEAF))
_DETAILS = {"name": _detail("name"), "email": _detail("email"), **_of("uri url homepage", _detail("href"))}
_AUTHOR = Role(begin=_begin_author, end=_end_author, children=_DETAILS, has_text=True)
_ITEM = Role(begin=_begin_item, end=_end_item, parents=_LEVELS, read=frozenset({_ABOUT}))
_CHANNEL = Role(begin=_begin_channel, end=_end_channel, parents=frozenset({"rss", "rdf_rdf"}), read=frozenset({_ABOUT}))
_IN_IMAGE = {"title": _OTHERS_TITLE, **_of("url link description width height", LEAF)}
_IN_INPUT = {"title": _OTHERS_TITLE, **_of("name link description", LEAF)}
_IN_SOURCE = {
    "title": replace(_OTHERS_TITLE, end=fast_links.end_source_title),
    **_of("author contributor", _PERSON),
    "link": Role(end=fast_links.end_link_of_source, children={}),
    **_of("subtitle id updated published category generator icon logo rights", LEAF),
}

_IMAGE = Role(begin=_begin_image, children=_IN_IMAGE, parents=_LEVELS | _ENTRIES)
_INPUT = Role(begin=_begin_aside, children=_IN_INPUT, parents=_LEVELS)
_AROUND_ITEMS = {"channel": _CHANNEL, "item": _ITEM, "entry": _ITEM, "image": _IMAGE, "textinput": _INPUT}
ROOT: Final = Role(
    children={
        "rss": Role(begin=_begin_rss, children=_AROUND_ITEMS, read=frozenset({"version"})),
        "feed": Role(begin=_begin_atom, end=_end_channel, read=frozenset({"version"})),
        "rdf_rdf": Role(children=_AROUND_ITEMS),
    }
)
ROLES: Final[Mapping[str, Role]] = {
    # What they mean at the root stands there; further in they mean nothing certain.
    **_of("rss feed rdf_rdf", Role(parents=frozenset({""}))),
    "channel": _CHANNEL,
    **_of("item entry", _ITEM),
    **_of("title dc_title", _TITLE),
    "media_title": replace(_TITLE, end=_end_media_title),
    **_of("description dc_description media_description", Role(end=_end_description, children={}, read=_IN_TEXT)),
    **_of("summary itunes_summary", Role(end=_end_summary, children={}, read=_IN_TEXT)),
    "content": Role(end=_end_content, children={}, read=_IN_TEXT),
    "content_encoded": Role(end=_end_encoded, children={}, read=_IN_TEXT),
    **_of("guid id", Role(end=fast_links.end_guid, children={}, read=_IN_GUID)),
    "link": Role(end=fast_links.end_link, children={}, read=_IN_LINK),
    **_of("author managingeditor dc_creator dc_author itunes_author", _AUTHOR),
    **_of("published issued pubdate dcterms_issued", replace(_DATE, end=_end_published)),
    **_of("updated modified lastbuilddate dc_date dcterms_modified", replace(_DATE, end=_end_updated)),
    "im_rating": Role(end=_end_rating, children={}, bare=True),
    "ttl": Role(end=_end_ttl, children={}, bare=True),
    "image": _IMAGE,
    "textinput": _INPUT,
    "items": Role(parents=frozenset({"channel"})),
    "source": Role(
        begin=fast_links.begin_source, end=fast_links.end_source, children=_IN_SOURCE, parents=_ENTRIES, has_text=True
    ),
    "wfw_commentrss": Role(end=fast_links.end_comments_feed, children={}, bare=True),
    "generator": Role(end=_end_generator, children={}),
    "admin_generatoragent": Role(end=_end_agent, children={}),
    # Stars by other names are rare: feedparser reads them.
    **_of("review_rating g_rating review_bestrating review_maxrating g_bestrating", Role(begin=_doubt)),
    "contributor": replace(_PERSON, parents=_ENTRIES | _LEVELS),
    "itunes_owner": Role(children=_of("itunes_name itunes_email", LEAF), parents=_LEVELS),
    "itunes_category": Role(children=_of("itunes_category", LEAF)),
    **_of("creativecommons_license", replace(LEAF, parents=_ENTRIES | {"channel", "feed"})),
    **_of("media_group media_content", Role()),
    **_of(
        "category keywords dc_subject media_category media_keywords itunes_keywords enclosure cloud language"
        " dc_language webmaster dc_publisher dc_contributor rights copyright dc_rights subtitle tagline"
        " itunes_subtitle info feedburner_browserfriendly created dcterms_created expirationdate url uri homepage"
        " width height name email itunes_name itunes_email"
        " media_thumbnail media_credit media_rating media_restriction media_license media_player itunes_image"
        " itunes_block itunes_explicit cc_license admin_errorreportsto georss_point georss_line"
        " georss_polygon georss_box",
        LEAF,
    ),
}


def role_of(key: str) -> Role:
    """Return what an element means; raise `Doubt` where it would mean something else to feedparser."""
    role = ROLES.get(key)
    if role:
        return role
    if means_something(key):
        raise Doubt
    return STRANGER
