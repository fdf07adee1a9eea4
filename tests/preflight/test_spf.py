"""SPF as RFC 7208 reckons it; many cases are those of its own examples and of records seen in the wild."""

import contextlib
import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_service.mail.preflight.names import Kind
from feedback_service.mail.preflight.spf import LOOKUPS, Outlook, Result, outlook
from feedback_service.mail.preflight.spf_terms import Sender, SpfError, expanded, parse
from tests.preflight.names import TableNames

OURS = ipaddress.ip_address("203.0.113.5")
OURS_V6 = ipaddress.ip_address("2001:db8::5")
D = "shop.test"


def ask(record: str, address: str = "203.0.113.5", **others: list[str] | str) -> Outlook:
    """Reckon `record` at shop.test; `others` are records at further names (`_` for `.`, kind last)."""
    table: dict[str, list[str] | str] = {f"{D} TXT": record}
    for key, value in others.items():
        name, _, kind = key.rpartition("__")
        table[f"{name.replace('_', '.')} {kind}"] = value
    return outlook(TableNames(table), D, ipaddress.ip_address(address))


@pytest.mark.parametrize(
    ("record", "address", "result"),
    [
        ("v=spf1 +all", "203.0.113.5", Result.PASS),
        ("v=spf1 -all", "203.0.113.5", Result.FAIL),
        ("v=spf1 ~all", "203.0.113.5", Result.SOFTFAIL),
        ("v=spf1 ?all", "203.0.113.5", Result.NEUTRAL),
        ("v=spf1", "203.0.113.5", Result.NEUTRAL),
        ("V=SPF1 IP4:203.0.113.5 -ALL", "203.0.113.5", Result.PASS),
        ("v=spf1 ip4:203.0.113.0/24 -all", "203.0.113.5", Result.PASS),
        ("v=spf1 ip4:203.0.113.7/24 -all", "203.0.113.5", Result.PASS),
        ("v=spf1 ip4:198.51.100.0/24 -all", "203.0.113.5", Result.FAIL),
        ("v=spf1 ip6:2001:db8::/32 -all", "2001:db8::5", Result.PASS),
        ("v=spf1 ip6:2001:db8::/32 -all", "203.0.113.5", Result.FAIL),
        ("v=spf1  ip4:203.0.113.5   -all", "203.0.113.5", Result.PASS),
        ("v=spf1 -ip4:203.0.113.5 +all", "203.0.113.5", Result.FAIL),
        ("v=spf1 exp=why.shop.test unknown=ignored -all", "203.0.113.5", Result.FAIL),
    ],
)
def test_the_first_mechanism_that_matches_decides(record: str, address: str, result: Result) -> None:
    assert ask(record, address).result is result


@pytest.mark.parametrize(
    ("record", "why"),
    [
        ("v=spf1 ipv4:203.0.113.5 -all", "'ipv4:203.0.113.5' is no SPF mechanism"),
        ("v=spf1 ip4:203.0.113.555 -all", "is no network"),
        ("v=spf1 ip4:203.0.113.0/33 -all", "is no network"),
        ("v=spf1 ip6:203.0.113.5 -all", "is no network"),
        ("v=spf1 ip4 -all", "is no network"),
        ("v=spf1 include: -all", "names no domain"),
        ("v=spf1 include -all", "names no domain"),
        ("v=spf1 a: -all", "names no domain"),
        ("v=spf1 exists -all", "names no domain"),
        ("v=spf1 a/33 -all", "too long"),
        ("v=spf1 mx//129 -all", "too long"),
        ("v=spf1 -all:x", "does not belong"),
        ("v=spf1 include/24 -all", "does not belong"),
        ("v=spf1 redirect=a.test redirect=b.test", "stands there twice"),
        ("v=spf1 redirect=", "names no domain"),
        ("v=spf1 a:%{x}.test -all", "macro"),
        ("v=spf1 a:%(d).test -all", "macro"),
        ("v=spf1 ip4:203.0.113.5, -all", "is no network"),
        ("v=spf1 include:spf.test. ,-all", "is no SPF mechanism"),
        ("v=spf1 -all “~all”", "not ASCII"),
        ("v=spf1 a:mail.shop.test\0 -all", "control character"),
        ("v=spf1 ip4:203.0.113.0/024 -all", "is no network"),
        ("v=spf1 a/024 -all", "does not belong"),
        ("v=spf1 a:192.0.2.1 -all", "no domain"),
        ("v=spf1 a:test -all", "no domain"),
        ("v=spf1 mx:shop.test- -all", "no domain"),
        ("v=spf1 exists:%{i}.shop.test/24 -all", "no domain"),
        ("v=spf1 -all redirect=1.2.3.4", "no domain"),
        ("v=spf1 -all exp=", "names no domain"),
        ("v=spf1 -all exp=%{t}.shop.test", "only explanations"),
    ],
)
def test_a_record_with_a_mistake_is_worth_nothing_even_behind_what_matches(record: str, why: str) -> None:
    found = ask(record.replace("v=spf1", "v=spf1 ip4:203.0.113.5"))
    assert found.result is Result.PERMERROR
    assert why in found.why
    assert D in found.why


