"""`feedback-service score`: JSON lines in, JSON lines out."""

import json
from typing import Any

import pytest
from click.testing import CliRunner

from feedback_service.cli import cli


def run(data: bytes, *options: str) -> tuple[int, list[dict[str, Any]]]:
    result = CliRunner().invoke(cli, ["score", *options], input=data)
    return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()]


def test_a_line_gives_a_judgement_with_its_evidence() -> None:
    text = "Déçue : jamais reçu."
    status, [answer] = run(json.dumps({"text": text}).encode())
    assert status == 0
    assert answer["lang"] == "fr"
    assert answer["label"] == "negative"
    assert 0.5 < answer["negative"] <= 1
    assert [text[part["start"] : part["end"]] for part in answer["evidence"]] == ["Déçue", "jamais reçu"]
    assert [part["text"] for part in answer["evidence"]] == ["Déçue", "jamais reçu"]
    assert all(part["weight"] < 0 for part in answer["evidence"])


def test_a_given_language_is_used() -> None:
    _, [answer] = run(b'{"text": "Sehr gut", "lang": "de"}\n')
    assert answer["lang"] == "de"


@pytest.mark.parametrize(
    "line",
    [
        b"not json",
        b"",
        b"[]",
        b'"text"',
        b"{}",
        b'{"text": 5}',
        b'{"text": "a", "lang": 5}',
        b"\xff\xfe",
        b"[" * 50_000,
    ],
    ids=["words", "empty", "list", "string", "no_text", "number", "lang_number", "not_utf8", "deep"],
)
def test_a_bad_line_gives_an_error_in_its_place(line: bytes) -> None:
    status, answers = run(b'{"text": "nul"}\n' + line + b'\n{"text": "parfait"}\n')
    assert status == 1
    assert [answer.get("label") for answer in answers] == ["negative", None, "positive"]
    assert answers[1]["line"] == 2
    assert answers[1]["error"]


def test_no_input_is_no_error() -> None:
    assert run(b"") == (0, [])


def test_half_a_surrogate_pair_passes() -> None:
    text = '{"text": "\\ud83d nul"}'
    status, [answer] = run(text.encode())
    assert (status, answer["label"]) == (0, "negative")


def test_evidence_that_utf8_cannot_carry_is_escaped() -> None:
    status, [answer] = run(b'{"text": "<\\ud83d>\\ud83d nul\\ud83d"}')
    assert (status, answer["label"]) == (0, "negative")


def test_languages_limit_the_choice() -> None:
    _, [answer] = run(b'{"text": "Awful"}', "--languages", "fr")
    assert answer["lang"] == "fr"


def test_an_empty_choice_of_languages_is_refused() -> None:
    assert CliRunner().invoke(cli, ["score", "--languages", ","], input=b"").exit_code == 2


def test_settings_are_not_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEEDBACK_UNKNOWN", "1")
    assert run(b'{"text": "nul"}')[0] == 0
