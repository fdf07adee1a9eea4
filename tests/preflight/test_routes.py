"""Ways back: who takes mails for a domain, and whether an address and its name know each other."""

import pytest

from feedback_service.mail.preflight.routes import judge_mailbox_domain, judge_reverse
from tests.preflight.names import TableNames

Table = dict[str, list[str] | str]


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        pytest.param({"b.test MX": "10 mx.test", "mx.test A": "203.0.113.5"}, "", id="an exchange with an address"),
        pytest.param({"b.test MX": "10 mx.test", "mx.test AAAA": "2001:db8::5"}, "", id="with an IPv6 address alone"),
        pytest.param({"b.test A": "203.0.113.5"}, "advice: b.test has no MX", id="the host itself"),
        pytest.param({}, "Nobody takes mails for b.test", id="nothing at all"),
        pytest.param({"b.test TXT": "x"}, "Nobody takes mails for b.test", id="a name with other records"),
        pytest.param({"b.test MX": "0 ."}, "b.test says that it takes no mail at all", id="a null MX"),
        pytest.param({"b.test MX": "10 mx.test"}, "No MX host of b.test has an address: mx.test", id="a dead exchange"),
        pytest.param(
            {"b.test MX": ["10 a.test", "20 b.test"], "b.test A": "203.0.113.5"},
            "advice: The MX host a.test of b.test has no address.",
            id="one of two exchanges dead",
        ),
        pytest.param({"b.test MX": "!no answer in time"}, "b.test cannot be asked: no answer in time.", id="silence"),
        pytest.param(
            {"b.test MX": "10 mx.test", "mx.test A": "!SERVFAIL"}, "", id="an exchange that cannot be asked is not dead"
        ),
    ],
)
def test_mails_for_a_domain_must_find_somebody(table: Table, sentence: str) -> None:
    remarks = judge_mailbox_domain(TableNames(table), "b.test")
    said = [("advice: " if remark.is_advice else "") + remark.found for remark in remarks]
    assert len(said) == bool(sentence)
    assert all(each.startswith(sentence) for each in said)


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        pytest.param({"203.0.113.5 PTR": "m.test", "m.test A": "203.0.113.5"}, "", id="there and back"),
        pytest.param({"203.0.113.5 PTR": ["x.test", "m.test"], "m.test A": "203.0.113.5"}, "", id="one of two names"),
        pytest.param({}, "203.0.113.5 has no name", id="no name"),
        pytest.param(
            {"203.0.113.5 PTR": "m.test", "m.test A": "203.0.113.6"},
            "203.0.113.5 is called m.test, and that name does not lead back to it.",
            id="a name of somebody else",
        ),
        pytest.param({"203.0.113.5 PTR": "!SERVFAIL"}, "The name of 203.0.113.5 cannot be asked", id="no answer"),
    ],
)
def test_an_address_and_its_name_must_lead_to_each_other(table: Table, sentence: str) -> None:
    remarks = judge_reverse(TableNames(table), "203.0.113.5")
    assert len(remarks) == bool(sentence)
    assert all(remark.found.startswith(sentence) for remark in remarks)


def test_an_ipv6_address_is_compared_as_a_number() -> None:
    table = {"2001:db8::5 PTR": "m.test", "m.test AAAA": "2001:0db8:0:0::5"}
    assert judge_reverse(TableNames(table), "2001:db8::5") == []
