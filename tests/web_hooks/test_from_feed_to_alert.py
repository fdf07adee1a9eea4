"""The whole way: a feed that names its hub is scanned, subscribed to, pushed, and its complaint alerts."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from pytest_httpserver import HTTPServer

from feedback_service.mail.models import OutboxMail
from feedback_service.sources import registry
from feedback_service.sources.models import SourceKind
from jobs import scan_sources
from tests.support.feeds import rss_item
from tests.web_hooks.conftest import House

CALM = rss_item("Un salon bien éclairé.", guid="calm", link="https://blog.example.com/calm")
ANGRY = rss_item(
    "Atelier Lumen : une arnaque, jamais remboursé, je porte plainte.",
    guid="angry",
    link="https://blog.example.com/angry",
)


def blog(hub: str, topic: str, *items: str, in_header: bool) -> bytes:
    links = "" if in_header else f'<atom:link rel="hub" href="{hub}"/><atom:link rel="self" href="{topic}"/>'
    head = '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Blog</title>'
    return f"{head}{links}{''.join(items)}</channel></rss>".encode()


@pytest.mark.parametrize("in_header", [False, True], ids=["named in the feed", "named in the header"])
def test_a_feed_that_names_its_hub_is_pushed_from_its_first_scan_on(
    house: House, httpserver: HTTPServer, *, in_header: bool
) -> None:
    topic = httpserver.url_for("/feed")
    link = f'<{house.hub.address}>; rel="hub", <{topic}>; rel="self"'
    headers = {"Link": link} if in_header else {}
    body = blog(house.hub.address, topic, CALM, in_header=in_header)
    httpserver.expect_request("/feed").respond_with_data(body, content_type="application/rss+xml", headers=headers)
    house.change(due_at=None)
    with house.services.database.writing() as session:
        house.source_id = registry.add_source(session, house.shop, topic, SourceKind.FEED, house.clock.now()).id
    assert scan_sources.run(house.services) == 1
    assert (house.source().hub, house.source().topic) == (house.hub.address, topic)

    house.renew(timedelta(minutes=1))
    assert [form["hub.topic"] for form in house.hub.asked] == [topic]
    assert house.hub.publish(blog(house.hub.address, topic, ANGRY, CALM, in_header=in_header)) == 202

    with house.services.database.reading() as session:
        mails = session.scalars(sa.select(OutboxMail.kind)).all()
    assert list(mails) == ["story_alert"]
