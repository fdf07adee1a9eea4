"""What is said of a whole sender: SPF, DKIM, DMARC, and whether they answer for the domain that people read."""

import base64
from collections.abc import Mapping
from functools import cache

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from feedback_service.findings import Finding, State
from feedback_service.mail.preflight.senders import Domains, Signing, judge, judge_address
from tests.preflight.names import TableNames

SHOP = Domains(author="shop.test", envelope="bounce.shop.test", reply="shop.test")


@cache
def key() -> rsa.RSAPublicKey:
    return rsa.generate_private_key(65537, 2048).public_key()


@cache
def record() -> str:
    der = key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"v=DKIM1; k=rsa; p={base64.b64encode(der).decode()}"


def table(changes: Mapping[str, list[str] | str | None] | None = None) -> dict[str, list[str] | str]:
    """The records of a sender for whom all is well, with `changes`; None takes a record away."""
    records: dict[str, list[str] | str | None] = {
        "bounce.shop.test TXT": "v=spf1 ip4:203.0.113.5 -all",
        "bounce.shop.test MX": "10 mx.shop.test",
        "shop.test MX": "10 mx.shop.test",
        "mx.shop.test A": "203.0.113.5",
        "s1._domainkey.shop.test TXT": record(),
        "_dmarc.shop.test TXT": "v=DMARC1; p=reject; rua=mailto:a@shop.test",
        "203.0.113.5 PTR": "mx.shop.test",
    }
    records |= changes or {}
    return {name: value for name, value in records.items() if value is not None}


def findings(
    records: dict[str, list[str] | str], domains: Domains = SHOP, signing: Signing | None = None, *addresses: str
) -> dict[str, Finding]:
    signing = signing or Signing("s1", "", key())
    found = judge(TableNames(records), domains, signing, addresses or ("203.0.113.5",))
    return {finding.subject: finding for finding in found}


def test_a_sender_for_whom_all_is_well_has_nothing_to_do() -> None:
    found = findings(table())
    assert {subject: finding.state for subject, finding in found.items()} == dict.fromkeys(
        [
            "SPF of bounce.shop.test",
            "DKIM of shop.test",
            "DMARC of shop.test",
            "Bounces to bounce.shop.test",
            "Replies to shop.test",
        ],
        State.OK,
    )
    assert "reject is asked for" in found["DMARC of shop.test"].found
    assert "the envelope and the signature answer for the sender" in found["DMARC of shop.test"].found
    assert found["SPF of bounce.shop.test"].found == "0 of 10 look-ups."


@pytest.mark.parametrize(
    ("spf", "words", "state"),
    [
        (None, "There is no SPF record.", State.WRONG),
        ("v=spf1 +all", "SPF lets anybody send (+all of bounce.shop.test).", State.WRONG),
        ("v=spf1 ip4:0.0.0.0/0 -all", "SPF lets anybody send", State.WRONG),
        ("v=spf1 ip4:198.51.100.1 -all", "Mails leave from 203.0.113.5, and SPF does not let it (fail", State.WRONG),
        ("v=spf1 ip4:203.0.113.5", "says nothing of those it does not name", State.ADVICE),
        ("v=spf1 ipv4:203.0.113.5 -all", "cannot be used: in the record of bounce.shop.test 'ipv4", State.WRONG),
        (["v=spf1 -all", "v=spf1 ~all"], "has 2 SPF records", State.WRONG),
        ("!the name servers answer SERVFAIL", "SPF cannot be asked", State.WRONG),
    ],
)
def test_spf_is_told_in_words(spf: list[str] | str | None, words: str, state: State) -> None:
    finding = findings(table({"bounce.shop.test TXT": spf}))["SPF of bounce.shop.test"]
    assert words in finding.found
    assert finding.state is state


def test_an_envelope_of_somebody_else_is_no_matter_where_our_signature_answers() -> None:
    domains = Domains("shop.test", "relay.test", "shop.test")
    records = table() | {"relay.test TXT": "v=spf1 ip4:203.0.113.5 -all", "relay.test MX": "10 mx.shop.test"}
    found = findings(records, domains)["DMARC of shop.test"]
    assert found.state is State.OK
    assert found.found.endswith("the signature answers for the sender.")


