"""Feeds and review pages written for tests."""

import json
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from html import escape
from typing import Any


def rss(*items: str, title: str = "Blog") -> bytes:
    """Return an RSS feed of items made by `rss_item`."""
    return f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>{title}</title>{"".join(items)}</channel></rss>'.encode()  # noqa: E501 - one document


def rss_item(
    text: str = "", *, title: str = "", guid: str = "", link: str = "", at: datetime | None = None, author: str = ""
) -> str:
    """Return one item; `text` is HTML."""
    parts = {
        "title": escape(title),
        "description": escape(text),
        "guid": escape(guid),
        "link": escape(link),
        "pubDate": format_datetime(at) if at else "",
        "author": escape(author),
    }
    return "<item>" + "".join(f"<{name}>{value}</{name}>" for name, value in parts.items() if value) + "</item>"


def review(text: str, rating: object = 1, author: str = "Camille Exemple", **more: object) -> dict[str, Any]:
    """Return a schema.org Review."""
    return {
        "@type": "Review",
        "reviewBody": text,
        "author": {"@type": "Person", "name": author},
        "reviewRating": {"@type": "Rating", "ratingValue": rating, "bestRating": "5"},
        **more,
    }


def review_page(reviews: Sequence[object], **more: object) -> bytes:
    """Return a page whose JSON-LD is a Product with these reviews."""
    product = {"@context": "https://schema.org", "@type": "Product", "name": "Lampe Aube", "review": reviews, **more}
    script = json.dumps(product, ensure_ascii=False).replace("</", "<\\/")
    return (
        "<!DOCTYPE html><html><head><meta charset='utf-8'><title>Avis Lampe Aube</title>"
        f"<script type='application/ld+json'>{script}</script></head><body><h1>Avis</h1></body></html>"
    ).encode()
