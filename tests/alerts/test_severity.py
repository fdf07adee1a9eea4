"""How grave a story is: the points, the levels, and that a further voice never makes it look milder."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_service.alerts import severity
from feedback_service.alerts.models import Level
from feedback_service.alerts.severity import ReasonKind, Voice, assess, is_complaint, scaled_stars
from feedback_service.sentiment.grave import grave_words
from feedback_service.sentiment.markers import Gravity

_RANK = [Level.DIGEST, Level.SAME_DAY, Level.CRISIS]
voices = st.builds(
    Voice,
    text=st.sampled_from(["bof", "c'est une arnaque", "la lampe a pris feu", "mon avocat", "danger et plainte"]),
    negative=st.floats(0, 1),
    stars=st.none() | st.floats(0, 5),
    reach=st.integers(0, 9),
    source=st.sampled_from(["1", "2", "3"]),
    copies=st.integers(1, 50),
    words=st.tuples() | st.tuples(st.sampled_from(["bof", "danger"])),
    is_answer=st.booleans(),
)


@pytest.mark.parametrize(
    ("voice", "level"),
    [
        pytest.param(Voice("bof", 0.5), Level.DIGEST, id="unsure and unrated can wait"),
        pytest.param(Voice("bof", 0.7), Level.SAME_DAY, id="surely negative"),
        pytest.param(Voice("bof", 0.1, stars=2.0), Level.SAME_DAY, id="two stars of five"),
        pytest.param(Voice("bof", 0.1, stars=3.0), Level.DIGEST, id="three stars of five"),
        pytest.param(Voice("je porte plainte", 0.5), Level.SAME_DAY, id="threat to sue"),
        pytest.param(Voice("la lampe a pris feu", 0.5), Level.CRISIS, id="danger"),
        pytest.param(
            Voice("arnaque, je saisis la DGCCRF", 0.9, stars=1.0, reach=3), Level.CRISIS, id="grave and widely read"
        ),
    ],
)
def test_level_of_a_single_voice(voice: Voice, level: Level) -> None:
    assert assess([voice], threshold=0.6, refund_open=False).level is level


def test_three_voices_are_a_spread_and_copies_are_not() -> None:
    alone = Voice("bof", 0.3, copies=40)
    assert assess([alone], threshold=0.6, refund_open=False).level is Level.DIGEST
    three = [Voice("bof", 0.3, source=str(n)) for n in range(3)]
    found = assess(three, threshold=0.6, refund_open=False)
    assert found.level is Level.SAME_DAY
    assert next(r for r in found.reasons if r.kind is ReasonKind.SPREAD).numbers == (3, 3)


def test_an_open_refund_weighs() -> None:
    voice = Voice("bof", 0.5)
    waiting = assess([voice], threshold=0.6, refund_open=True)
    assert waiting.severity > assess([voice], threshold=0.6, refund_open=False).severity
    assert ReasonKind.REFUND_OPEN in {reason.kind for reason in waiting.reasons}


def test_what_is_grave_is_named_first() -> None:
    found = assess([Voice("nul, une arnaque", 0.9, words=("nul",))], threshold=0.6, refund_open=False)
    assert [reason.kind for reason in found.reasons][:2] == [ReasonKind.ACCUSATION, ReasonKind.WORDS]


@given(st.lists(voices, min_size=1, max_size=6), voices, st.booleans())
def test_a_further_voice_never_makes_a_story_milder(said: list[Voice], more: Voice, refund_open: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
    before = assess(said, threshold=0.6, refund_open=refund_open)
    after = assess([*said, more], threshold=0.6, refund_open=refund_open)
    assert 0 <= before.severity <= after.severity <= 100
    assert _RANK.index(after.level) >= _RANK.index(before.level)
    assert after.reasons


@pytest.mark.parametrize(
    ("rating", "best", "stars"),
    [(1, 5, 1.0), (2, 10, 1.0), (20, 100, 1.0), (4, None, 4.0), (None, 5, None), (3, 0, None), (7, 5, 5.0)],
)
def test_ratings_are_compared_on_five_stars(rating: float | None, best: float | None, stars: float | None) -> None:
    assert scaled_stars(rating, best) == stars


@pytest.mark.parametrize(
    ("negative_label", "negative", "stars", "opens"),
    [
        pytest.param(True, 0.1, None, True, id="judged negative"),
        pytest.param(False, 0.6, None, True, id="at the threshold"),
        pytest.param(False, 0.1, 2.0, True, id="two stars"),
        pytest.param(False, 0.59, 2.5, False, id="neither"),
        pytest.param(False, 0.0, 5.0, False, id="praise"),
    ],
)
def test_only_complaints_open_stories(negative_label: bool, negative: float, stars: float | None, opens: bool) -> None:  # noqa: FBT001 - table
    assert is_complaint(negative_label=negative_label, negative=negative, stars=stars, threshold=0.6) is opens


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("ARNAQUE totale", [("arnaque", Gravity.SCAM)], id="case"),
        pytest.param("Des ESCROCS !", [("escrocs", Gravity.SCAM)], id="plural"),
        pytest.param("j'ai saisi la DGCCRF", [("dgccrf", Gravity.CONSUMER_AUTHORITY)], id="authority"),
        pytest.param("une brûlure à la main", [("brûlure", Gravity.SAFETY)], id="accents stay as written"),
        pytest.param("il est dangereux", [("dangereux", Gravity.SAFETY)], id="the longest word wins"),
        pytest.param("un volant et un avocatier", [], id="word borders"),
        pytest.param(
            "My lawyers will sue them", [("lawyers", Gravity.LAWYER), ("sue them", Gravity.LAWYER)], id="english"
        ),
        pytest.param("rien à dire", [], id="nothing grave"),
        pytest.param("ce n'est pas une arnaque", [], id="denied"),
        pytest.param("jamais reçu, arnaque", [("arnaque", Gravity.SCAM)], id="a comma ends a denial"),
        pytest.param("Jamais reçu. Arnaque.", [("arnaque", Gravity.SCAM)], id="a full stop ends a denial"),
        pytest.param("No answer… dangerous", [("dangerous", Gravity.SAFETY)], id="so do three dots"),
        pytest.param("not a scam at all", [], id="denied in English"),
    ],
)
def test_grave_words(text: str, found: list[tuple[str, Gravity]]) -> None:
    assert grave_words(text) == found


def test_a_word_is_grave_in_its_own_language_only() -> None:
    assert grave_words("I like this brand", "en") == []
    assert grave_words("Das Ladegerät fing an zu brennen: Brand in der Küche!", "de") != []
    assert grave_words("I wrote to the DGCCRF", "en") == [("dgccrf", Gravity.CONSUMER_AUTHORITY)]


@given(st.text())
def test_grave_words_take_any_text(text: str) -> None:
    for word, _ in grave_words(text):
        assert word


def test_the_most_a_story_can_weigh_is_a_hundred() -> None:
    worst = [Voice("arnaque danger avocat incendie plainte", 1, 0.0, 3, str(n), 30) for n in range(20)]
    assert assess(worst, threshold=0.5, refund_open=True).severity == 100
    assert severity.CRISIS_POINTS < 100
