"""Whatever comes in: nothing raises, nothing takes long, nothing grows."""

import random
import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback_service.mail.incoming.classify import classify
from feedback_service.mail.incoming.kinds import MailClass
from feedback_service.mail.incoming.message import MAX_BYTES, read_message
from feedback_service.mail.incoming.reply_text import MAX_TEXT, reply_text
from tests.mail.incoming.test_classify import bounce, report

HEAD = b"From: MAILER-DAEMON@mx.example.net\r\nSubject: Undelivered Mail\r\n"
SEEDS = (
    report("5.1.1", "550 5.1.1 User unknown"),
    bounce("<ines@example.com>: 552 mailbox full\n--- Below this line is a copy of the message.\n\nReceived: x"),
    HEAD + b"Content-Type: text/html; charset=iso-2022-jp\r\nContent-Transfer-Encoding: base64\r\n\r\nGyRCJCIbKEI=",
    HEAD + "Subject: =?utf-8?b?w4l0w6k=?=\r\n\r\nÉté <ines@example.com>".encode("latin-1"),
)
PIECES = (
    b"\r\n", b"\n\n", b"--b\r\n", b"--b--", b"Content-Type: multipart/mixed; boundary=b\r\n", b"\0", b"=?", b"<",
    b"Content-Type: message/delivery-status\r\n\r\n", b"Final-Recipient: ", b"Status: 9.9", b"\xff\xfe", b"\x1b$B",
    b"Content-Transfer-Encoding: quoted-printable\r\n", b"charset=punycode", b";" * 50, b"From ", b"@",
)  # fmt: skip


def _mutated(raw: bytes, pick: random.Random) -> bytes:
    mail = bytearray(raw)
    for _ in range(pick.randint(1, 12)):
        at = pick.randint(0, len(mail))
        if pick.random() < 0.5:
            mail[at:at] = pick.choice(PIECES)
        else:
            del mail[at : at + pick.randint(1, 40)]
    return bytes(mail)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(SEEDS), st.randoms(use_true_random=False))
def test_no_mutation_of_a_mail_raises(raw: bytes, pick: random.Random) -> None:
    mail = _mutated(raw, pick)
    found = classify(mail)
    assert isinstance(found.kind, MailClass)
    assert all("@" in address for address in found.recipients)
    assert len(reply_text(read_message(mail).text)) <= MAX_TEXT


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=2_000))
def test_no_bytes_at_all_raise(raw: bytes) -> None:
    classify(raw)
    classify(HEAD + raw)


def _nested() -> bytes:
    opening = b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n"
    inner = b"".join(opening % (number - 1, number) for number in range(1, 20_000))
    return HEAD + b"Content-Type: multipart/mixed; boundary=b0\r\n\r\n" + inner


MULTIPART = HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
STATUS = HEAD + b"Content-Type: message/delivery-status\r\n\r\n"
BOMBS = {
    "headers": b"X-A: b\r\n" * 250_000,
    "one-header": HEAD + b"X: " + b"a" * 2_000_000,
    "folded-header": HEAD + b"X: a\r\n" + b" b\r\n" * 500_000,
    "nesting": _nested(),
    "same-boundary": MULTIPART + b"--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" * 40_000,
    "parts": MULTIPART + b"--b\r\n\r\nx\r\n" * 200_000,
    "tags": HEAD + b"Content-Type: text/html\r\n\r\n" + b"<" * 2_000_000,
    "styles": HEAD + b"Content-Type: text/html\r\n\r\n" + b"<style" * 300_000,
    "at-signs": HEAD + b"\r\n" + b"a@" * 1_000_000,
    "recipients": STATUS + b"Final-Recipient: rfc822; a@b.example\r\nAction: failed\r\n\r\n" * 30_000,
    "recipients-unparted": STATUS + b"Final-Recipient: rfc822; a@b.example\r\nAction: failed\r\n" * 30_000,
    "encoded-words": HEAD + b"Subject: " + b"=?utf-8?q?a?= " * 140_000,
    "parameters": HEAD + b"Content-Type: text/plain" + b'; a="\\' * 400_000,
    "references": b"From: a@b.example\r\nReferences: " + b"<a@b.example> " * 140_000,
    "mailboxes": HEAD + b"\r\n" + b"mailbox " * 250_000,
    "blanks": HEAD + b"\r\n" + b" " * 2_000_000,
    "lines": HEAD + b"\r\n" + b"\n" * 2_000_000,
    "huge": HEAD + b"\r\n" + b"x" * (5 * MAX_BYTES),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_mail_made_to_be_expensive_costs_little(name: str) -> None:
    raw = BOMBS[name]
    classify(HEAD)
    tracemalloc.start()
    try:
        classify(raw)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20 * MAX_BYTES
    started = time.process_time()
    classify(raw)
    assert time.process_time() - started < 2


@pytest.mark.shared
def test_no_real_mail_raises_and_no_normal_one_names_anybody(shared: Path) -> None:
    for file in sorted((shared / "data" / "bounces").glob("*/*")):
        found = classify(file.read_bytes())
        if "non_bounces" in file.name:
            assert found.kind in (MailClass.NONE, MailClass.AUTO_REPLY), file.name
