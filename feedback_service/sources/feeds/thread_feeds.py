"""Feeds of forums: Reddit, Discourse, phpBB. Pure.

The title of an answer is that of its thread; it says what the answer is about and is nobody's words there.
"""

import re
from dataclasses import replace

from feedback_service.sources.feeds.entries import Entry
from feedback_service.sources.feeds.patterns import (
    Origin,
    Pattern,
    as_seen,
    with_texts,
    without_beginning,
    without_last_paragraph,
)

_REDDIT = re.compile(r"(?:.*\.)?reddit\.com")
_BEGIN, _END = "<!-- SC_OFF -->", "<!-- SC_ON -->"
_SUBMITTED, _COMMENTS = "submitted by", "[comments]"
_LONGEST_BOILERPLATE = 5000
_REDDIT_REPLY = re.compile(r"/?u/[\w-]{1,40} on (.+)", re.DOTALL)
_DISCOURSE_GUID = re.compile(r"[\w.:-]+-(?:topic|post)-\d+(?:-\d+)?")
_DISCOURSE_POST = re.compile(r".*/t/(?:[^/?#]+/)?\d+/(\d+)")
_COUNTS = re.compile(r"<p><small>\d[^<>]{0,100}</small></p>\s*")
_READ_ON = re.compile(r"<p><a [^<>]*href=[\"'][^\"'<>]*/t/[^\"'<>]*[\"'][^<>]*>[^<>]{1,100}</a></p>\s*")
_WROTE = re.compile(r"\s*<p>[^<>]{0,40}<a [^<>]*/u(?:sers)?/[^<>]*>@[^<>]{1,80}</a>[^<>]{0,40}</p>\s*(?=<blockquote>)")
_PHPBB_LINK = "viewtopic.php"
_SEPARATOR = " • "
_STATISTICS = re.compile(
    r"<p>(?=.{0,1900} — )[^<>:]{1,40}:\s[^<>]*(?:</?(?:a|span)\b[^<>]*>[^<>]*){0,8}</p>\s*(?:<hr ?/?>)?\s*"
)
_RULE = re.compile(r"<hr ?/?>\s*\Z")
_RE = re.compile(r"(?:Re|RE|Rép|Ré|Aw|AW|R) ?: +")


def _reddit(entry: Entry, _: Origin) -> Entry:
    """Take what stands between Reddit's marks; around it are a picture, who submitted it, [link] and [comments]."""
    entry = with_texts(entry, _between_marks)
    author = entry.author.strip().removeprefix("/u/")
    title = entry.title.plain()
    if found := _REDDIT_REPLY.fullmatch(title):
        return replace(entry, author=author, title=as_seen(found[1]), is_reply=True)
    return entry if author == entry.author else replace(entry, author=author)


def _between_marks(html: str) -> str:
    begin, end = html.find(_BEGIN), html.rfind(_END)
    if 0 <= begin < end:
        return html[begin + len(_BEGIN) : end]
    _, submitted, links = html[-_LONGEST_BOILERPLATE:].partition(_SUBMITTED)
    return "" if submitted and _COMMENTS in links else html


def _discourse(entry: Entry, _: Origin) -> Entry:
    """Take away how many posts there are, "@name wrote" and the link to the whole topic."""
    if not _DISCOURSE_GUID.fullmatch(entry.guid.strip()):
        return entry
    entry = with_texts(entry, _without_discourse)
    post = _DISCOURSE_POST.fullmatch(entry.link.strip())
    return replace(entry, is_reply=True) if post and post[1] != "1" else entry


def _without_discourse(html: str) -> str:
    html = without_last_paragraph(html, _READ_ON)
    return without_beginning(without_last_paragraph(html, _COUNTS), _WROTE)


def _phpbb(entry: Entry, _: Origin) -> Entry:
    """Take away the statistics below a post, and the name of the forum before its title."""
    if _PHPBB_LINK not in entry.link:
        return entry
    entry = with_texts(entry, _without_statistics)
    title = entry.title.plain()
    subject = title.partition(_SEPARATOR)[2] or title
    own = _RE.sub("", subject, count=1)
    return entry if own == title else replace(entry, title=as_seen(own), is_reply=own != subject)


def _without_statistics(html: str) -> str:
    cut = without_last_paragraph(html, _STATISTICS)
    return _RULE.sub("", cut) if cut == html else cut


def _anywhere(_: Origin) -> bool:
    return True


REDDIT = Pattern("Reddit", lambda origin: origin.stands_at(_REDDIT), _reddit)
DISCOURSE = Pattern("Discourse", _anywhere, _discourse)
PHPBB = Pattern("phpBB", _anywhere, _phpbb)