@pytest.mark.parametrize(
    ("signing", "wish", "state"),
    [
        (Signing("s1", "other.test", None), "reject", State.WRONG),
        (Signing("s1", "other.test", None), "none", State.ADVICE),
        (Signing(), "reject", State.ADVICE),
    ],
    ids=["we sign for another", "another, and nothing is asked for", "the mail server may sign"],
)
def test_a_sender_for_whom_nothing_answers_is_told(signing: Signing, wish: str, state: State) -> None:
    domains = Domains("shop.test", "relay.test", "shop.test")
    records = table() | {
        "_dmarc.shop.test TXT": f"v=DMARC1; p={wish}; rua=mailto:a@shop.test",
        "relay.test TXT": "v=spf1 ip4:203.0.113.5 -all",
        "s1._domainkey.other.test TXT": record(),
    }
    found = findings(records, domains, signing)["DMARC of shop.test"]
    assert "Neither the envelope (relay.test) nor a signature of ours answers for shop.test" in found.found
    assert found.state is state


def test_strict_alignment_takes_no_subdomain() -> None:
    records = table() | {"_dmarc.shop.test TXT": "v=DMARC1; p=reject; aspf=s; adkim=s; rua=mailto:a@shop.test"}
    assert findings(records)["DMARC of shop.test"].found.endswith("the signature answers for the sender.")


def test_where_we_do_not_sign_it_is_said_what_to_look_at() -> None:
    found = findings(table(), SHOP, Signing())["DKIM of shop.test"]
    assert found.state is State.ADVICE
    assert "dkim=pass for shop.test" in found.to_do


def test_a_revoked_key_answers_for_nobody() -> None:
    domains = Domains("shop.test", "relay.test", "shop.test")
    found = findings(table() | {"s1._domainkey.shop.test TXT": "v=DKIM1; p="}, domains)
    assert found["DKIM of shop.test"].state is State.WRONG
    assert found["DMARC of shop.test"].state is State.WRONG


def test_addresses_that_are_not_known_are_not_guessed() -> None:
    found = judge(TableNames(table()), SHOP, Signing("s1", "", key()), ())
    assert "FEEDBACK_SENDING_ADDRESSES" in found[0].found
    assert found[0].state is State.OK


def test_an_address_is_shown_with_its_name() -> None:
    assert judge_address(TableNames(table()), "203.0.113.5").found == "mx.shop.test, and back."
    assert judge_address(TableNames({}), "203.0.113.5").state is State.WRONG


def test_what_is_to_be_done_fits_what_is_amiss() -> None:
    near = findings(table({"bounce.shop.test TXT": None}), SHOP, Signing())["DMARC of shop.test"]
    assert "Mend the SPF record of bounce.shop.test, or sign" in near.to_do
    far = findings(table(), Domains("shop.test", "relay.test", "shop.test"), Signing())["DMARC of shop.test"]
    assert "FEEDBACK_BOUNCE_ADDRESS" in far.to_do


@pytest.mark.parametrize("term", ["ip6:::/0", "ip4:0.0.0.0/0", "+all", "ip6:2000::/3"])
def test_a_record_that_holds_everybody_is_wrong_by_either_version_of_ip(term: str) -> None:
    found = findings(table({"bounce.shop.test TXT": f"v=spf1 ip4:203.0.113.5 {term} -all"}))
    assert "SPF lets anybody send" in found["SPF of bounce.shop.test"].found
    assert found["SPF of bounce.shop.test"].state is State.WRONG


def test_ptr_in_an_spf_record_is_discouraged() -> None:
    found = findings(table({"bounce.shop.test TXT": "v=spf1 ptr ip4:203.0.113.5 -all"}))["SPF of bounce.shop.test"]
    assert ("ptr" in found.found, found.state) == (True, State.ADVICE)


def test_a_signature_that_large_receivers_do_not_verify_does_not_answer_for_the_sender() -> None:
    own = ed25519.Ed25519PrivateKey.generate().public_key()
    value = base64.b64encode(own.public_bytes_raw()).decode()
    changes = {"s1._domainkey.shop.test TXT": f"v=DKIM1; k=ed25519; p={value}", "other.test TXT": "v=spf1 -all"}
    far = Domains(author="shop.test", envelope="other.test", reply="shop.test")
    found = findings(table(changes), far, Signing("s1", "", own), "203.0.113.5")
    assert found["DKIM of shop.test"].state is State.ADVICE
    assert found["DMARC of shop.test"].state is State.WRONG


def test_a_sender_s_domain_that_nobody_can_write_to_is_wrong() -> None:
    away = Domains(author="news.shop.test", envelope="bounce.shop.test", reply="shop.test")
    assert findings(table(), away)["Mails to news.shop.test"].state is State.WRONG
    known = table({"news.shop.test MX": "10 mx.shop.test"})
    assert findings(known, away)["Mails to news.shop.test"].state is State.OK
