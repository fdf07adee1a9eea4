"""What is put together from skeletons is what the standard library would have written, byte for byte."""

from email import quoprimime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback_service.mail.letters import HTML_LIMIT
from feedback_service.mail.models import MailImage
from feedback_service.mail.quoted import LONGEST, quoted_printable
from feedback_service.mail.wire import message_bytes
from tests.mail.stack import letter
from tests.support.builders import NOW
from tests.support.slow_mail import slow_bytes

PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0"
unhurried = settings(deadline=None)
any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=400)
# Letters that soft breaks, quoting and blanks at line ends turn on.
hard_text = st.lists(st.sampled_from(["a" * 37, "a", "=", "é", "€", " ", "\t", "\n", "\r\n", "\r", ".", "\x0c"])).map(
    "".join
)
names = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn", "Co", "Cf", "Zl", "Zp"]), max_size=120)
pictures = st.builds(bytes.__add__, st.sampled_from([PNG, JPEG]), st.binary(max_size=300))


def pair(**values: Any) -> tuple[bytes, bytes]:  # noqa: ANN401 - any column
    """Return a mail as we write it and as the standard library does."""
    mail = letter(1, 1, **values)
    return message_bytes(mail, NOW), slow_bytes(mail, NOW)


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({}, id="text-and-page"),
        pytest.param({"html": None}, id="text-alone"),
        pytest.param({"text": None, "html": ""}, id="nothing"),
        pytest.param({"text": "", "html": "<p>"}, id="empty-text"),
        pytest.param({"reply_to": ""}, id="no-reply-to"),
        pytest.param({"html": "x" * HTML_LIMIT}, id="page-too-large"),
        pytest.param({"recipient": "hélène@example.com"}, id="smtputf8"),
        pytest.param({"headers": {"X-Note": "é" * 90, "List-Help": "<https://x.example.com>"}}, id="other-headers"),
        pytest.param({"text": "6d61726b\r\n" * 3, "html": "6d61726b"}, id="the-mark-itself"),
        pytest.param({"text": "--=_text-or-page\n", "html": "--=_text-or-page--"}, id="the-boundary-itself"),
    ],
)
def test_a_mail_is_written_as_the_standard_library_writes_it(values: dict[str, Any]) -> None:
    ours, theirs = pair(**values)
    assert ours == theirs


@unhurried
@given(
    text=any_text | hard_text,
    html=any_text | hard_text,
    subject=names,
    name=names,
    images=st.lists(pictures, max_size=3),
)
def test_no_text_name_or_image_makes_a_difference(
    text: str, html: str, subject: str, name: str, images: list[bytes]
) -> None:
    rows = [MailImage(content_id=f"picture-{number}", png=data) for number, data in enumerate(images)]
    sender = f'"{name.replace(chr(92), "").replace(chr(34), "")}" <bonjour@example.com>'
    ours, theirs = pair(text=text, html=html, subject=subject, sender=sender, images=rows)
    assert ours == theirs


@unhurried
@given(text=any_text | hard_text)
def test_quoted_printable_is_that_of_the_standard_library(text: str) -> None:
    body = b"\n".join([*text.encode().splitlines(), b""]) or b"\n"
    theirs = quoprimime.body_encode(body.decode("latin-1"), LONGEST).replace("\n", "\r\n").encode()
    assert quoted_printable(text) == theirs


@unhurried
@given(text=any_text | hard_text)
def test_no_encoded_line_is_longer_than_the_standard_allows(text: str) -> None:
    assert max(map(len, quoted_printable(text).split(b"\r\n"))) <= 76  # RFC 2045, section 6.7, rule 5
    assert not any(line.endswith((b" ", b"\t")) for line in quoted_printable(text).split(b"\r\n"))