def test_no_record_two_records_and_texts_that_only_look_like_one() -> None:
    def result(*texts: str) -> Result:
        return outlook(TableNames({f"{D} TXT": texts}), D, OURS).result

    assert result() is Result.NONE
    assert result("google-site-verification=x") is Result.NONE
    assert result("v=spf10 -all") is Result.NONE
    assert result("v=spf1 -all", "other") is Result.FAIL
    assert result("v=spf1 -all", "v=spf1 ~all") is Result.PERMERROR
    assert outlook(TableNames({}), D, OURS) == Outlook(Result.NONE, f"{D} has no SPF record", 0)


@pytest.mark.parametrize("why", ["no answer in time", "the name servers answer SERVFAIL"])
def test_name_servers_that_do_not_answer_are_told_apart_from_no_record(why: str) -> None:
    found = outlook(TableNames({f"{D} TXT": f"!{why}"}), D, OURS)
    assert found.result is Result.TEMPERROR
    assert why in found.why
    inner = outlook(TableNames({f"{D} TXT": "v=spf1 include:relay.test -all", "relay.test TXT": f"!{why}"}), D, OURS)
    assert inner.result is Result.TEMPERROR


def test_hosts_and_exchanges_match_by_their_addresses() -> None:
    assert ask("v=spf1 a -all", shop_test__A="203.0.113.5").result is Result.PASS
    assert ask("v=spf1 a:mail.test -all", mail_test__A=["198.51.100.1", "203.0.113.5"]).result is Result.PASS
    assert ask("v=spf1 a:mail.test/24 -all", mail_test__A="203.0.113.99").result is Result.PASS
    assert ask("v=spf1 a:mail.test//64 -all", "2001:db8::5", mail_test__AAAA="2001:db8::1").result is Result.PASS
    assert ask("v=spf1 a:mail.test -all", "2001:db8::5", mail_test__A="203.0.113.5").result is Result.FAIL
    exchange = {"shop_test__MX": "10 mx.test", "mx_test__A": "203.0.113.5"}
    assert ask("v=spf1 mx -all", **exchange).result is Result.PASS
    assert ask("v=spf1 mx -all", shop_test__MX="0 .").result is Result.FAIL
    assert ask("v=spf1 mx -all", shop_test__MX=[f"1 m{n}.test" for n in range(11)]).result is Result.PERMERROR


def test_ptr_counts_only_where_name_and_address_lead_to_each_other() -> None:
    table = {f"{D} TXT": "v=spf1 ptr -all", "203.0.113.5 PTR": ["out.shop.test", "evil.test"]}
    assert outlook(TableNames(table | {"out.shop.test A": "203.0.113.5"}), D, OURS).result is Result.PASS
    assert outlook(TableNames(table | {"out.shop.test A": "203.0.113.6"}), D, OURS).result is Result.FAIL


def test_an_include_passes_on_only_that_somebody_passes() -> None:
    assert ask("v=spf1 include:r.test -all", r_test__TXT="v=spf1 ip4:203.0.113.5 -all").result is Result.PASS
    assert ask("v=spf1 include:r.test ~all", r_test__TXT="v=spf1 -all").result is Result.SOFTFAIL
    missing = ask("v=spf1 include:r.test -all")
    assert (missing.result, missing.why) == (Result.PERMERROR, "include:r.test, which has no SPF record")
    assert ask("v=spf1 include:r.test -all", r_test__TXT="v=spf1 oops -all").result is Result.PERMERROR


def test_a_redirect_takes_the_whole_result() -> None:
    assert ask("v=spf1 redirect=r.test", r_test__TXT="v=spf1 ip4:203.0.113.5 -all").result is Result.PASS
    assert ask("v=spf1 redirect=r.test", r_test__TXT="v=spf1 -all").result is Result.FAIL
    assert ask("v=spf1 redirect=r.test").result is Result.PERMERROR
    assert ask("v=spf1 ~all redirect=r.test", r_test__TXT="v=spf1 +all").result is Result.SOFTFAIL


