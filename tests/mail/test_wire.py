"""The bytes on the wire: what a mail program, a relay and a one-click button will read."""

import re
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any, cast

import fast_mail_parser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback_service.links import Links
from feedback_service.mail import addresses
from feedback_service.mail.errors import MailError
from feedback_service.mail.headers import survey_headers
from feedback_service.mail.letters import HTML_LIMIT
from feedback_service.mail.models import MailImage
from feedback_service.mail.wire import message_bytes
from feedback_service.settings import load_settings
from feedback_service.shops.models import Shop
from tests.mail.stack import letter
from tests.support.builders import NOW, SECRET

printable = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn", "Co", "Cf", "Zl", "Zp"]), max_size=300)
unhurried = settings(deadline=None)
line_ends = "\r\x00\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
bodies = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=line_ends), max_size=500)


def wire(**values: Any) -> bytes:  # noqa: ANN401 - any column
    """Return the bytes of a mail."""
    return message_bytes(letter(1, 1, **values), NOW)


def read(data: bytes) -> EmailMessage:
    """Return the mail as the standard library reads it."""
    return message_from_bytes(data, policy=policy.default)


def unix(text: str) -> str:
    """Return text with its line ends as we write them."""
    return text.replace("\r\n", "\n")


def header_lines(data: bytes) -> list[bytes]:
    """Return the lines of the header, folded ones apart."""
    return data.partition(b"\r\n\r\n")[0].split(b"\r\n")


def shop(**values: str) -> Shop:
    """Return a shop that is in no database."""
    return Shop(**({"slug": "atelier", "name": "Atelier", "sender_address": "bonjour@atelier.example.com"} | values))


def test_a_mail_has_text_html_and_its_images_in_their_places() -> None:
    data = wire(images=[MailImage(content_id="chart-1", png=b"\x89PNG")], html='<p>Été <img src="cid:chart-1"></p>')
    message = read(data)
    assert message.get_content_type() == "multipart/alternative"
    text, related = cast("list[EmailMessage]", list(message.iter_parts()))
    assert unix(text.get_content()) == "Bonjour,\n\nvotre retour est arrivé.\n.\n..fin\n"
    assert related.get_content_type() == "multipart/related"
    page, image = cast("list[EmailMessage]", list(related.iter_parts()))
    assert page.get_content().strip() == '<p>Été <img src="cid:chart-1"></p>'
    assert (image["Content-ID"], image.get_content()) == ("<chart-1>", b"\x89PNG")
    assert image.get_content_disposition() == "inline"


def test_every_mail_says_when_by_whom_and_that_a_machine_wrote_it() -> None:
    message = read(wire())
    assert message["Date"] == "Mon, 23 Nov 2026 09:30:00 +0000"
    assert message["Message-ID"] == "<1.test@atelier-lumen.example.com>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["From"] == "Atelier Lumen <bonjour@atelier-lumen.example.com>"
    assert message["Reply-To"] == "support@atelier-lumen.example.com"


def test_the_survey_headers_reach_the_wire_unfolded_and_unencoded() -> None:
    installation = load_settings({}, secret_key=SECRET, public_url="https://feedback.some-long-host-name.example.com")
    token = "Zr4" * 11
    headers = survey_headers(shop(), Links(installation.public_url), token, installation)
    lines = header_lines(wire(headers=headers))
    assert (
        f"List-Unsubscribe: <https://feedback.some-long-host-name.example.com/u/{token}>,"
        f" <mailto:bonjour@atelier.example.com?subject=unsubscribe%20{token}>"
    ).encode() in lines
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines
    assert b"List-Id: <surveys.atelier.atelier.example.com>" in lines


def test_the_mailto_form_goes_to_the_mailbox_that_is_read() -> None:
    tagging = load_settings({}, secret_key=SECRET, bounce_address="bounces@example.com")
    plain = load_settings({}, secret_key=SECRET)
    links = Links("https://x.example.com")
    support = shop(reply_to="Support <aide@atelier.example.com>")
    assert "<mailto:bounces@example.com?" in survey_headers(support, links, "t", tagging)["List-Unsubscribe"]
    assert "<mailto:aide@atelier.example.com?" in survey_headers(support, links, "t", plain)["List-Unsubscribe"]


