"""A main reason is named in large only where it is one."""

from zoneinfo import ZoneInfo

import pytest

from feedback_service.reports.figures import ReasonCount, ReturnFigures
from feedback_service.reports.return_sections import reasons_section
from feedback_service.reports.section import Section
from feedback_service.reports.statistics import Total, ratio, wilson
from feedback_service.reports.words import Words

PARIS = ZoneInfo("Europe/Paris")
NOTHING = ratio(Total(0, 0, 0), Total(0, 0, 0))


def _section(language: str = "en", /, **reasons: int) -> Section:
    returns = sum(reasons.values())
    rate = wilson(returns, 200)
    counts = tuple(ReasonCount(reason, count) for reason, count in reasons.items())
    figures = ReturnFigures(200, returns, 0, 0, returns, rate, rate, NOTHING, NOTHING, "EUR", 0, counts)
    return reasons_section(figures, Words(language, PARIS))


def test_a_clear_main_reason_stands_in_large() -> None:
    section = _section(too_small=12, defective=6)
    assert section.number == "Too small"
    assert section.caption == "is the most frequent known reason: 67% (12 of 18)"


def test_another_reason_in_the_first_place_is_said_to_be_many_and_the_first_with_a_name_is_told() -> None:
    section = _section(other=12, too_small=6, defective=2)
    assert section.number == "Another reason"
    assert section.sentences[0].endswith("The most frequent reason with a name: “Too small” (6).")
    assert not any("with a name" in sentence for sentence in _section(too_small=12, other=6).sentences)
    assert not any("with a name" in sentence for sentence in _section(other=12).sentences)
    assert "«\u202fTrop petit\u202f» (6)" in _section("fr", other=12, too_small=6).sentences[0]


def test_a_tie_is_called_a_tie() -> None:
    section = _section(too_small=8, defective=8)
    assert section.number == "50%"
    assert section.caption.startswith("Tied for the first place: “Too small” and “Faulty or not working”")


@pytest.mark.parametrize(
    ("reasons", "words"),
    [
        ({"too_small": 3, "defective": 1}, "Most frequent: “Too small” (3)."),
        (
            {"too_small": 2, "defective": 2},
            "Tied for the first place: “Too small” and “Faulty or not working” (2 each).",
        ),
    ],
)
def test_a_handful_of_returns_names_no_main_reason_in_large(reasons: dict[str, int], words: str) -> None:
    section = _section(**reasons, unknown=1)
    assert section.number == "4 of 5"
    assert words in section.caption
    assert section.sentences == ("The reason of 1 of 5 returns is unknown.",)


def test_a_tie_in_french_quotes_the_reasons_in_french() -> None:
    assert (
        "À égalité en tête\u202f: «\u202fTrop petit\u202f» et «\u202f"
        in _section("fr", too_small=2, defective=2).caption
    )
