"""A template of a shop's own that would never end, or fill the memory, gives way to ours at once, and says why."""

import itertools
import resource
import time
from pathlib import Path

import pytest

from feedback_service import paths
from feedback_service.links import Links
from feedback_service.mail import bounds
from feedback_service.mail.render import Rendered, Renderer

LINKS = Links("https://feedback.example.com")
OURS = {"subject.txt": "Avis", "body.txt": "ours", "body.html": '<html lang="fr"><body>ours</body></html>'}
MEGABYTES = 1024  # resource tells kilobytes


def write(folder: Path, **parts: str) -> Path:
    """Write the parts of a template 'note' below `folder`."""
    place = folder / "mail" / "note"
    place.mkdir(parents=True, exist_ok=True)
    for name, text in parts.items():
        (place / name.replace("_", ".")).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def renderer(tmp_path: Path) -> Renderer:
    """A renderer whose own folder is `tmp_path / "own"`, empty so far."""
    ours = write(tmp_path / "ours", **{name.replace(".", "_"): text for name, text in OURS.items()})
    return Renderer((tmp_path / "own", ours), LINKS)


def render(renderer: Renderer, **context: object) -> Rendered:
    return renderer.render("note", "fr", "Europe/Paris", context)


def said(rendered: Rendered) -> str:
    return " ".join(flaw.sentence for flaw in rendered.own_failed)


STEPS, WRITES = "It does not end: more than 20,000 steps.", "It writes without end: more than 2,000,000 characters."
WIDE = "more than 10,000 places"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param(
            "{% for i in range(19000) %}{% for j in range(19000) %}{% endfor %}{% endfor %}", STEPS, id="loops in loops"
        ),
        pytest.param("{% for i in range(10 ** 9) %}x{% endfor %}", STEPS, id="range"),
        pytest.param("{% for i in range(20000, 0, -1) %}{% endfor %}{% for i in 'x' %}{% endfor %}", STEPS, id="step"),
        pytest.param("{% for i in range(9000) %}" + "x" * 9000 + "{% endfor %}", WRITES, id="100 MB of text"),
        pytest.param("{% for i in range(19000) %}{{ word * 4 }}{% endfor %}", WRITES, id="100 MB of values"),
        pytest.param(
            "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}",
            STEPS,
            id="a macro that doubles",
        ),
        pytest.param(
            "{% for n in [[1], [2]] recursive %}{{ loop([[1], [2]]) }}{% endfor %}", "without end", id="recursive loop"
        ),
        pytest.param("{% include 'mail/note/body.txt' %}", "without end", id="includes itself"),
        pytest.param("{% extends 'mail/note/body.txt' %}", "without end", id="extends itself"),
        pytest.param("{% block a %}{{ self.a() }}{% endblock %}", "without end", id="a block that calls itself"),
        pytest.param(
            "{% set n = namespace(x='xx') %}{% for i in range(99) %}{% set n.x = n.x ~ n.x %}{% endfor %}",
            WRITES,
            id="doubled by ~",
        ),
        pytest.param(
            "{% set n = namespace(x=[1]) %}{% for i in range(99) %}{% set n.x = n.x + n.x %}{% endfor %}",
            WRITES,
            id="doubled by +",
        ),
        pytest.param(
            "{% set n = namespace(x='xx') %}{% for i in range(99) %}"
            "{% set n.x %}{{ n.x }}{{ n.x }}{% endset %}{% endfor %}",
            WRITES,
            id="doubled in a block",
        ),
        pytest.param(
            "{% set n = namespace(x='xx') %}{% for i in range(99) %}"
            "{% set n.x = n.x | replace('x', 'xx') %}{% endfor %}",
            WRITES,
            id="doubled by a filter",
        ),
        pytest.param(
            "{% set n = namespace(x='xx') %}{% for i in range(99) %}{% set n.x = n.x.replace('x', 'xx') %}{% endfor %}",
            WRITES,
            id="doubled by a method",
        ),
        pytest.param("{{ 'x' * 10 ** 9 }}", WRITES, id="a text many times"),
        pytest.param("{{ ([0] * 10 ** 9) | length }}", WRITES, id="a list many times"),
        pytest.param("{{ 10 ** 9 * 'x' }}", WRITES, id="many times a text"),
        pytest.param("{{ 9 ** 99999 }}", WIDE, id="power"),
        pytest.param(
            "{% set n = namespace(x=9) %}{% for i in range(99) %}{% set n.x = n.x * n.x %}{% endfor %}",
            WIDE,
            id="squares of squares",
        ),
        pytest.param("{{ word | center(10 ** 9) }}", WIDE, id="a filter's width"),
        pytest.param("{{ word.ljust(10 ** 9) }}", WIDE, id="a method's width"),
        pytest.param("{{ [1] | batch(10 ** 9, 'x') | list }}", WIDE, id="filled up"),
        pytest.param("{{ lipsum(10 ** 6) }}", "'lipsum' is undefined", id="words for nothing"),
        pytest.param("x" * 600_000, "The file mail/note/body.txt has more than 500,000 bytes", id="a huge file"),
    ],
)
def test_a_template_without_end_gives_way_to_ours_and_says_why(
    renderer: Renderer, tmp_path: Path, text: str, why: str
) -> None:
    write(tmp_path / "own", body_txt=text)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    rendered = render(renderer, word="x" * 1500)
    assert (rendered.subject, rendered.text) == ("Avis", "ours\n")
    assert why in said(rendered)
    # The bound is on what is counted; these are far beyond it, and far below what would hurt.
    assert time.process_time() - began < bounds.MOST_SECONDS + 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - most < 100 * MEGABYTES


