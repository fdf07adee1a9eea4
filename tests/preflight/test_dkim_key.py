"""The public key of a DKIM signature as receivers read it (RFC 6376 3.6.1, RFC 8301, RFC 8463)."""

import base64
import contextlib
from functools import cache

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from feedback_service.mail.preflight.dkim_key import KeyRecordError, judge_key, public_key, record_name
from feedback_service.mail.preflight.names import Answer, Outcome
from feedback_service.mail.preflight.tags import TagError, read_tags

NAME = record_name("s1", "shop.test")


@cache
def rsa_key(bits: int) -> rsa.RSAPublicKey:
    return rsa.generate_private_key(65537, bits).public_key()


def encoded(key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey) -> str:
    return base64.b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


def judged(*records: str, own: rsa.RSAPublicKey | None = None) -> list[str]:
    """What is said of the records, the grave ones first."""
    answer = Answer(Outcome.FOUND, records) if records else Answer(Outcome.NO_NAME)
    return [("advice: " if remark.is_advice else "") + remark.found for remark in judge_key(NAME, answer, own)]


def test_a_strong_key_needs_no_word() -> None:
    key = rsa_key(2048)
    assert judged(f"v=DKIM1; k=rsa; p={encoded(key)}", own=key) == []
    assert judged(f"p={encoded(key)}") == []
    assert judged(f"v=DKIM1;k=rsa;h=sha1:sha256;s=email;p={encoded(key)};") == []
    spaced = " ".join(encoded(key)[at : at + 60] for at in range(0, 392, 60))
    assert judged(f"v=DKIM1; p={spaced}") == []


@pytest.mark.parametrize(
    ("services", "is_taken"), [("*", True), ("email", True), ("tlsrpt:Email", True), ("tlsrpt", False)]
)
def test_a_key_for_other_services_signs_no_mail(services: str, is_taken: bool) -> None:  # noqa: FBT001 - a table column
    said = judged(f"v=DKIM1; s={services}; p={encoded(rsa_key(2048))}")
    assert bool(said) is not is_taken
    assert is_taken or "its s= keeps it from mail" in said[0]


def test_an_ed25519_key_is_taken_with_the_word_that_large_receivers_do_not_verify_it() -> None:
    key = ed25519.Ed25519PrivateKey.generate().public_key()
    value = base64.b64encode(key.public_bytes_raw()).decode()
    [remark] = judge_key(NAME, Answer(Outcome.FOUND, (f"v=DKIM1; k=ed25519; p={value}",)), key)
    assert (remark.is_advice, "do not verify" in remark.found) == (True, True)
    assert "32 bytes" in judged(f"v=DKIM1; k=ed25519; p={value[:-8]}")[0]


def test_a_key_of_1024_bits_is_weak_and_a_shorter_one_is_refused() -> None:
    assert judged(f"v=DKIM1; p={encoded(rsa_key(1024))}") == [f"advice: The key at {NAME} has 1024 bits."]
    short = encoded_short_key()
    assert "it has 512 bits" in judged(f"v=DKIM1; p={short}")[0]


def encoded_short_key() -> str:
    """A key of 512 bits, written down: the library makes none so short any more."""
    return (
        "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAL00YuXkzKiNL7DkKfe1TGrmUNmAy0B0Zc7WStcAHTdXN+HjIGqJj7wK0BJ3oVsY"
        "1HFCSVl1mNxtJTfUlJuJc4UCAwEAAQ=="
    )


@pytest.mark.parametrize(
    ("record", "why"),
    [
        ("v=DKIM1; p=", "p= is empty, which revokes the key"),
        ("v=DKIM1; k=rsa", "it has no p="),
        ("v=DKIM2; p=AAAA", "it must begin with v=DKIM1"),
        ("k=rsa; v=DKIM1; p=AAAA", "it must begin with v=DKIM1"),
        ("v=DKIM1; k=dsa; p=AAAA", "k=dsa is neither rsa nor ed25519"),
        ("v=DKIM1; h=sha1; p=AAAA", "its h= leaves out sha256"),
        ("v=DKIM1; p=not base64!", "its p= is not base64, or was cut off"),
        ("v=DKIM1; p=AAAA", "its p= is no public key, or was cut off"),
        ("v=DKIM1; p", "'p' is no tag"),
        ("v=DKIM1; p=AAAA; p=BBBB", "p= stands there twice"),
    ],
)
def test_a_record_that_gives_no_key_says_why(record: str, why: str) -> None:
    [sentence] = judged(record)
    assert why in sentence
    assert NAME in sentence


def test_a_key_that_was_cut_off_or_of_another_kind_is_told() -> None:
    assert "cut off" in judged(f"v=DKIM1; p={encoded(rsa_key(2048))[:255]}")[0]
    curve = ec.generate_private_key(ec.SECP256R1()).public_key()
    assert "not an RSA key" in judged(f"v=DKIM1; p={encoded(curve)}")[0]


def test_the_key_must_be_the_one_we_sign_with() -> None:
    other = rsa.generate_private_key(65537, 2048).public_key()
    [sentence] = judged(f"v=DKIM1; p={encoded(rsa_key(2048))}", own=other)
    assert "not the one we sign with" in sentence


def test_no_key_two_keys_other_texts_and_no_answer() -> None:
    assert judged() == [f"There is no DKIM key at {NAME}."]
    assert judged("v=spf1 -all") == [f"There is no DKIM key at {NAME}."]
    key = f"v=DKIM1; p={encoded(rsa_key(2048))}"
    assert judged(key, "v=spf1 -all") == []
    assert "There are 2 keys" in judged(key, key + ";")[0]
    [remark] = judge_key(NAME, Answer(Outcome.FAILED, why="no answer in time"), None)
    assert "no answer in time" in remark.found


def test_a_key_in_testing_is_advice() -> None:
    assert "t=y" in judged(f"v=DKIM1; t=y:s; p={encoded(rsa_key(2048))}")[0]
    assert judged(f"v=DKIM1; t=s; p={encoded(rsa_key(2048))}") == []


@given(st.text(max_size=200))
def test_no_record_breaks_the_judgement(record: str) -> None:
    for remark in judge_key(NAME, Answer(Outcome.FOUND, (record,)), None):
        assert remark.to_do


@given(st.dictionaries(st.sampled_from(["v", "k", "p", "h", "t", "n"]), st.text(max_size=40)))
def test_no_tags_break_the_reading_of_a_key(tags: dict[str, str]) -> None:
    with contextlib.suppress(KeyRecordError):
        assert public_key(tags)


@given(st.dictionaries(st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True), st.text("ab=/+ \t", max_size=20)))
def test_tags_are_read_as_they_are_written(tags: dict[str, str]) -> None:
    written = "; ".join(f"{name} = {value}" for name, value in tags.items())
    assert read_tags(written) == {name: value.strip() for name, value in tags.items()}


@given(st.text(max_size=200))
def test_what_is_no_list_of_tags_is_refused_and_breaks_nothing(text: str) -> None:
    with contextlib.suppress(TagError):
        assert all(name == name.lower() for name in read_tags(text))
