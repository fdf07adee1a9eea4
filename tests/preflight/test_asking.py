"""Asking a real name server over the loopback: every way in which an answer may come, or not."""

import ipaddress

import pytest

from feedback_service.mail.preflight.asking import DnsNames, split_server
from feedback_service.mail.preflight.names import Answer, Kind, Outcome
from feedback_service.mail.preflight.spf import Result, outlook
from tests.support.commands import free_port
from tests.support.dns_server import name_server, text

LONG_KEY = "v=DKIM1; k=rsa; p=" + "A" * 392
ZONE = {
    "shop.test": {
        "TXT": [text("v=spf1 include:relay.test -all"), text("other")],
        "MX": ["10 mx.shop.test.", "20 mx2.shop.test."],
        "A": ["203.0.113.5"],
    },
    "mx.shop.test": {"A": ["203.0.113.5", "203.0.113.6"], "AAAA": ["2001:db8::5"]},
    "relay.test": {"TXT": [text("v=spf1 ip4:203.0.113.0/24 ", "-all")]},
    "none.test": {"MX": ["0 ."]},
    "s1._domainkey.shop.test": {"CNAME": ["key.provider.test."]},
    "key.provider.test": {"TXT": [text(LONG_KEY[:255], LONG_KEY[255:])]},
    "lost._domainkey.shop.test": {"CNAME": ["gone.provider.test."]},
    "round.test": {"CNAME": ["about.test."]},
    "about.test": {"CNAME": ["round.test."]},
    "many.test": {"TXT": [text(f"verification-{number}=" + "x" * 60) for number in range(30)]},
    "latin.test": {"TXT": ['"caf\\233"']},
    "5.113.0.203.in-addr.arpa": {"PTR": ["mx.shop.test."]},
}


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        pytest.param("shop.test", Kind.A, Answer(Outcome.FOUND, ("203.0.113.5",)), id="an address"),
        pytest.param("SHOP.test.", Kind.A, Answer(Outcome.FOUND, ("203.0.113.5",)), id="another spelling"),
        pytest.param("mx.shop.test", Kind.AAAA, Answer(Outcome.FOUND, ("2001:db8::5",)), id="an IPv6 address"),
        pytest.param(
            "shop.test", Kind.MX, Answer(Outcome.FOUND, ("10 mx.shop.test", "20 mx2.shop.test")), id="exchanges"
        ),
        pytest.param("none.test", Kind.MX, Answer(Outcome.FOUND, ("0 .",)), id="a null MX"),
        pytest.param("203.0.113.5", Kind.PTR, Answer(Outcome.FOUND, ("mx.shop.test",)), id="the name of an address"),
        pytest.param("relay.test", Kind.TXT, Answer(Outcome.FOUND, ("v=spf1 ip4:203.0.113.0/24 -all",)), id="pieces"),
        pytest.param("s1._domainkey.shop.test", Kind.TXT, Answer(Outcome.FOUND, (LONG_KEY,)), id="an alias"),
        pytest.param("latin.test", Kind.TXT, Answer(Outcome.FOUND, ("caf\ufffd",)), id="letters that are not UTF-8"),
        pytest.param("gone.test", Kind.TXT, Answer(Outcome.NO_NAME), id="no such name"),
        pytest.param("lost._domainkey.shop.test", Kind.TXT, Answer(Outcome.NO_NAME), id="an alias into nothing"),
        pytest.param("relay.test", Kind.MX, Answer(Outcome.NO_RECORD), id="no such record"),
    ],
)
def test_an_answer_is_read(name: str, kind: Kind, expected: Answer) -> None:
    with name_server(ZONE) as server:
        assert DnsNames(server.address).ask(name, kind) == expected


def test_an_answer_too_long_for_a_datagram_comes_whole() -> None:
    with name_server(ZONE) as server:
        answer = DnsNames(server.address).ask("many.test", Kind.TXT)
    assert len(answer.values) == 30
    assert server.asked.count(("many.test", "TXT")) == 2  # by datagram, then by stream


def test_a_server_that_fails_is_told_apart_from_one_that_is_silent() -> None:
    with name_server(ZONE) as server:
        server.failing.add("shop.test")
        server.silent.add("relay.test")
        names = DnsNames(server.address, seconds=0.2)
        assert names.ask("shop.test", Kind.TXT) == Answer(Outcome.FAILED, why="the name servers answer SERVFAIL")
        assert names.ask("relay.test", Kind.TXT) == Answer(Outcome.FAILED, why="no answer in time")


def test_servers_that_stay_silent_are_not_asked_for_ever() -> None:
    with name_server(ZONE) as server:
        server.silent |= {f"n{number}.test" for number in range(10)}
        names = DnsNames(server.address, seconds=0.1)
        answers = [names.ask(f"n{number}.test", Kind.A) for number in range(10)]
    assert {answer.outcome for answer in answers} == {Outcome.FAILED}
    assert answers[-1].why == "the name servers do not answer"
    assert len({name for name, _ in server.asked}) == 2


def test_an_alias_that_leads_to_itself_ends() -> None:
    with name_server(ZONE) as server:
        answer = DnsNames(server.address, seconds=0.5).ask("round.test", Kind.TXT)
    assert answer.outcome in {Outcome.FAILED, Outcome.NO_RECORD}


def test_each_question_is_put_once() -> None:
    with name_server(ZONE) as server:
        names = DnsNames(server.address)
        assert names.ask("shop.test", Kind.A) == names.ask("Shop.Test.", Kind.A)
    assert server.asked == [("shop.test", "A")]


def test_spf_is_reckoned_with_real_answers() -> None:
    with name_server(ZONE) as server:
        names = DnsNames(server.address)
        assert outlook(names, "shop.test", ipaddress.ip_address("203.0.113.9")).result is Result.PASS
        assert outlook(names, "shop.test", ipaddress.ip_address("198.51.100.9")).result is Result.FAIL


def test_a_server_that_is_not_there_is_told() -> None:
    answer = DnsNames(f"127.0.0.1:{free_port()}", seconds=0.3).ask("shop.test", Kind.A)
    assert answer.outcome is Outcome.FAILED
    assert answer.why


@pytest.mark.parametrize(
    "name", ["a..test", "x" * 64 + ".test", ".".join("a" * 200), "\ud800.test", "é" * 300, " ", "\0"]
)
def test_what_is_no_name_breaks_nothing(name: str) -> None:
    with name_server(ZONE) as server:
        answer = DnsNames(server.address, seconds=0.5).ask(name, Kind.TXT)
    assert not answer.values
    assert answer.outcome is not Outcome.FOUND
    assert DnsNames(server.address, seconds=0.1).ask(name, Kind.PTR).why


@pytest.mark.parametrize(
    ("server", "expected"),
    [
        ("192.0.2.53", ("192.0.2.53", 53)),
        ("192.0.2.53:5353", ("192.0.2.53", 5353)),
        ("2001:db8::53", ("2001:db8::53", 53)),
        ("[2001:db8::53]:5353", ("2001:db8::53", 5353)),
        ("[2001:db8::53]", ("2001:db8::53", 53)),
    ],
)
def test_a_resolver_is_named_with_or_without_a_port(server: str, expected: tuple[str, int]) -> None:
    assert split_server(server) == expected