def test_each_step_may_be_slow_and_time_is_up_all_the_same() -> None:
    slow = bounds.BoundedEnvironment().from_string(
        "{% for i in range(9000) %}{{ range(19000) | sort | length }}{% endfor %}"
    )
    with bounds.within_bounds(seconds=0.2), pytest.raises(bounds.TooMuchError, match="takes too long"):
        slow.render()


def test_one_that_has_not_ended_is_not_tried_again_until_it_is_mended(renderer: Renderer, tmp_path: Path) -> None:
    endless = "{% for i in range(19000) %}{% for j in range(19000) %}{{ asked() }}{% endfor %}{% endfor %}"
    own = write(tmp_path / "own", body_txt=endless)
    asked = itertools.count()
    first = render(renderer, asked=lambda: next(asked))
    tried = next(asked)
    second = render(renderer, asked=lambda: next(asked))
    assert tried + 1 == next(asked) > bounds.MOST_STEPS / 2
    assert first.own_failed == second.own_failed != ()

    write(own, body_txt="mended")
    assert render(renderer).text == "mended\n"


def test_what_mails_do_is_within_the_bounds(renderer: Renderer, tmp_path: Path) -> None:
    write(
        tmp_path / "own",
        subject_txt="{{ 'Avis' ~ ' ' ~ word }}",
        body_txt=(
            "{% for line in lines %}{{ loop.index }}/{{ loop.length }} {{ line | title }}"
            "{% if not loop.last %}, {% endif %}{% endfor %}"
            "{% macro twice(text) %}{{ text }}{{ text }}{% endmacro %} {{ twice('a') }} {{ 'b' * 3 }} {{ 2 ** 8 }}"
            " {{ '%s' % word }} {{ word.upper() }} {{ [1, 2] | join('-') }} {{ 1234567 | number }}"
        ),
        body_html='<html lang="fr"><body>{% set x %}<b>{{ word }}</b>{% endset %}{{ x }}{{ "<" ~ x }}</body></html>',
    )
    rendered = render(renderer, word="ça", lines=["un", "deux"])
    assert rendered.own_failed == ()
    assert rendered.subject == "Avis ça"
    assert rendered.text == "1/2 Un, 2/2 Deux aa bbb 256 ça ÇA 1-2 1\u202f234\u202f567\n"
    assert "<b>ça</b>&lt;<b>ça</b>" in rendered.html


def test_a_template_may_not_change_what_it_was_given(renderer: Renderer, tmp_path: Path) -> None:
    write(tmp_path / "own", body_txt="{{ lines.append('x') }}")
    lines = ["un"]
    assert "unsafe" in said(render(renderer, lines=lines))
    assert lines == ["un"]


def test_our_own_templates_are_not_slowed_by_the_bounds() -> None:
    ours = Renderer((paths.templates_folder(),), LINKS)
    assert not isinstance(ours.environment_of(ours.folders, "fr", "UTC"), bounds.BoundedEnvironment)
