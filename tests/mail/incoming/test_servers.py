"""How the known mail servers write when they do not deliver (`servers.txt`)."""

import re
from pathlib import Path

import pytest

from feedback_service.mail.incoming.classify import classify

NOTICES = re.findall(
    r"^===== (\S+): (\S+)\n(.*?)(?=^=====|\Z)",
    Path(__file__).with_name("servers.txt").read_text(encoding="utf-8"),
    re.MULTILINE | re.DOTALL,
)
BACK = """
Return-Path: <bounces+0123456789abcdef@mail.example.com>
Received: from shop.example.com (shop.example.com [192.0.2.1])
Message-ID: <one@shop.example.com>
From: Boutique <shop@example.com>
To: ines@example.com
Subject: Votre avis : utilisateur inconnu, spam, mailbox full
"""


@pytest.mark.parametrize(("kind", "notice"), [one[1:] for one in NOTICES], ids=[one[0] for one in NOTICES])
def test_each_server_is_understood_with_the_one_who_failed(kind: str, notice: str) -> None:
    raw = f"To: bounces+0123456789abcdef@mail.example.com\n{notice}{BACK}"
    found = classify(raw.encode())
    assert (found.kind.value, list(found.recipients), found.original_id) == (
        kind, ["ines@example.com"], "<one@shop.example.com>",
    )  # fmt: skip


def test_the_notices_are_of_many_servers() -> None:
    assert len({name for name, _, _ in NOTICES}) == len(NOTICES) > 40
