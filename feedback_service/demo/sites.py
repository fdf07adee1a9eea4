"""The world outside the shop: a review site and a blog with a feed, as they were at a given instant."""

import hashlib
import json
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from xml.etree import ElementTree as ET

from flask import Blueprint, Response, redirect, request, url_for
from markupsafe import Markup
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.wrappers import Response as AnyResponse

from feedback_service.clock import Clock
from feedback_service.demo.voices import BAD_REVIEW, POSTS, REVIEWS, Published
from feedback_service.web.rendering import render

REVIEWS_PATH = "/avis/atelier-lumen"
BLOG_PATH = "/blog"
FEED_PATH = "/blog/feed.xml"
_LONGEST = {"author": 80, "title": 120, "text": 3000}
_NEWEST_SHOWN = 20
_BEST = 5


@dataclass(frozen=True, slots=True)
class Item:
    """A review or a post with the instant of its publication."""

    number: int
    at: datetime
    said: Published


class Sites:
    """What is published; `begun_at` is the instant to which `days_ago` refers."""

    def __init__(self, clock: Clock, begun_at: datetime) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._reviews = _dated(REVIEWS, begun_at)
        self._posts = _dated(POSTS, begun_at)

    def reviews(self) -> list[Item]:
        """Return the reviews to be seen now, newest first."""
        return self._visible(self._reviews)

    def posts(self) -> list[Item]:
        """Return the posts to be seen now, newest first."""
        return self._visible(self._posts)

    def instants(self) -> list[datetime]:
        """Return when each thing was or will be published, earliest first."""
        return sorted(item.at for item in (*self._reviews, *self._posts))

    def publish_review(self, review: Published) -> Item:
        """Publish a review now."""
        with self._lock:
            item = Item(len(self._reviews) + 1, self._clock.now(), review)
            self._reviews.append(item)
        return item

    def _visible(self, items: list[Item]) -> list[Item]:
        now = self._clock.now()
        with self._lock:
            return sorted((item for item in items if item.at <= now), key=lambda item: item.at, reverse=True)


def _dated(published: tuple[Published, ...], begun_at: datetime) -> list[Item]:
    return [
        Item(number, (begun_at - timedelta(days=said.days_ago)).replace(microsecond=0), said)
        for number, said in enumerate(published, 1)
    ]


def blueprint(sites: Sites) -> Blueprint:
    """Return the pages of the review site and the blog."""
    pages = Blueprint("sites", __name__)

    @pages.get("/robots.txt")
    def robots() -> Response:
        """Let everybody read the sites."""
        return Response("User-agent: *\nDisallow: /mailbox\n", mimetype="text/plain")

    _add_review_site(pages, sites)
    _add_blog(pages, sites)
    return pages


def _add_review_site(pages: Blueprint, sites: Sites) -> None:
    @pages.get(REVIEWS_PATH)
    def reviews() -> str:
        """Show the reviews, and describe them as schema.org has it."""
        items = sites.reviews()[:_NEWEST_SHOWN]
        description = Markup(_embeddable(_json_ld(items, request.host_url.rstrip("/"))))  # noqa: S704 - `_embeddable` leaves nothing that ends a script
        return _page("demo/reviews.html", items=items, description=description, proposal=BAD_REVIEW)

    @pages.get(f"{REVIEWS_PATH}/<int:number>")
    def review(number: int) -> str:
        """Show one review."""
        found = _found(sites.reviews(), number)
        return _page("demo/reviews.html", items=[found], description="{}", proposal=BAD_REVIEW)

    @pages.post(REVIEWS_PATH)
    def publish() -> AnyResponse:
        """Publish what somebody wrote in the form."""
        sites.publish_review(_review(request.form.to_dict()))
        return redirect(url_for("sites.reviews"), code=303)


def _add_blog(pages: Blueprint, sites: Sites) -> None:
    @pages.get(BLOG_PATH)
    def blog() -> str:
        """Show the blog."""
        return _page("demo/blog.html", items=sites.posts())

    @pages.get(f"{BLOG_PATH}/<int:number>")
    def post(number: int) -> str:
        """Show one post."""
        found = _found(sites.posts(), number)
        return _page("demo/blog.html", items=[found])

    @pages.get(FEED_PATH)
    def feed() -> Response:
        """Give the feed, with the validators of a well-kept site (R52)."""
        posts = sites.posts()
        return _validated(_rss(posts, request.host_url.rstrip("/")), posts)


def _found(items: list[Item], number: int) -> Item:
    found = next((item for item in items if item.number == number), None)
    if found is None:
        raise NotFound
    return found


def _page(template: str, **context: object) -> str:
    return render(template, "fr", time_zone="Europe/Paris", **context)


def _review(form: dict[str, str]) -> Published:
    values = {key: form.get(key, "").strip()[:longest] for key, longest in _LONGEST.items()}
    stars = form.get("stars", "")
    if not values["text"] or stars not in {"1", "2", "3", "4", "5"}:
        raise BadRequest(description="A review has a text and one to five stars.")
    return Published(0, values["author"] or "Anonyme", int(stars), values["title"], values["text"])


def _json_ld(items: list[Item], host: str) -> dict[str, object]:
    return {
        "@context": "https://schema.org",
        "@type": "Store",
        "name": "Atelier Lumen",
        "url": "https://atelier-lumen.example.com/",
        "review": [
            {
                "@type": "Review",
                "url": f"{host}{REVIEWS_PATH}/{item.number}",
                "author": {"@type": "Person", "name": item.said.author},
                "datePublished": item.at.isoformat(),
                "name": item.said.title,
                "reviewBody": item.said.text,
                "reviewRating": {"@type": "Rating", "ratingValue": item.said.stars, "bestRating": _BEST},
            }
            for item in items
        ],
    }


def _embeddable(value: dict[str, object]) -> str:
    """Return JSON that cannot end the script element it stands in."""
    text = json.dumps(value, ensure_ascii=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _rss(posts: list[Item], host: str) -> bytes:
    rss = ET.Element("rss", version="2.0")
    channel = ET.SubElement(rss, "channel")
    _element(channel, "title", "Le fil du lin")
    _element(channel, "link", f"{host}{BLOG_PATH}")
    _element(channel, "description", "Carnet fictif sur le linge et la lumière")
    _element(channel, "language", "fr")
    for post in posts:
        item = ET.SubElement(channel, "item")
        _element(item, "title", post.said.title)
        _element(item, "link", f"{host}{BLOG_PATH}/{post.number}")
        _element(item, "guid", f"{host}{BLOG_PATH}/{post.number}")
        _element(item, "pubDate", format_datetime(post.at))
        _element(item, "author", f"{post.said.author}")
        _element(item, "description", post.said.text)
    return bytes(ET.tostring(rss, encoding="utf-8", xml_declaration=True))


def _element(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = text


def _validated(body: bytes, posts: list[Item]) -> Response:
    response = Response(body, content_type="application/rss+xml; charset=utf-8")
    response.set_etag(hashlib.sha256(body).hexdigest()[:16])
    if posts:
        response.last_modified = parsedate_to_datetime(format_datetime(posts[0].at))
    return response.make_conditional(request.environ)  # type: ignore[return-value]  # werkzeug says its own class