@unhurried
@given(token=st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyzABCXYZ0123456789_-"), min_size=1, max_size=300))
def test_no_token_however_long_is_folded_or_encoded(token: str) -> None:
    links = Links("https://feedback.example.com")
    headers = survey_headers(shop(), links, token, load_settings({}, secret_key=SECRET))
    message_id = f"<{token}@atelier.example.com>"
    data = wire(headers=headers, message_id=message_id)
    lines = header_lines(data)
    assert f"Message-ID: {message_id}".encode() in lines
    assert f"List-Unsubscribe: {headers['List-Unsubscribe']}".encode() in lines
    assert read(data)["List-Unsubscribe"] == headers["List-Unsubscribe"]


@unhurried
@given(subject=printable, name=printable)
def test_subjects_and_names_in_any_script_are_read_as_they_were_written(subject: str, name: str) -> None:
    sender = addresses.named(name, "bonjour@atelier.example.com")
    data = wire(subject=subject, sender=sender)
    message = read(data)
    assert str(message["Subject"]) == " ".join(subject.split())
    # Not `message["From"]`: of the encoded words of a name the standard library makes words with spaces between.
    raw_name, address = parseaddr(str(message_from_bytes(data, policy=policy.compat32)["From"]))
    assert address == "bonjour@atelier.example.com"
    assert str(make_header(decode_header(raw_name))) == addresses.split(sender)[0]
    assert all(len(line) <= 78 for line in header_lines(data) if line.lower().startswith((b"subject", b"from", b" ")))


@unhurried
@given(text=bodies)
def test_a_body_needs_no_more_than_seven_bits_and_short_lines(text: str) -> None:
    data = wire(text=text, html=f"<p>{text}</p>")
    assert data.isascii()
    assert max(map(len, data.split(b"\r\n"))) <= 998
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", data)
    body = cast("EmailMessage", read(data).get_body(("plain",)))
    assert unix(body.get_content()).rstrip("\n") == text.rstrip("\n")


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"List-Unsubscribe": "<https://x>\r\nBcc: all@example.com"}, id="injected-line"),
        pytest.param({"List-Unsubscribe": "<https://x>\nBcc: all@example.com"}, id="injected-bare-line"),
        pytest.param({"X-Other": "a\r\nBcc: all@example.com"}, id="injected-in-any-header"),
        pytest.param({"List-Unsubscribe": "<https://exämple>"}, id="not-ascii"),
        pytest.param({"List-Id": "x" * 999}, id="endless-line"),
        pytest.param({"Subject": "another"}, id="a-second-subject"),
        pytest.param({"Content-Type": "text/html"}, id="a-content-type"),
    ],
)
def test_a_header_that_cannot_be_written_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"header|Header"):
        wire(headers=headers)


