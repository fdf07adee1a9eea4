"""A subject is one line and keeps its typography."""

from pathlib import Path

import pytest

from feedback_service.links import Links
from feedback_service.mail.render import Renderer


@pytest.mark.parametrize("break_", ["\n", "\r\n", "\t", "\x0b", "\x85", "\u2028", "  "])
def test_a_subject_is_one_line_and_keeps_its_no_break_spaces(tmp_path: Path, break_: str) -> None:
    folder = tmp_path / "mail" / "note"
    folder.mkdir(parents=True)
    (folder / "subject.txt").write_text("{{ word }}\u202f?\n", encoding="utf-8")
    (folder / "body.txt").write_text("text", encoding="utf-8")
    (folder / "body.html").write_text("<p>text</p>", encoding="utf-8")
    renderer = Renderer((tmp_path,), Links("https://feedback.example.com"))
    subject = renderer.render("note", "fr", "Europe/Paris", {"word": f"Avis{break_}négatif"}).subject
    assert subject == "Avis négatif\u202f?"