@pytest.mark.parametrize(("includes", "result"), [(LOOKUPS, Result.FAIL), (LOOKUPS + 1, Result.PERMERROR)])
def test_ten_lookups_are_allowed_and_no_more(includes: int, result: Result) -> None:
    others = {f"r{n}_test__TXT": "v=spf1 -all" for n in range(includes)}
    found = ask("v=spf1 " + " ".join(f"include:r{n}.test" for n in range(includes)) + " -all", **others)
    assert found.result is result
    assert ("more than 10 look-ups" in found.why) == (result is Result.PERMERROR)


def test_records_that_name_each_other_end() -> None:
    assert ask("v=spf1 include:shop.test -all").result is Result.PERMERROR
    assert ask("v=spf1 redirect=r.test", r_test__TXT="v=spf1 redirect=shop.test").result is Result.PERMERROR


def test_look_ups_that_find_nothing_are_counted_too() -> None:
    assert ask("v=spf1 a:n1.test a:n2.test -all").result is Result.FAIL
    found = ask("v=spf1 a:n1.test a:n2.test a:n3.test -all")
    assert found.result is Result.PERMERROR
    assert "find nothing" in found.why


@pytest.mark.parametrize(
    ("macro", "expected"),
    [
        # RFC 7208 7.4, to the letter.
        ("%{s}", "strong-bad@email.example.com"),
        ("%{o}", "email.example.com"),
        ("%{d}", "email.example.com"),
        ("%{d4}", "email.example.com"),
        ("%{d3}", "email.example.com"),
        ("%{d2}", "example.com"),
        ("%{d1}", "com"),
        ("%{dr}", "com.example.email"),
        ("%{d2r}", "example.email"),
        ("%{l}", "strong-bad"),
        ("%{l-}", "strong.bad"),
        ("%{lr}", "strong-bad"),
        ("%{lr-}", "bad.strong"),
        ("%{l1r-}", "strong"),
        ("%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"),
        ("%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"),
        ("%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net"),
        ("%%%_x", "% x"),
        ("%{p}", "unknown"),
    ],
)
def test_macros_are_filled_in_as_the_standard_shows(macro: str, expected: str) -> None:
    sender = Sender(ipaddress.ip_address("192.0.2.3"), "strong-bad", "email.example.com")
    assert expanded(macro, "email.example.com", sender) == expected


def test_an_ipv6_address_is_written_digit_by_digit() -> None:
    sender = Sender(ipaddress.ip_address("2001:db8::cb01"), "strong-bad", "email.example.com")
    assert expanded("%{ir}.%{v}._spf.%{d2}", "email.example.com", sender) == (
        "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6._spf.example.com"
    )


def test_exists_asks_for_what_the_macros_say() -> None:
    names = TableNames({f"{D} TXT": "v=spf1 exists:%{i}.ok.test -all", "203.0.113.5.ok.test A": "127.0.0.2"})
    assert outlook(names, D, OURS).result is Result.PASS
    assert outlook(names, D, ipaddress.ip_address("203.0.113.6")).result is Result.FAIL


def test_a_name_that_grows_too_long_loses_labels_in_front() -> None:
    sender = Sender(OURS, "x" * 60, D)
    assert len(expanded("%{l}." * 6 + "shop.test", D, sender)) <= 253


TERMS = st.sampled_from(
    [
        "a",
        "mx",
        "ptr",
        "include:",
        "ip4:",
        "ip6:",
        "exists:",
        "all",
        "redirect=",
        "/24",
        "//64",
        "%{d}",
        "%{i}",
        "-",
        "~",
    ]
)


@given(st.lists(st.one_of(TERMS, st.text(max_size=8)), max_size=12), st.sampled_from([OURS, OURS_V6]))
def test_no_record_breaks_the_reckoning(parts: list[str], address: ipaddress.IPv4Address) -> None:
    record = "v=spf1 " + "".join(parts)
    names = TableNames({f"{D} TXT": record})
    found = outlook(names, D, address)
    assert found.result in Result
    assert found.lookups <= LOOKUPS + 1
    assert len(names.asked) < 100


@given(st.text(max_size=300))
def test_reading_never_raises_anything_else(text: str) -> None:
    with contextlib.suppress(SpfError):
        assert all(mechanism.qualifier in "+-~?" for mechanism in parse("v=spf1 " + text).mechanisms)


def test_the_question_is_put_for_the_right_kind_of_record() -> None:
    names = TableNames({})
    names.ask("Shop.TEST.", Kind.TXT)
    assert names.asked == ["shop.test TXT"]
