"""Feeds of blogs and of their comments: WordPress, Blogger. Pure."""

import re
from dataclasses import replace

from feedback_service.sources.feeds.entries import Entry, Markup
from feedback_service.sources.feeds.patterns import (
    Origin,
    Pattern,
    as_seen,
    with_texts,
    without_beginning,
    without_last_paragraph,
)
from feedback_service.sources.texts.plain import one_line

_LINK = r"<a [^<>]*>(?:[^<>]|</?(?:b|em|i|span|strong|sub|sup)\b[^<>]*>)*</a>"
# "The post X appeared first on Y." in the languages of the project.
_FIRST_ON = re.compile(
    rf"<p>[^<>]{{1,40}}{_LINK}\s*"
    r"(?:appeared first on|est apparu en premier sur|erschien zuerst auf|se publicó primero en|apareció primero en|"
    r"aparece primero en|proviene da|sembra essere il primo su|verscheen eerst op|apareceu primeiro em|"
    rf"aparece primeiro em)\s*{_LINK}\s?\.?</p>\s*"
)
_COMMENT_LINK = "#comment-"
_IN_REPLY_TO = re.compile(
    r"\s*(?:<p>)?[^<>]{3,30} <a [^<>]*href=[\"'][^\"'<>]*#comment-\d+[\"'][^<>]*>[^<>]*</a>\s?\.\s*(?:</p>)?"
)
_BY = re.compile(r"[^\W\d_]{2,6}\s?:")
_COMMENT_ON = re.compile(
    r"(?:Comment(?:aires?|i|o)?|Kommentar(?:e)?|Comentarios?|Comentários?|Reactie|Reacties) "
    r"(?:on|sur|zu|en|a|su|op|em|sobre) (.+) (?:by|par|von|por|di|door)",
    re.DOTALL,
)
_COMMENTS_ON = re.compile(r"[^:]{3,40}?\s?:\s(.+)", re.DOTALL)
_BLOGGER_COMMENT = "showComment="
_BLOGGER_FOOTER = re.compile(r"<div class=[\"']blogger-post-footer[\"']>")


def _post(entry: Entry, _: Origin) -> Entry:
    """Take away "The post X appeared first on Y.": X and Y stand in the title and the source."""
    return with_texts(entry, lambda html: without_last_paragraph(html, _FIRST_ON))


def _comment(entry: Entry, origin: Origin) -> Entry:
    """Take the author's name from the title of a WordPress comment, and whom it answers from its text (R18)."""
    if _COMMENT_LINK not in entry.link:
        return entry
    name = one_line(Markup(entry.author).plain())
    title = one_line(entry.title.plain())
    if not name or not title.endswith(f" {name}"):
        return entry
    told = title.removesuffix(name).rstrip()
    found = _COMMENT_ON.fullmatch(told)
    if not found and not _BY.fullmatch(told):
        return entry
    topic = found[1] if found else _topic(origin)
    entry = with_texts(entry, lambda html: without_beginning(html, _IN_REPLY_TO))
    return replace(entry, title=as_seen(topic), is_reply=True)


def _topic(origin: Origin) -> str:
    """Return the post that a feed of comments is about: its title says "Comments on: X"."""
    found = _COMMENTS_ON.fullmatch(one_line(origin.title.plain()))
    return found[1] if found else ""


def _blogger(entry: Entry, _: Origin) -> Entry:
    """Take away Blogger's footer; the title of a comment only begins its text again."""
    entry = with_texts(entry, _without_footer)
    return replace(entry, is_reply=True) if _BLOGGER_COMMENT in entry.link else entry


def _without_footer(html: str) -> str:
    found = _BLOGGER_FOOTER.search(html)
    return html[: found.start()] if found else html


def _anywhere(_: Origin) -> bool:
    return True


WORDPRESS_POSTS = Pattern("WordPress", _anywhere, _post)
WORDPRESS_COMMENTS = Pattern("WordPress comments", _anywhere, _comment)
BLOGGER = Pattern("Blogger", _anywhere, _blogger)
