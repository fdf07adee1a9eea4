"""Whatever is sent to a page of the staff, it is answered, and never with a fault on our side."""

import re

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st
from werkzeug.routing import Rule

from feedback_service import paths
from feedback_service.alerts.models import Story
from feedback_service.shops.models import Role, Shop
from feedback_service.shops.staff import add_staff
from tests.support.builders import NOW, make_order, make_return
from tests.support.fuzz import Sent, bodies, forms
from tests.support.staff import PASSWORD, Visitor, csrf_token_of
from tests.support.stories import make_answer, make_mention, make_source
from tests.web_staff.conftest import House

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PER_ADDRESS = 10
FOR_OTHERS = ("/api/", "/hooks/", "/static/")
# They ask other sites, send one out, or are held back after a few attempts: each has tests of its own.
LEFT_OUT = {"/sources/new", "/sources", "/logout", "/login"}


def field_names() -> list[str]:
    """Return the names of all fields of all forms of the staff's templates."""
    folder = paths.templates_folder()
    texts = [path.read_text() for part in ("staff", "managers") for path in (folder / part).glob("*.html")]
    return sorted({name for text in texts for name in re.findall(r'\bname="([a-z_.-]+)"', text)} - {"csrf_token"})


@pytest.fixture
def admin(house: House) -> Visitor:
    """An administrator, signed in, in a shop with a story, an answer and a return."""
    with house.services.database.writing() as session:
        shop = session.get_one(Shop, house.shop_id)
        add_staff(session, "ada@example.com", "Ada", Role.ADMIN, [shop], PASSWORD, NOW, language="en")
        make_answer(session, shop, make_return(session, shop, make_order(session, shop)))
        house.services.story_desk.mention_came_in(session, make_mention(session, make_source(session, shop)), NOW)
    visitor = house.visitor()
    assert visitor.sign_in("ada@example.com").status_code == 302
    return visitor


def rules(app: Flask, method: str) -> list[Rule]:
    """Return the addresses of pages that take `method`."""
    return [
        rule
        for rule in app.url_map.iter_rules()
        if method in (rule.methods or ()) and not rule.rule.startswith(FOR_OTHERS) and rule.rule not in LEFT_OUT
    ]


def address_of(rule: Rule, words: dict[str, str]) -> str:
    """Return an address of the rule: row 1 for numbers, the given words for the rest."""
    return re.sub(r"<(?:(\w+):)?(\w+)>", lambda found: "1" if found[1] == "int" else words[found[2]], rule.rule)


def filled(rule: Rule) -> st.SearchStrategy[str]:
    """Return addresses of the rule, with words that exist and words that do not."""
    known = {"slug": "atelier", "kind": "survey", "language": "fr", "said": "complaint", "colour": "112233"}
    actions = ["take", "resolve", "dismiss", "reopen", "note", "pause", "resume", "retry", "drop", "on", "off", "x"]
    others = st.sampled_from([*actions, *known.values(), "%00", "é", "-", "a" * 200])
    return st.fixed_dictionaries(
        {name: others if name not in known else st.just(known[name]) | others for name in rule.arguments}
    ).map(lambda words: address_of(rule, words))


def test_any_form_and_any_body_is_answered(house: House, admin: Visitor) -> None:
    token = csrf_token_of(admin.get("/sources/new").text)
    names = field_names()
    assert len(names) > 20
    tried = rules(house.app, "POST")
    assert len(tried) > 12
    statuses = set()
    for rule in tried:

        @given(filled(rule), forms(names, good=[("csrf_token", token)]) | bodies)
        @settings_of_hypothesis(max_examples=PER_ADDRESS, deadline=None, derandomize=True)
        def holds(address: str, sent: Sent) -> None:
            response = admin.client.post(
                address, data=sent.body, content_type=sent.content_type, headers={"X-CSRFToken": token}
            )
            assert response.status_code < 500, (address, sent, response.text)
            statuses.add(response.status_code)

        holds()
    # Some of it was done, so not all stopped at the door.
    assert statuses >= {302, 404}


def test_any_query_is_answered(house: House, admin: Visitor) -> None:
    names = ["page", "which", "q", "state", "days", "weeks", "from", "until", "language", "kind", "next", "shop"]
    for rule in rules(house.app, "GET"):
        if rule.rule in {"/healthz", "/readyz"}:
            continue  # They say that something is wrong by a status of 503.

        @given(filled(rule), forms(names))
        @settings_of_hypothesis(max_examples=PER_ADDRESS, deadline=None, derandomize=True)
        def holds(address: str, sent: Sent) -> None:
            response = admin.client.get(address, query_string=sent.body.decode())
            assert response.status_code < 500, (address, sent, response.text)

        holds()


_WORDS = {
    "slug": "atelier",
    "kind": "survey",
    "language": "fr",
    "said": "complaint",
    "action": "take",
    "colour": "112233",
}


def test_no_page_of_the_staff_is_shown_to_a_stranger_and_no_form_is_taken(house: House, admin: Visitor) -> None:
    stranger = house.visitor()
    behind = LEFT_OUT - {"/login"}
    for method in ("GET", "POST"):
        # The front door only shows the way to the inbox.
        staffs = [rule for rule in rules(house.app, method) if rule.endpoint.startswith(("staff.", "managers."))]
        known = {address_of(rule, _WORDS) for rule in staffs if rule.endpoint != "staff.start"}
        assert len(known) > 10
        for address in known | (behind if method == "POST" else set()):
            token = {"X-CSRFToken": csrf_token_of(stranger.get("/login").text)}
            answer = stranger.client.open(address, method=method, headers=token)
            assert answer.headers.get("Location", "").startswith("/login"), f"{method} {address}"
    assert admin.get("/inbox").status_code == 200


def test_no_form_of_the_staff_is_taken_without_its_token(house: House, admin: Visitor) -> None:
    with house.services.database.reading() as session:
        before = [row.state for row in session.scalars(sa.select(Story))]
    for address in LEFT_OUT | {address_of(rule, _WORDS) for rule in rules(house.app, "POST")}:
        assert admin.client.post(address).status_code == 400, address
    with house.services.database.reading() as session:
        assert [row.state for row in session.scalars(sa.select(Story))] == before
