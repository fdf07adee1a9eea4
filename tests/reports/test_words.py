"""Figures in words: English and French, and what is kept back when there are few cases."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

from feedback_service import paths
from feedback_service.reports.figures import Delay
from feedback_service.reports.statistics import Trend, mean, net_score, wilson
from feedback_service.reports.words import Words

PARIS = ZoneInfo("Europe/Paris")
ENGLISH, FRENCH = Words("en", PARIS), Words("fr", PARIS)


def test_a_share_stands_with_its_counts_and_interval() -> None:
    assert ENGLISH.share_and_reach(wilson(54, 461)) == "11.7% (54 of 461; 95% interval 9.1–15.0%)"
    narrow = "\u202f"
    expected = f"11,7{narrow}% (54 sur 461{narrow}; intervalle à 95{narrow}%{narrow}: 9,1–15,0{narrow}%)"
    assert FRENCH.share_and_reach(wilson(54, 461)) == expected


def test_fewer_than_ten_cases_are_counts_not_percentages() -> None:
    assert ENGLISH.share(wilson(3, 9)) == "3 of 9"
    assert ENGLISH.reach(wilson(3, 9)) == "–"
    assert "%" not in ENGLISH.share_and_reach(wilson(3, 9))
    assert "%" in ENGLISH.share(wilson(3, 10))


def test_decimals_come_with_a_hundred_cases() -> None:
    assert (ENGLISH.share(wilson(1, 30)), ENGLISH.share(wilson(10, 300))) == ("3%", "3.3%")


def test_nothing_to_count_is_a_dash() -> None:
    assert ENGLISH.share(wilson(0, 0)) == "–"
    assert ENGLISH.delay(Delay(0, None)) == "–"
    assert ENGLISH.mean(mean({}, (1, 7))) == "–"
    assert ENGLISH.score(net_score(0, 0, 0)) == "–"


@pytest.mark.parametrize(("trend", "start"), [(Trend.UP, "↑"), (Trend.DOWN, "↓"), (Trend.UNCLEAR, "No clear change")])
def test_an_arrow_stands_only_for_a_clear_change(trend: Trend, start: str) -> None:
    assert ENGLISH.change(trend, "9%").startswith(start)


def test_a_net_score_has_its_sign() -> None:
    assert ENGLISH.score(net_score(50, 20, 100)) == "+30 (95% interval +14 to +44)"
    assert ENGLISH.score(net_score(1, 2, 4)) == "1 positive, 2 negative, of 4"


@pytest.mark.parametrize(
    ("seconds", "words"), [(3, "1 minute"), (40 * 60, "40 minutes"), (5 * 3600, "5 hours"), (3 * 86400, "3 days")]
)
def test_a_duration_is_said_in_its_unit(seconds: float, words: str) -> None:
    assert ENGLISH.duration(seconds) == words


def test_the_first_of_a_month_is_said_the_french_way() -> None:
    midnight_in_paris = datetime(2026, 11, 30, 23, tzinfo=UTC)
    assert FRENCH.full_day(midnight_in_paris) == "1er décembre 2026"
    assert FRENCH.day(midnight_in_paris) == "1er décembre"
    assert ENGLISH.full_day(midnight_in_paris) == "1 December 2026"


def _messages() -> set[str]:
    found = set()
    package, templates = paths.PACKAGE, paths.templates_folder()
    for folder in ("reports", "digest", "web/managers"):
        for file in sorted((package / folder).glob("*.py")):
            found |= {row[1] for row in extract_from_file("python", file, keywords={"say": None, "count": (1, 2)})}
    for folder in ("managers", "mail/digest"):
        for file in sorted((templates / folder).iterdir()):
            options = {"extensions": "jinja2.ext.i18n"}
            found |= {row[1] for row in extract_from_file("jinja2.ext:babel_extract", file, options=options)}
    return {message if isinstance(message, str) else message[0] for message in found}


def _french(name: str) -> dict[str, str]:
    """Return the French of a catalogue, or of all that match `name`; of a plural the last form."""
    translated: dict[str, str] = {}
    for path in (paths.TRANSLATIONS / "fr").glob(f"{name}.po"):
        with path.open("rb") as file:
            catalogue = read_po(file, locale="fr")
        for message in catalogue:
            if isinstance(message.id, str):
                translated[message.id] = str(message.string)
            elif message.string:
                translated[message.id[0]] = message.string[-1]
    translated.pop("", None)
    return translated


def test_every_sentence_has_its_french_with_the_same_names() -> None:
    translated, names = _french("*"), re.compile(r"\{\w+\}|%\(\w+\)s")
    for source in _messages():
        assert translated.get(source), source
        assert sorted(names.findall(source)) == sorted(names.findall(translated[source])), source
    assert set(_french("managers")) <= _messages()
