"""Signatures, verified by another implementation (dkimpy) with a DNS of our own."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback_service.errors import SettingsError
from feedback_service.links import Links
from feedback_service.mail.dkim import Signer, canonical_body, signer
from feedback_service.mail.headers import survey_headers
from feedback_service.mail.models import MailImage
from feedback_service.mail.wire import message_bytes
from feedback_service.settings import load_settings
from feedback_service.shops.models import Shop
from feedback_service.signing_keys import Algorithm, SigningKey, read_key, record_of, write_new_key, zone_line
from tests.mail.stack import letter
from tests.support.builders import NOW, SECRET

RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
SHORT_KEY = rsa.generate_private_key(65537, 1024)  # noqa: S505 - to be refused
ED25519_KEY = ed25519.Ed25519PrivateKey.generate()
KEYS = [pytest.param(RSA_KEY, id="rsa"), pytest.param(ED25519_KEY, id="ed25519")]
DOMAIN = "atelier-lumen.example.com"
unhurried = settings(deadline=None, max_examples=60)
any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
names = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn", "Co", "Cf", "Zl", "Zp"]), max_size=150)


def dns(key: SigningKey, name: str = f"mail._domainkey.{DOMAIN}") -> Callable[..., str | None]:
    """Return a DNS that knows the record of one key."""
    return lambda asked, **_: record_of(key) if asked == f"{name}.".encode() else None


def survey_mail(**values: Any) -> bytes:  # noqa: ANN401 - any column
    """Return the bytes of a survey mail."""
    shop = Shop(slug="atelier", name="Atelier", sender_address=f"bonjour@{DOMAIN}")
    headers = survey_headers(shop, Links("https://x.example.com"), "t" * 43, load_settings({}, secret_key=SECRET))
    return message_bytes(letter(1, 1, headers=headers, **values), NOW)


def is_valid(message: bytes, key: SigningKey) -> bool:
    return bool(dkim.verify(message, dnsfunc=dns(key)))


@pytest.mark.parametrize("key", KEYS)
def test_a_signed_mail_is_verified_and_only_gets_one_more_header(key: SigningKey) -> None:
    plain = survey_mail()
    signed = Signer(key, "mail").signed(plain)
    assert is_valid(signed, key)
    assert signed.endswith(plain)
    assert max(map(len, signed.removesuffix(plain).split(b"\r\n"))) <= 78


@pytest.mark.parametrize("key", KEYS)
@unhurried
@given(text=any_text, html=any_text, subject=names, name=names, picture=st.binary(max_size=200))
def test_every_mail_we_can_write_can_be_verified(
    key: SigningKey, text: str, html: str, subject: str, name: str, picture: bytes
) -> None:
    sender = f'"{re.sub("[^a-zé ]", "", name)}" <bonjour@{DOMAIN}>'
    images = [MailImage(content_id="picture", png=picture)]
    signed = Signer(key, "mail").signed(
        survey_mail(text=text, html=html, subject=subject, sender=sender, images=images)
    )
    assert is_valid(signed, key)


@unhurried
@given(body=st.lists(st.sampled_from([b"a", b" ", b"\t", b"\r\n", b"=20"])).map(b"".join))
def test_any_body_is_brought_into_the_form_that_a_verifier_brings_it_into(body: bytes) -> None:
    message = b"From: bonjour@atelier-lumen.example.com\r\nSubject: x\r\n\r\n" + body + b"\r\n"
    assert is_valid(Signer(RSA_KEY, "mail").signed(message), RSA_KEY)


@pytest.mark.parametrize(
    ("body", "relaxed"),
    [
        pytest.param(b" C \r\nD \t E\r\n\r\n\r\n", b" C\r\nD E\r\n", id="the example of RFC 6376, 3.4.5"),
        pytest.param(b"", b"", id="no body"),
        pytest.param(b"\r\n\r\n", b"", id="only empty lines"),
        pytest.param(b"a", b"a\r\n", id="no line end"),
    ],
)
def test_the_relaxed_body_is_that_of_the_standard(body: bytes, relaxed: bytes) -> None:
    assert canonical_body(body) == relaxed


def test_both_unsubscribe_headers_and_what_is_shown_are_signed() -> None:
    signed = Signer(RSA_KEY, "mail").signed(survey_mail())
    listed = re.search(rb"h=([^;]+);", signed)
    assert listed
    covered = re.sub(rb"\s", b"", listed[1]).split(b":")
    assert {b"list-unsubscribe", b"list-unsubscribe-post", b"to", b"date", b"message-id", b"mime-version"} <= set(
        covered
    )
    assert (covered.count(b"from"), covered.count(b"subject")) == (2, 2)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda mail: b"From: boss@evil.example\r\n" + mail, id="a second sender"),
        pytest.param(lambda mail: b"Subject: Pay now\r\n" + mail, id="a second subject"),
        pytest.param(lambda mail: mail.replace(b"Reply-To: support@", b"Reply-To: thief@"), id="another reply address"),
        pytest.param(lambda mail: mail.replace(b"One-Click", b"One-Klick"), id="one-click removed"),
        pytest.param(lambda mail: mail.replace(b"/u/tttt", b"/u/xxxx"), id="another unsubscribe link"),
        pytest.param(lambda mail: mail.replace(b"est arriv", b"est parti"), id="another text"),
    ],
)
def test_what_is_changed_on_the_way_breaks_the_signature(change: Callable[[bytes], bytes]) -> None:
    signed = Signer(RSA_KEY, "mail").signed(survey_mail())
    changed = change(signed)
    assert changed != signed
    assert not is_valid(changed, RSA_KEY)


def test_a_relay_that_folds_headers_and_adds_its_own_does_no_harm() -> None:
    signed = Signer(RSA_KEY, "mail").signed(survey_mail())
    relayed = b"Received: from here by there\r\n" + signed.replace(b", <mailto:", b",\r\n\t <mailto:")
    assert is_valid(relayed, RSA_KEY)


def test_each_shop_signs_for_its_own_domain_unless_one_is_set() -> None:
    own = Signer(RSA_KEY, "mail").signed(survey_mail(sender="Été <bonjour@été.example>"))
    assert b" d=xn--t-9fab.example; s=mail;" in own
    assert dkim.verify(own, dnsfunc=dns(RSA_KEY, "mail._domainkey.xn--t-9fab.example"))
    assert b" d=example.org; s=mail;" in Signer(RSA_KEY, "mail", "example.org").signed(survey_mail())


def test_a_mail_to_a_mailbox_outside_ascii_is_signed_too() -> None:
    assert is_valid(Signer(RSA_KEY, "mail").signed(survey_mail(recipient="hélène@example.com")), RSA_KEY)


@pytest.mark.parametrize("algorithm", Algorithm)
def test_a_key_that_was_made_signs_as_the_settings_say(tmp_path: Path, algorithm: Algorithm) -> None:
    file = tmp_path / "dkim.pem"
    key = write_new_key(file, algorithm)
    assert file.stat().st_mode & 0o777 == 0o600
    installation = load_settings({}, secret_key=SECRET, dkim_key_file=file, dkim_selector="mail")
    sign = signer(installation)
    assert sign
    assert is_valid(sign(survey_mail()), key)
    with pytest.raises(FileExistsError):
        write_new_key(file, algorithm)


def test_without_a_key_nothing_signs() -> None:
    assert signer(load_settings({}, secret_key=SECRET)) is None


def pem(key: Any, password: bytes = b"") -> bytes:  # noqa: ANN401 - any kind of private key
    locked = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked))


@pytest.mark.parametrize(
    ("contents", "complaint"),
    [
        pytest.param(b"-----BEGIN nothing", "holds no private key in PEM form", id="no key"),
        pytest.param(b"", "holds no private key in PEM form", id="empty"),
        pytest.param(
            RSA_KEY.public_key().public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            ),
            "holds no private key in PEM form",
            id="public key",
        ),
        pytest.param(pem(RSA_KEY, b"secret"), "asks for a password", id="locked"),
        pytest.param(pem(SHORT_KEY), "1024 bits; receivers want 2048", id="short"),
        pytest.param(pem(ec.generate_private_key(ec.SECP256R1())), "a key that signs no mail", id="elliptic"),
    ],
)
def test_a_bad_key_is_a_sentence_at_the_start(tmp_path: Path, contents: bytes, complaint: str) -> None:
    file = tmp_path / "dkim.pem"
    file.write_bytes(contents)
    with pytest.raises(SettingsError) as refused:
        load_settings({}, secret_key=SECRET, dkim_key_file=file, dkim_selector="mail")
    (problem,) = refused.value.problems
    assert problem.id == "settings.dkim_key_file.invalid"
    assert complaint in problem.sentence


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        pytest.param({"dkim_key_file": "/no/such/key.pem", "dkim_selector": "mail"}, "No such file", id="no file"),
        pytest.param({"dkim_selector": "mail"}, "go together", id="no key"),
        pytest.param({"dkim_domain": "exa mple"}, "no name for DNS", id="bad domain"),
        pytest.param({"dkim_domain": "-a.example"}, "no name for DNS", id="hyphen first"),
    ],
)
def test_settings_that_cannot_sign_are_refused(values: dict[str, str], complaint: str) -> None:
    with pytest.raises(SettingsError, match=complaint):
        load_settings({}, secret_key=SECRET, **values)


def test_a_key_without_a_selector_is_refused(tmp_path: Path) -> None:
    write_new_key(tmp_path / "dkim.pem", Algorithm.ED25519)
    with pytest.raises(SettingsError, match="go together"):
        load_settings({}, secret_key=SECRET, dkim_key_file=tmp_path / "dkim.pem")


def test_a_record_longer_than_a_dns_string_goes_into_several() -> None:
    record = record_of(RSA_KEY)
    strings = re.findall(r'"([^"]*)"', zone_line("mail._domainkey.example.com", record))
    assert len(strings) == 2
    assert max(map(len, strings)) <= 255
    assert "".join(strings) == record


def test_a_key_is_read_as_it_was_written(tmp_path: Path) -> None:
    key = write_new_key(tmp_path / "key.pem", Algorithm.RSA)
    assert record_of(read_key(tmp_path / "key.pem")) == record_of(key)


def test_what_is_no_message_is_refused() -> None:
    with pytest.raises(ValueError, match="without an end of its header"):
        Signer(RSA_KEY, "mail").signed(b"From: a@example.com\r\n")
