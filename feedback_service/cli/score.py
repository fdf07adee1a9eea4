"""`feedback-service score`: JSON lines in, judgements out; needs no settings and no database."""

import json
import sys
from collections.abc import Iterator
from typing import IO, Any

import click

from feedback_service.cli.json_lines import json_line
from feedback_service.sentiment.judgement import Judgement
from feedback_service.sentiment.scorer import Scorer


@click.command("score")
@click.option("--languages", default="fr,en", show_default=True, help="Languages to choose from, separated by commas.")
def score_command(languages: str) -> None:
    """Judge texts: one JSON object per line in, {"text": ..., "lang"?: ...}, and one per line out.

    A line that cannot be judged gives {"error": ..., "line": n} in its place, and the exit status is 1 at the end.
    """
    codes = [code.strip() for code in languages.split(",") if code.strip()]
    if not codes:
        message = "name at least one language"
        raise click.BadParameter(message, param_hint="--languages")
    failed = False
    out = sys.stdout.buffer
    for answer in judged(Scorer(codes), sys.stdin.buffer):
        failed |= "error" in answer
        out.write(json_line(answer))
        out.flush()
    sys.exit(1 if failed else 0)


def judged(scorer: Scorer, lines: IO[bytes]) -> Iterator[dict[str, Any]]:
    """Yield one answer per line, as soon as the line is there."""
    for number, line in enumerate(lines, 1):
        try:
            yield _as_object(scorer.score(*_asked(line)))
        except ValueError as error:
            yield {"error": str(error), "line": number}


def _asked(line: bytes) -> tuple[str, str | None]:
    """Return text and language of one line; raise `ValueError` with a sentence where it has none."""
    try:
        asked = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        message = f"not UTF-8: byte {error.start + 1} of the line"
        raise ValueError(message) from error
    except (json.JSONDecodeError, RecursionError) as error:
        message = "empty line" if not line.strip() else f"not JSON: {error}"
        raise ValueError(message) from error
    if not isinstance(asked, dict) or not isinstance(asked.get("text"), str):
        message = 'not an object with a string "text"'
        raise ValueError(message)  # noqa: TRY004 - bad input, told like every other bad line
    language = asked.get("lang")
    if language is not None and not isinstance(language, str):
        message = '"lang" is not a string'
        raise ValueError(message)
    return asked["text"], language or None


def _as_object(judgement: Judgement) -> dict[str, Any]:
    return {
        "lang": judgement.language,
        "label": judgement.label.value,
        "negative": judgement.negative,
        "evidence": [part._asdict() for part in judgement.evidence],
        "topics": [topic.value for topic in judgement.topics],
        "grave": [word._asdict() for word in judgement.grave],
        "sentences": [sentence._asdict() for sentence in judgement.sentences],
    }
