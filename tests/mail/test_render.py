"""A subject is one line and keeps its typography; a shop's own templates never stop a mail."""

from pathlib import Path

import jinja2
import pytest

from feedback_service.links import Links
from feedback_service.mail.render import Rendered, Renderer

LINKS = Links("https://feedback.example.com")
OURS = {
    "subject.txt": "{{ word }}\n",
    "body.txt": "ours",
    "body.html": '<html lang="fr"><body><p>ours</p></body></html>',
}


def write(folder: Path, **parts: str) -> Path:
    """Write the parts of a template 'note' below `folder`."""
    place = folder / "mail" / "note"
    place.mkdir(parents=True)
    for name, text in parts.items():
        (place / name.replace("_", ".")).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    """The folder of our templates."""
    return write(tmp_path / "ours", **{name.replace(".", "_"): text for name, text in OURS.items()})


def render(*folders: Path, **context: str) -> Rendered:
    return Renderer(folders, LINKS).render("note", "fr", "Europe/Paris", {"word": "Avis", **context})


def said(rendered: Rendered) -> str:
    """Return in English why the own template was not used."""
    return " ".join(flaw.sentence for flaw in rendered.own_failed)


@pytest.mark.parametrize("break_", ["\n", "\r\n", "\t", "\x0b", "\x85", "\u2028", "  "])
def test_a_subject_is_one_line_and_keeps_its_no_break_spaces(tmp_path: Path, break_: str) -> None:
    folder = write(tmp_path, subject_txt="{{ word }}\u202f?\n", body_txt="text", body_html="<p>text</p>")
    assert render(folder, word=f"Avis{break_}négatif").subject == "Avis négatif\u202f?"


def test_the_text_part_has_short_lines_and_whole_addresses(tmp_path: Path) -> None:
    address = "https://feedback.example.com/s/" + "t" * 60
    folder = write(tmp_path, subject_txt="s", body_txt="mot " * 40 + address + "\n\n\n\n\nfin", body_html="<p>")
    lines = render(folder).text.split("\n")
    assert max(len(line) for line in lines if line != address) <= 76
    assert lines[-4:] == [address, "", "fin", ""]


def test_an_own_template_wins_part_by_part(tmp_path: Path, ours: Path) -> None:
    own = write(tmp_path / "own", body_txt="own", body_html='<html lang="fr"><body><b>own</b></body></html>')
    rendered = render(own, ours)
    assert (rendered.subject, rendered.text, rendered.own_failed) == ("Avis", "own\n", ())
    assert "<b>own</b>" in rendered.html


@pytest.mark.parametrize(
    ("part", "text", "why"),
    [
        pytest.param("body_txt", "a\n{{ wrod }}", "note/body.txt, line 2: 'wrod' is undefined", id="undefined name"),
        pytest.param("body_html", "{% if %}", "mail/note/body.html, line 1: Expected an expression", id="syntax"),
        pytest.param("body_txt", "{{ word | nosuch }}", "No filter named 'nosuch'", id="unknown filter"),
        pytest.param("body_txt", "{{ word + 1 }}", "note/body.txt, line 1: TypeError", id="wrong type"),
        pytest.param("subject_txt", "{{ 1 / 0 }}", "note/subject.txt, line 1: ZeroDivisionError", id="any error"),
        pytest.param("body_txt", "{% include 'mail/none.txt' %}", "mail/none.txt", id="missing file"),
        pytest.param("body_txt", " ", "The text part is empty", id="no text"),
        pytest.param("body_html", "<script>x</script>", "take for an attack", id="script"),
        pytest.param("body_html", "<img src='https://x.test/i.png'>", "tell who reads", id="remote image"),
        pytest.param("body_html", "x" * 100_000, "100,000 on", id="too large"),
        pytest.param(
            "body_txt",
            "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
            "line 1: It calls or includes itself without end",
            id="recursion",
        ),
    ],
)
def test_a_broken_own_template_gives_way_to_ours_and_says_why(
    tmp_path: Path, ours: Path, part: str, text: str, why: str
) -> None:
    rendered = render(write(tmp_path / "own", **{part: text}), ours)
    assert (rendered.subject, rendered.text) == ("Avis", "ours\n")
    assert why in said(rendered)


def test_a_template_that_is_no_text_gives_way_too(tmp_path: Path, ours: Path) -> None:
    own = write(tmp_path / "own", body_txt="x")
    (own / "mail" / "note" / "body.txt").write_bytes(b"\xff\xfe")
    rendered = render(own, ours)
    assert rendered.text == "ours\n"
    assert "UnicodeDecodeError" in said(rendered)


def test_an_own_survey_mail_without_its_links_is_not_sent(tmp_path: Path, ours: Path) -> None:
    own = write(tmp_path / "own", body_txt=f"own {LINKS.survey('t0ken')}")
    rendered = render(own, ours, token="t0ken")  # noqa: S106 - for tests only
    assert rendered.text == "ours\n"
    assert f"The text part lacks the link {LINKS.unsubscribe('t0ken')}." in said(rendered)


def test_what_a_template_fails_on_is_not_told_with_a_customers_data(tmp_path: Path, ours: Path) -> None:
    own = write(tmp_path / "own", body_txt="{{ {}[word] }}{{ word | int(base='camille') }}")
    assert "camille" not in said(render(own, ours, word="camille@example.com"))


def test_an_undefined_name_in_our_own_template_is_an_error(ours: Path, tmp_path: Path) -> None:
    (ours / "mail" / "note" / "body.txt").write_text("{{ nothing }}", encoding="utf-8")
    with pytest.raises(jinja2.UndefinedError):
        render(ours)
    with pytest.raises(jinja2.UndefinedError):
        render(write(tmp_path / "own", subject_txt="own"), ours)


def test_a_template_that_was_mended_is_used_at_once(tmp_path: Path, ours: Path) -> None:
    own = write(tmp_path / "own", body_txt="{{ wrod }}", body_html='<html lang="fr"><body>own')
    renderer = Renderer((own, ours), LINKS)
    assert renderer.render("note", "fr", "Europe/Paris", {"word": "Avis"}).own_failed
    (own / "mail" / "note" / "body.txt").write_text("own", encoding="utf-8")
    assert renderer.render("note", "fr", "Europe/Paris", {"word": "Avis"}).text == "own\n"
