"""Whatever is sent to a customer's page, it is answered, and never with a fault on our side."""

import re
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st

from feedback_service.bootstrap import Services
from tests.support.fuzz import Sent, bodies, forms, values
from tests.support.surveys import invite

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
EXAMPLES = 80


def names_of(html: str) -> list[str]:
    """Return the names of the fields of a page."""
    return sorted(set(re.findall(r'\bname="([^"]+)"', html)))


def send(client: FlaskClient, path: str, sent: Sent) -> int:
    response = client.post(path, data=sent.body, content_type=sent.content_type, query_string=sent.query)
    assert response.status_code < 500, response.text
    return response.status_code


def test_any_form_is_answered(services: Services, client: FlaskClient) -> None:
    token = invite(services)
    names = names_of(client.get(f"/s/{token}").text)
    assert {"rating", "text", "stamp", "version"} <= set(names)
    statuses = set()

    @given(forms(names, good=[("rating", "4"), ("effort", "6")]))
    @settings_of_hypothesis(max_examples=EXAMPLES, deadline=None, derandomize=True)
    def holds(sent: Sent) -> None:
        statuses.add(send(client, f"/s/{token}", sent))
        assert client.get(f"/s/{token}").status_code == 200
        assert client.get(f"/s/{token}/thanks?{sent.query}").status_code in {200, 404}

    holds()
    assert statuses >= {303, 422}


@pytest.mark.parametrize("path", ["/s/{}", "/u/{}"])
def test_any_body_is_answered(services: Services, client: FlaskClient, path: str) -> None:
    address = path.format(invite(services))

    @given(bodies)
    @settings_of_hypothesis(max_examples=EXAMPLES, deadline=None, derandomize=True)
    def holds(sent: Sent) -> None:
        assert send(client, address, sent) in {200, 400, 413, 422}

    holds()


def test_any_address_is_answered(client: FlaskClient) -> None:
    @given(
        st.sampled_from(["/s/", "/u/"]),
        st.text(max_size=60),
        st.dictionaries(st.sampled_from(["l", "r"]), values, max_size=2),
        st.dictionaries(
            st.sampled_from(["Accept-Language", "Sec-Purpose", "X-Forwarded-For", "Host"]),
            st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=30),
            max_size=3,
        ),
    )
    @settings_of_hypothesis(max_examples=EXAMPLES, deadline=None, derandomize=True)
    def holds(prefix: str, rest: str, query: dict[str, str], headers: dict[str, str]) -> None:
        query = {name: value.encode("utf-8", "replace").decode() for name, value in query.items()}
        response = client.get(prefix + quote(rest, safe="/%"), query_string=query, headers=headers)
        assert response.status_code in {200, 308, 400, 404}

    holds()