def test_a_page_too_large_for_mail_programs_goes_as_text_alone() -> None:
    assert read(wire(html="x" * (HTML_LIMIT - 1))).get_content_type() == "multipart/alternative"
    assert read(wire(html="é" * (HTML_LIMIT // 2))).get_content_type() == "text/plain"


def test_domains_go_out_in_punycode() -> None:
    data = wire(recipient="client@boutique-é.example", sender="Été <bonjour@été.example>")
    assert b"\r\nTo: client@xn--boutique--j4a.example\r\n" in data
    assert b"<bonjour@xn--t-9fab.example>" in data


def test_a_mailbox_outside_ascii_is_written_as_it_is() -> None:
    assert "\r\nTo: hélène@example.com\r\n".encode() in wire(recipient="hélène@example.com")


@unhurried
@given(name=printable, local=st.from_regex(r"[a-z0-9]{1,10}", fullmatch=True))
def test_a_named_address_is_split_into_what_it_was_made_of(name: str, local: str) -> None:
    made = addresses.named(name, f"{local}@example.com")
    assert addresses.split(made) == (" ".join(name.split()), f"{local}@example.com")


@unhurried
@given(address=st.text(max_size=60))
def test_any_text_is_either_an_address_or_a_clear_refusal(address: str) -> None:
    try:
        box = addresses.mailbox(address)
    except MailError as refusal:
        error = refusal
    else:
        assert box.domain.isascii()
        assert not re.search(r"[\s<>]", box.address)
        return
    assert error.permanent
    assert str(error).startswith("The address cannot be written to: ")


def test_the_one_click_headers_are_read_by_another_parser_as_they_were_meant() -> None:
    installation = load_settings({}, secret_key=SECRET, public_url="https://feedback.some-long-host-name.example.com")
    headers = survey_headers(shop(), Links(installation.public_url), "Zr4" * 11, installation)
    parsed = fast_mail_parser.parse_email(wire(headers=headers, subject="Comment s’est passé votre retour ?"))
    for name, value in headers.items():
        assert parsed.headers[name] == [value]
    assert parsed.subject == "Comment s’est passé votre retour ?"
    assert parsed.from_
    assert (parsed.from_.display_name, parsed.from_.address) == ("Atelier Lumen", "bonjour@atelier-lumen.example.com")
    assert not parsed.warnings


@unhurried
@given(subject=printable.filter(str.strip), text=bodies, token=st.from_regex(r"[A-Za-z0-9_-]{20,200}", fullmatch=True))
def test_another_parser_reads_what_was_written(subject: str, text: str, token: str) -> None:
    headers = survey_headers(shop(), Links("https://feedback.example.com"), token, load_settings({}, secret_key=SECRET))
    parsed = fast_mail_parser.parse_email(wire(subject=subject, text=text, html=f"<p>{text}</p>", headers=headers))
    assert parsed.headers["List-Unsubscribe"] == [headers["List-Unsubscribe"]]
    assert parsed.subject == " ".join(subject.split())
    assert unix(parsed.text_plain[0]).rstrip("\n") == text.rstrip("\n")
    assert len(parsed.text_html) == 1


@pytest.mark.parametrize(
    ("address", "written", "needs_smtputf8"),
    [
        pytest.param("client@bücher.example", "client@xn--bcher-kva.example", False, id="umlaut"),
        pytest.param("client@例え.テスト", "client@xn--r8jz45g.xn--zckzah", False, id="japanese"),
        pytest.param("client@straße.example", "client@xn--strae-oqa.example", False, id="sharp s, IDNA 2008"),
        pytest.param("client@BÜCHER.example", "client@xn--bcher-kva.example", False, id="capitals"),
        pytest.param("client@xn--bcher-kva.example", "client@xn--bcher-kva.example", False, id="punycode already"),
        pytest.param("client@b\u0075\u0308cher.example", "client@xn--bcher-kva.example", False, id="two code points"),
        pytest.param("hélène@bücher.example", "hélène@xn--bcher-kva.example", True, id="both"),
        pytest.param("用户@例え.テスト", "用户@xn--r8jz45g.xn--zckzah", True, id="all of it"),
    ],
)
def test_any_address_is_written_with_its_domain_in_punycode(address: str, written: str, needs_smtputf8: bool) -> None:  # noqa: FBT001 - a table's column
    data = wire(recipient=address)
    assert f"\r\nTo: {written}\r\n".encode() in data
    assert addresses.mailbox(address).needs_smtputf8 is needs_smtputf8
    assert data.partition(b"\r\n\r\n")[0].isascii() is not needs_smtputf8


def test_names_and_subjects_stay_encoded_where_only_an_address_needs_utf8() -> None:
    head = wire(recipient="hélène@example.com", sender="Été <bonjour@example.com>", subject="Reçu")
    assert b"\r\nSubject: =?utf-8?q?Re=C3=A7u?=\r\n" in head
    assert b"From: =?utf-8?q?=C3=89t=C3=A9?= <bonjour@example.com>" in head


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("client@exa mple.com", id="space"),
        pytest.param("client@-example.com", id="hyphen first"),
        pytest.param("client@exam_ple..com", id="two dots"),
        pytest.param("client@xn--999999999.example", id="punycode that is none"),
        pytest.param(f"client@{'a' * 64}.example", id="label too long"),
        pytest.param("a\r\nBcc: b@example.com", id="line break"),
        pytest.param("", id="nothing"),
    ],
)
def test_an_address_that_cannot_be_is_refused_for_good(address: str) -> None:
    with pytest.raises(MailError) as refusal:
        wire(recipient=address)
    assert refusal.value.permanent
