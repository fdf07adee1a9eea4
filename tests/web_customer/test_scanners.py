"""What scanners of mail do with links and forms: opening stores nothing, answers of machines are flagged (R31)."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from feedback_service.bootstrap import Services
from feedback_service.clock import ManualClock
from feedback_service.db import Base
from feedback_service.mail.models import OutboxMail
from feedback_service.surveys.models import Answer
from feedback_service.surveys.signs import Flag
from tests.support.invitations import invite_many
from tests.support.surveys import invite

PREFETCHES = [
    {"Sec-Purpose": "prefetch"},
    {"Sec-Purpose": "prefetch;prerender"},
    {"Purpose": "prefetch"},
    {"X-Moz": "prefetch"},
    {"X-Purpose": "preview"},
]


def every_row(services: Services) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every table."""
    with services.database.reading() as session:
        return {
            name: sorted((tuple(row) for row in session.execute(sa.select(table))), key=repr)
            for name, table in Base.metadata.tables.items()
        }


def links_of_the_mail(services: Services) -> list[str]:
    """Return every address of ours in the mail: body, HTML and headers."""
    with services.database.reading() as session:
        mail = session.scalars(sa.select(OutboxMail).where(OutboxMail.kind == "survey")).one()
    text = f"{mail.text} {mail.html} {mail.headers}"
    return sorted(set(re.findall(r"https://feedback\.example\.com(/[us]/[\w?=&;-]+)", text.replace("&amp;", "&"))))


def flags(services: Services) -> list[list[str]]:
    with services.database.reading() as session:
        return list(session.scalars(sa.select(Answer.flags).order_by(Answer.id)))


def stamp_of(html: str) -> str:
    found = re.search(r'name="stamp" value="([^"]+)"', html)
    assert found
    return found[1]


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_opening_every_link_of_the_mail_changes_no_row(services: Services, client: FlaskClient, method: str) -> None:
    invite(services)
    before = every_row(services)
    links = links_of_the_mail(services)
    assert len(links) >= 6
    for _ in range(2):
        for link in links:
            assert client.open(link, method=method).status_code == 200
    assert every_row(services) == before


@pytest.mark.parametrize("headers", PREFETCHES, ids=lambda headers: next(iter(headers.items())))
def test_fetching_ahead_changes_no_row_and_is_no_visit(
    services: Services, client: FlaskClient, clock: ManualClock, headers: dict[str, str]
) -> None:
    token = invite(services)
    before = every_row(services)
    for link in links_of_the_mail(services):
        assert client.get(link, headers=headers).status_code == 200
    assert every_row(services) == before
    stamp = stamp_of(client.get(f"/s/{token}?r=4").text)
    clock.advance(timedelta(seconds=20))
    client.post(f"/s/{token}", data={"rating": "4", "stamp": stamp})
    assert flags(services) == [[]]


def test_answer_minutes_after_all_links_were_opened_is_flagged_and_taken(
    services: Services, client: FlaskClient, clock: ManualClock
) -> None:
    token = invite(services)
    pages = [client.get(link).text for link in links_of_the_mail(services) if "?r=" in link]
    clock.advance(timedelta(minutes=1))
    assert client.post(f"/s/{token}", data={"rating": "5", "stamp": stamp_of(pages[0])}).status_code == 303
    assert flags(services) == [[Flag.ALL_LINKS]]


def test_answer_hours_after_a_scanner_opened_all_links_is_a_persons(
    services: Services, client: FlaskClient, clock: ManualClock
) -> None:
    token = invite(services)
    for link in links_of_the_mail(services):
        client.get(link)
    clock.advance(timedelta(hours=2))
    stamp = stamp_of(client.get(f"/s/{token}?r=5").text)
    clock.advance(timedelta(seconds=20))
    client.post(f"/s/{token}", data={"rating": "5", "stamp": stamp})
    assert flags(services) == [[]]


def test_several_surveys_answered_from_one_source_within_seconds_are_all_flagged(
    services: Services, client: FlaskClient
) -> None:
    tokens = invite_many(services, 4, now=services.clock.now())
    for token in tokens:
        assert client.post(f"/s/{token}", data={"rating": "1"}).status_code == 303
    assert flags(services) == [[Flag.BURST, Flag.NO_PAGE]] * 4


def test_surveys_answered_by_one_proxy_that_is_not_believed_are_no_burst(
    services: Services, client: FlaskClient
) -> None:
    for number, token in enumerate(invite_many(services, 4, now=services.clock.now())):
        client.post(f"/s/{token}", data={"rating": "5"}, headers={"X-Forwarded-For": f"192.0.2.{number}"})
    assert flags(services) == [[Flag.NO_PAGE]] * 4


def test_form_sent_again_and_again_within_seconds_is_flagged_and_the_last_answer_counts(
    services: Services, client: FlaskClient
) -> None:
    token = invite(services)
    for rating in (1, 2, 3, 4):
        assert client.post(f"/s/{token}", data={"rating": str(rating)}).status_code == 303
    assert flags(services) == [[Flag.NO_PAGE, Flag.REPEATED]]
    with services.database.reading() as session:
        assert session.scalars(sa.select(Answer.rating)).all() == [4]


def test_form_that_was_sent_back_and_sent_again_is_a_persons(
    services: Services, client: FlaskClient, clock: ManualClock
) -> None:
    token = invite(services)
    stamp = stamp_of(client.get(f"/s/{token}").text)
    clock.advance(timedelta(seconds=20))
    for _ in range(3):
        assert client.post(f"/s/{token}", data={"stamp": stamp}).status_code == 422
    client.post(f"/s/{token}", data={"rating": "4", "stamp": stamp})
    assert flags(services) == [[]]


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"])
def test_nothing_but_a_post_objects(services: Services, client: FlaskClient, method: str) -> None:
    token = invite(services)
    before = every_row(services)
    client.open(f"/u/{token}", method=method, data={"List-Unsubscribe": "One-Click"})
    client.open(f"/s/{token}", method=method, data={"rating": "1"})
    assert every_row(services) == before
