"""Whatever a hub, or who knows its callback, sends there is answered, and nothing is kept that it does not sign."""

import httpx
import pytest
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st

from feedback_service.mentions.models import Document
from tests.support.feeds import rss, rss_item
from tests.support.fuzz import TYPES, bodies, values
from tests.support.hub import sign
from tests.web_hooks.conftest import House

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
EXAMPLES = 40
_PIECES = [
    rss(), rss(rss_item("\0", guid="g", link="javascript:1")), b"<rss>", b"<!DOCTYPE x [<!ENTITY a 'b'>]><a>&a;</a>",
    b"{}", b'{"items": [{"id": 1e400}]}', b"\xff\xfe<\0", b"<feed>" * 2000,
]  # fmt: skip
_MODES = ["subscribe", "unsubscribe", "denied", "publish", ""]


@pytest.fixture
def callback(house: House) -> str:
    """The address that the hub was given for the one source."""
    house.renew()
    return str(house.hub.asked[-1]["hub.callback"])


def test_any_push_is_answered(house: House, callback: str) -> None:
    secret = house.hub.asked[-1]["hub.secret"]

    @given(st.sampled_from(_PIECES) | bodies.map(lambda sent: sent.body), st.sampled_from(TYPES[:-1]), st.booleans())
    @settings_of_hypothesis(max_examples=EXAMPLES, deadline=None, derandomize=True)
    def holds(body: bytes, content_type: str, is_signed: bool) -> None:  # noqa: FBT001 - drawn
        before = house.count(Document)
        headers = {"Content-Type": content_type, "X-Hub-Signature": sign(body, secret if is_signed else "guessed")}
        answer = httpx.post(callback, content=body, headers=headers, trust_env=False)
        assert answer.status_code in {202, 410}
        assert is_signed or house.count(Document) == before

    holds()


def test_any_question_is_answered_and_changes_no_subscription(house: House, callback: str) -> None:
    state = house.subscription().state
    names = ["hub.mode", "hub.topic", "hub.challenge", "hub.lease_seconds", "hub.reason"]

    @given(st.dictionaries(st.sampled_from(names), values, max_size=5), st.sampled_from(_MODES))
    @settings_of_hypothesis(max_examples=EXAMPLES, deadline=None, derandomize=True)
    def holds(query: dict[str, str], mode: str) -> None:
        asked = {name: value.encode(errors="replace").decode() for name, value in query.items()} | {"hub.mode": mode}
        answer = httpx.get(callback, params=asked, trust_env=False)
        assert answer.status_code in {200, 404}
        assert answer.status_code == 404 or mode == "denied"

    holds()
    assert house.subscription().state is state
