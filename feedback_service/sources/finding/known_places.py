"""Well-known sites whose feeds follow from the address of a page. Pure.

Each row was written from the site's own documentation or from addresses that its pages name; what a site has
changed since is found by its page's own links, which are asked as well.
"""

import re
from collections.abc import Callable, Iterator
from urllib.parse import SplitResult, parse_qs, quote, urlsplit

_Place = Callable[[SplitResult], Iterator[str]]
_CHANNEL = re.compile(r"/channel/(UC[\w-]{22})(?:/|$)")
_SUBREDDIT = re.compile(r"(/(?:r|user|u)/[\w-]+(?:/comments/\w+(?:/[\w-]*)?)?)/?$")
_APP = re.compile(r"^/([a-z]{2})/app/(?:[^/]+/)?id(\d{3,15})/?$")
_HANDLE = re.compile(r"^/@[\w.-]+(?:@[\w.-]+)?/?$")
_TOPIC = re.compile(r"^((?:/[\w-]+)?/t/[^/]+/\d+)(?:/\d+)?/?$")


def feeds_of(url: str) -> tuple[str, ...]:
    """Return the addresses of the feeds that belong to a page of a known site, the likeliest first."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return ()
    for pattern, place in _PLACES:
        if pattern.fullmatch(host):
            return tuple(place(parts))
    return tuple(_anywhere(parts))


def _youtube(parts: SplitResult) -> Iterator[str]:
    channel = _CHANNEL.match(parts.path)
    if channel:
        yield f"https://www.youtube.com/feeds/videos.xml?channel_id={channel[1]}"
    for playlist in parse_qs(parts.query).get("list", ())[:1]:
        yield f"https://www.youtube.com/feeds/videos.xml?playlist_id={quote(playlist, safe='')}"


def _reddit(parts: SplitResult) -> Iterator[str]:
    if parts.path.startswith("/search"):
        asked = parse_qs(parts.query).get("q", ())
        yield from (f"https://www.reddit.com/search.rss?q={quote(words, safe='')}&sort=new" for words in asked[:1])
    found = _SUBREDDIT.match(parts.path)
    if found:
        yield f"https://www.reddit.com{found[1].rstrip('/')}/.rss"
        if "/comments/" not in found[1] and found[1].startswith("/r/"):
            yield f"https://www.reddit.com{found[1]}/comments/.rss"


def _app_store(parts: SplitResult) -> Iterator[str]:
    found = _APP.match(parts.path)
    if found:
        country, app = found.groups()
        yield f"https://itunes.apple.com/{country}/rss/customerreviews/page=1/id={app}/sortby=mostrecent/xml"


def _google_news(parts: SplitResult) -> Iterator[str]:
    if not parts.path.startswith("/rss"):
        query = f"?{parts.query}" if parts.query else ""
        yield f"https://news.google.com/rss{parts.path.rstrip('/')}{query}"


def _blogger(parts: SplitResult) -> Iterator[str]:
    yield f"https://{parts.netloc}/feeds/posts/default"
    yield f"https://{parts.netloc}/feeds/comments/default"


def _medium(parts: SplitResult) -> Iterator[str]:
    name = parts.path.strip("/").split("/")[0]
    if name and name != "feed":
        yield f"https://medium.com/feed/{name}"


def _at_the_root(path: str) -> _Place:
    def place(parts: SplitResult) -> Iterator[str]:
        yield f"https://{parts.netloc}{path}"

    return place


def _stack_exchange(parts: SplitResult) -> Iterator[str]:
    found = re.match(r"^/questions/tagged/([^/]+)", parts.path)
    if found:
        yield f"https://{parts.netloc}/feeds/tag/{found[1]}"
    found = re.match(r"^/questions/(\d+)", parts.path)
    if found:
        yield f"https://{parts.netloc}/feeds/question/{found[1]}"


def _bluesky(parts: SplitResult) -> Iterator[str]:
    found = re.match(r"^(/profile/[\w.:-]+)/?$", parts.path)
    if found:
        yield f"https://bsky.app{found[1]}/rss"


def _anywhere(parts: SplitResult) -> Iterator[str]:
    """Yield what follows from the path on any host: Mastodon and its kin, Discourse, Lemmy, Tumblr's way of tags."""
    root = f"{parts.scheme}://{parts.netloc}"
    topic = _TOPIC.match(parts.path)
    if topic:
        yield f"{root}{topic[1]}.rss"
    if _HANDLE.match(parts.path):
        yield f"{root}{parts.path.rstrip('/')}.rss"


_PLACES: tuple[tuple[re.Pattern[str], _Place], ...] = (
    (re.compile(r"(?:m\.)?youtube\.com"), _youtube),
    (re.compile(r"(?:\w+\.)?reddit\.com"), _reddit),
    (re.compile(r"(?:apps|itunes)\.apple\.com"), _app_store),
    (re.compile(r"news\.google\.com"), _google_news),
    (re.compile(r"[\w-]+\.blogspot\.(?:com?\.)?[a-z]{2,3}"), _blogger),
    (re.compile(r"medium\.com"), _medium),
    (re.compile(r"[\w-]+\.substack\.com"), _at_the_root("/feed")),
    (re.compile(r"[\w-]+\.tumblr\.com"), _at_the_root("/rss")),
    (re.compile(r"(?:stackoverflow|superuser|serverfault)\.com|[\w-]+\.stackexchange\.com"), _stack_exchange),
    (re.compile(r"bsky\.app"), _bluesky),
    # They have handles, and no feed behind them.
    (re.compile(r"(?:tiktok|threads|instagram|x|twitter|facebook)\.(?:com|net)"), lambda _: iter(())),
)
