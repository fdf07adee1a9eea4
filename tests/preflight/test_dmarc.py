"""DMARC: which policy counts, what it asks for, and which domains are aligned (RFC 7489, DMARCbis)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_service.mail.preflight.dmarc import (
    DmarcError,
    Wish,
    are_aligned,
    judge_policy,
    judge_reports,
    look_up,
    parse,
    wish_of,
)
from tests.preflight.names import TableNames

FULL = "v=DMARC1; p=reject; rua=mailto:dmarc@shop.test"


def said(record: list[str] | str, domain: str = "shop.test") -> list[str]:
    found = look_up(TableNames({"_dmarc.shop.test TXT": record}), domain)
    return [("advice: " if remark.is_advice else "") + remark.found for remark in judge_policy(domain, found)]


def test_a_policy_that_asks_and_is_reported_on_needs_no_word() -> None:
    assert said(FULL) == []
    assert said("v=DMARC1;p=quarantine;rua=mailto:a@b.test;") == []
    assert said([FULL, "another text"]) == []


@pytest.mark.parametrize(
    ("record", "sentence"),
    [
        (
            "v=DMARC1; p=none; rua=mailto:a@b.test",
            "advice: It asks for nothing (p=none): anybody may write in your name.",
        ),
        ("v=DMARC1; p=reject; pct=50; rua=mailto:a@b.test", "advice: It holds for 50 % of the mails only."),
        ("v=DMARC1; p=reject", "advice: Nobody gets its reports."),
        ("v=DMARC1; rua=mailto:a@b.test", "advice: It asks for nothing (p=none): anybody may write in your name."),
    ],
)
def test_what_may_be_better_is_advice(record: str, sentence: str) -> None:
    assert said(record) == [sentence]


@pytest.mark.parametrize(
    ("record", "why"),
    [
        ("v=DMARC1", "it has no p="),
        ("v=DMARC1; p=rejects", "p=rejects is none of none, quarantine, reject"),
        ("v=DMARC1; p=none; p=reject", "p= stands there twice"),
        ("v=DMARC1; p", "'p' is no tag"),
        ("v=DMARC1 p=reject", "it must begin with v=DMARC1"),
    ],
)
def test_a_broken_record_is_left_out_by_receivers_and_told(record: str, why: str) -> None:
    assert said(record) == [f"The DMARC record at _dmarc.shop.test cannot be used: {why}."]


def test_no_record_and_several_records() -> None:
    assert said([]) == ["There is no DMARC record for shop.test; large mailbox providers ask for one."]
    assert said("v=spf1 -all") == said([])
    assert said([FULL, FULL + ";"]) == ["There are 2 DMARC records at _dmarc.shop.test; receivers then follow none."]


def test_name_servers_that_do_not_answer_are_not_taken_for_no_policy() -> None:
    assert said("!no answer in time") == ["_dmarc.shop.test cannot be asked: no answer in time."]


def test_a_subdomain_lives_by_the_policy_above_it() -> None:
    names = TableNames({"_dmarc.shop.test TXT": "v=DMARC1; p=reject; sp=none; rua=mailto:a@b.test"})
    found = look_up(names, "mail.shop.test")
    assert (found.at, found.organization) == ("shop.test", "shop.test")
    assert wish_of("mail.shop.test", found) is Wish.NONE
    assert wish_of("shop.test", look_up(names, "shop.test")) is Wish.REJECT
    own = TableNames({"_dmarc.mail.shop.test TXT": FULL, "_dmarc.shop.test TXT": "v=DMARC1; p=none"})
    assert look_up(own, "mail.shop.test").at == "mail.shop.test"
    assert look_up(own, "mail.shop.test").organization == "shop.test"


def test_the_walk_ends_at_the_tags_of_dmarcbis() -> None:
    names = TableNames({"_dmarc.shop.co.test TXT": FULL, "_dmarc.co.test TXT": "v=DMARC1; p=none; psd=y"})
    assert look_up(names, "shop.co.test").organization == "shop.co.test"
    assert look_up(names, "a.other.co.test").organization == "other.co.test"
    marked = TableNames({"_dmarc.a.b.test TXT": "v=DMARC1; p=reject; psd=n", "_dmarc.b.test TXT": FULL})
    assert look_up(marked, "x.a.b.test").organization == "a.b.test"


def test_a_long_name_is_asked_about_eight_times_at_most() -> None:
    names = TableNames({})
    look_up(names, ".".join("abcdefghijklmn"))
    assert len(names.asked) == 8
    assert names.asked[-1] == "_dmarc.n TXT"


@pytest.mark.parametrize(
    ("one", "other", "is_strict", "expected"),
    [
        ("shop.test", "shop.test", True, True),
        ("Shop.Test.", "shop.test", True, True),
        ("shop.test", "bounce.shop.test", False, True),
        ("shop.test", "bounce.shop.test", True, False),
        ("mail.shop.test", "bounce.shop.test", False, True),
        ("mail.shop.test", "shop.test", False, True),
        ("shop.test", "provider.test", False, False),
        ("shop.test", "evilshop.test", False, False),
    ],
)
def test_alignment_is_by_the_organization_or_to_the_letter(
    one: str,
    other: str,
    is_strict: bool,  # noqa: FBT001 - a table column
    expected: bool,  # noqa: FBT001 - a table column
) -> None:
    assert are_aligned(one, other, is_strict=is_strict, organization="shop.test") is expected


@pytest.mark.parametrize(
    ("rua", "expected"),
    [
        ("mailto:a@shop.test", []),
        ("mailto:a@reports.shop.test!10m", []),
        ("mailto:a@taker.test", []),
        ("mailto:a@stranger.test", ["does not say that it takes them"]),
        ("mailto:a@silent.test", []),
        ("mailto:a@shop.test, mailto:b@Stranger.test!5m", ["does not say that it takes them"]),
        ("a@shop.test", ["no address"]),
        ("mailto:shop.test,https://shop.test/in", ["no address"]),
    ],
)
def test_reports_go_to_another_domain_only_where_it_says_so(rua: str, expected: list[str]) -> None:
    names = TableNames(
        {
            "_dmarc.shop.test TXT": f"v=DMARC1; p=reject; rua={rua}",
            "shop.test._report._dmarc.taker.test TXT": "v=DMARC1;",
            "shop.test._report._dmarc.silent.test TXT": "!no answer in time",
            "stranger.test TXT": "v=spf1 -all",
        }
    )
    remarks = judge_reports(names, look_up(names, "mail.shop.test"))
    assert all(remark.is_advice for remark in remarks)
    assert [words in remark.found for words, remark in zip(expected, remarks, strict=True)] == [True] * len(expected)


def test_a_policy_in_testing_is_followed_by_nobody() -> None:
    found = look_up(
        TableNames({"_dmarc.shop.test TXT": "v=DMARC1; p=reject; t=y; rua=mailto:a@shop.test"}), "shop.test"
    )
    assert [remark.found for remark in judge_policy("shop.test", found)] == [
        "It is being tested (t=y): nobody follows it."
    ]


@given(st.text(max_size=200))
def test_no_record_breaks_the_judgement(record: str) -> None:
    found = look_up(TableNames({"_dmarc.shop.test TXT": "v=DMARC1" + record}), "shop.test")
    assert all(remark.to_do for remark in judge_policy("shop.test", found))


@given(st.text(max_size=200))
def test_reading_gives_a_policy_or_says_why(record: str) -> None:
    try:
        policy = parse(record)
    except DmarcError:
        return
    assert policy.wish in Wish
    assert 0 <= policy.percent <= 100


@given(st.text(min_size=1, max_size=300))
def test_no_domain_makes_the_walk_long(domain: str) -> None:
    names = TableNames({})
    look_up(names, domain)
    assert len(names.asked) <= 8
