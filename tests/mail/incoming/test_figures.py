"""How often the class is right on real reports, whose classes others have written down."""

import json
import zlib
from pathlib import Path
from typing import Any

import pytest

from feedback_service.mail.incoming.classify import classify

_POLICY = frozenset({
    "authfailure", "badreputation", "blocked", "norelaying", "notcompliantrfc", "policyviolation", "rejected",
    "requireptr", "securityerror", "spamdetected", "virusdetected",
})  # fmt: skip
TARGET = 0.92


def expected(reason: dict[str, str]) -> str:
    """Return the class of a reason, as the collection names it: what it calls permanent is hard."""
    if reason["reason"] in ("feedback", "vacation"):
        return {"feedback": "complaint", "vacation": "auto-reply"}[reason["reason"]]
    if reason["hardbounce"] == "1":
        return "hard"
    is_policy = reason["reason"] in _POLICY or (reason["reason"] == "filtered" and reason["dsn"].startswith("5.7."))
    return "policy" if is_policy else "soft"


@pytest.mark.shared
@pytest.mark.parametrize("half", [0, 1])
def test_the_class_is_right_in_both_halves_of_the_real_reports(shared: Path, half: int) -> None:
    """The halves are drawn by the name's checksum (docs/mail-in.md tells which was looked at when)."""
    folder = shared / "data" / "bounces"
    every: dict[str, list[dict[str, Any]]] = json.loads((folder / "sisimai_expected.json").read_text())
    chosen = {name: reasons for name, reasons in every.items() if zlib.crc32(name.encode()) % 2 == half}
    right = [
        classify((folder / "sisimai" / name).read_bytes()).kind.value in {expected(reason) for reason in reasons}
        for name, reasons in chosen.items()
    ]
    assert sum(right) / len(right) >= TARGET
