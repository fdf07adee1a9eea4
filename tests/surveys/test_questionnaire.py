"""What a shop asks: switched, ordered and worded by the shop, and never changed behind an answer's back."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from feedback_service.bootstrap import Services
from feedback_service.clock import ManualClock
from feedback_service.errors import InvalidInputError, NotFoundError
from feedback_service.returns.reasons import Reason
from feedback_service.shops.models import AuditEntry, Shop
from feedback_service.surveys import versions
from feedback_service.surveys.answers import AnswerDesk, AnswerIn
from feedback_service.surveys.models import Answer, StoredQuestionnaire
from feedback_service.surveys.questionnaire import (
    LONGEST_WORDS,
    OPTIONAL,
    SHIPPED,
    Questionnaire,
    checked,
    from_json,
    to_json,
)
from feedback_service.surveys.questions import Item, Survey
from feedback_service.surveys.versions import Questionnaires
from feedback_service.surveys.wording import first_question, reason_label, worded
from tests.support.builders import NOW, make_shop
from tests.support.surveys import invite

OWN = Questionnaire(
    optional=(Item.TEXT, Item.REASONS),
    reasons=("own:too-heavy", "defective", "other"),
    words={
        "fr": {"rating": "Alors, ce retour chez %(shop)s ?", "reasons.own:too-heavy": "Trop lourd"},
        "de": {"reasons.defective": "Kaputt"},
    },
)


def ask(services: Services, questionnaire: Questionnaire) -> Questionnaire:
    """Make `questionnaire` what the one shop asks."""
    with services.database.writing() as session:
        shop_id = session.scalars(sa.select(Shop.id)).one()
        return versions.keep(session, shop_id, questionnaire, services.clock.now())


def the_answer(services: Services) -> Answer:
    """Return the one answer."""
    with services.database.reading() as session:
        return session.scalars(sa.select(Answer)).one()


def give(services: Services, desk: AnswerDesk, token: str, answer_in: AnswerIn) -> None:
    """Record an answer."""
    with services.database.writing() as session:
        desk.record(session, token, answer_in, services.clock.now())


def test_shipped_questionnaire_asks_five_questions_and_the_rating_first() -> None:
    questions = worded(SHIPPED, Survey.RETURN, "en", "Atelier Lumen")
    assert [question.name for question in questions] == ["rating", "effort", "reasons", "text", "contact"]
    assert questions[1].text == "Atelier Lumen made it easy for me to return my item."
    assert first_question(SHIPPED, Survey.RETURN, "fr", "X").is_required
    assert [getattr(question, "is_required", False) for question in questions] == [True, False, False, False, False]


def test_periodic_survey_asks_for_the_recommendation_from_0_to_10() -> None:
    questions = worded(SHIPPED, Survey.PERIODIC, "en", "Atelier Lumen")
    assert [question.name for question in questions] == ["nps", "text", "contact"]
    first = first_question(SHIPPED, Survey.PERIODIC, "en", "Atelier Lumen")
    assert list(first.values) == list(range(11))
    assert first.text == "How likely are you to recommend Atelier Lumen to a friend or colleague?"


def test_another_reason_stands_last_wherever_a_file_puts_it() -> None:
    assert checked(replace(SHIPPED, reasons=("other", "late", "defective"))).reasons == ("late", "defective", "other")


def test_own_words_win_in_their_language_and_ours_stay_in_the_others() -> None:
    assert first_question(OWN, Survey.RETURN, "fr", "Lumen").text == "Alors, ce retour chez Lumen ?"
    assert first_question(OWN, Survey.RETURN, "en", "Lumen").text.startswith("Overall, how satisfied")
    assert [question.name for question in worded(OWN, Survey.RETURN, "fr", "Lumen")] == ["rating", "text", "reasons"]


def test_own_reason_reads_in_a_language_that_it_has_where_the_readers_is_missing() -> None:
    assert reason_label(OWN, "own:too-heavy", "en") == "Trop lourd"
    assert reason_label(OWN, "own:gone-long-ago", "en") == "gone-long-ago"
    assert reason_label(OWN, "defective", "de") == "Kaputt"
    assert reason_label(OWN, "defective", "fr") == reason_label(SHIPPED, "defective", "fr")


def test_no_break_spaces_of_french_typography_stay_and_line_breaks_become_spaces() -> None:
    words = {"fr": {"rating": " Alors,\r\n ce retour\u202f?\t", "text": "\u00ab\u00a0Oui\u00a0\u00bb"}}
    kept = checked(replace(SHIPPED, words=words)).words["fr"]
    assert kept == {"rating": "Alors, ce retour\u202f?", "text": "\u00ab\u00a0Oui\u00a0\u00bb"}


def test_percent_signs_and_braces_in_own_words_are_only_text() -> None:
    odd = replace(OWN, words={"fr": {"rating": "100 % {x} %(what)s %(shop)s"}})
    assert first_question(odd, Survey.RETURN, "fr", "A%sB").text == "100 % {x} %(what)s A%sB"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        pytest.param(replace(OWN, optional=(Item.RATING,)), "items", id="the rating is never optional"),
        pytest.param(replace(OWN, optional=(Item.NPS,)), "items", id="no NPS after a return"),
        pytest.param(replace(OWN, optional=(Item.TEXT, Item.TEXT)), "items", id="one question twice"),
        pytest.param(replace(OWN, reasons=()), "reasons", id="no reason"),
        pytest.param(replace(OWN, reasons=("other", "other")), "reasons", id="one reason twice"),
        pytest.param(replace(OWN, reasons=("unknown",)), "reasons", id="no reason given is none"),
        pytest.param(replace(OWN, reasons=("own:Big One",)), "reasons", id="a code of other letters"),
        pytest.param(replace(OWN, reasons=("own:silent",)), "reasons", id="own reason without words"),
        pytest.param(
            replace(OWN, reasons=tuple(reason.value for reason in Reason if reason.value != "unknown")),
            "reasons",
            id="too many reasons",
        ),
        pytest.param(replace(OWN, words={"fr": {"tarot": "x"}}, reasons=("other",)), "words", id="unknown words"),
        pytest.param(replace(OWN, words={"../fr": {"text": "x"}}, reasons=("other",)), "words", id="no language"),
        pytest.param(
            replace(OWN, words={"fr": {"rating": "x" * (LONGEST_WORDS + 1)}}, reasons=("other",)), "rating", id="long"
        ),
        pytest.param(
            replace(OWN, words={"fr": {"text": "a\x00b"}}, reasons=("other",)), "text", id="control characters"
        ),
    ],
)
def test_what_cannot_be_asked_is_refused_with_the_field_at_fault(wrong: Questionnaire, field: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        checked(wrong)
    assert refused.value.field == field


@given(
    optional=st.lists(st.sampled_from(OPTIONAL), unique=True).map(tuple),
    reasons=st.lists(st.sampled_from(["defective", "late", "other", "style"]), min_size=1, unique=True).map(tuple),
    words=st.dictionaries(
        st.sampled_from(["fr", "en", "de"]),
        st.dictionaries(st.sampled_from(["rating", "text.hint"]), st.text("abé ?%")),
    ),
)
def test_whatever_is_kept_reads_back_the_same_and_blank_words_are_left_out(
    optional: tuple[Item, ...], reasons: tuple[str, ...], words: dict[str, dict[str, str]]
) -> None:
    kept = checked(Questionnaire(optional=optional, reasons=reasons, words=words))
    assert from_json(to_json(kept), 0) == kept
    assert all(text.strip() for own in kept.words.values() for text in own.values())
    questions = worded(kept, Survey.RETURN, "fr", "Lumen")
    assert [question.name for question in questions] == ["rating", *optional]
    assert len(questions) <= 5
    assert all(question.text for question in questions)


def test_each_change_is_a_version_of_its_own_and_no_change_is_none(services: Services) -> None:
    with services.database.writing() as session:
        make_shop(session)
    assert ask(services, SHIPPED).version == 0
    assert ask(services, OWN).version == 1
    assert ask(services, OWN).version == 1
    assert ask(services, SHIPPED).version == 2
    with services.database.reading() as session:
        rows = session.scalars(sa.select(StoredQuestionnaire).order_by(StoredQuestionnaire.version)).all()
        assert [row.version for row in rows] == [1, 2]
        assert session.scalar(sa.select(sa.func.count()).where(AuditEntry.action == "survey.changed")) == 2
        shop = session.scalars(sa.select(Shop)).one()
        shelf = Questionnaires()
        assert shelf.current(session, shop) == replace(SHIPPED, version=2)
        assert shelf.of(session, shop.id, 1) == replace(OWN, version=1)
        with pytest.raises(NotFoundError):
            shelf.of(session, shop.id, 3)


def test_questionnaire_that_is_known_is_not_read_again(services: Services) -> None:
    with services.database.writing() as session:
        make_shop(session)
    ask(services, OWN)
    statements: list[str] = []
    shelf = Questionnaires()
    with services.database.reading() as session:
        shop = session.scalars(sa.select(Shop)).one()
        first = shelf.current(session, shop)
        sa.event.listen(
            services.database.engine, "before_cursor_execute", lambda *seen: statements.append(str(seen[2]))
        )
        session.expunge_all()
        assert shelf.current(session, shop) is first
    assert statements == []


def test_answer_keeps_the_version_it_was_given_to_and_a_later_one_does_not_change_it(
    services: Services, desk: AnswerDesk, clock: ManualClock
) -> None:
    token = invite(services)
    ask(services, OWN)
    give(services, desk, token, AnswerIn(rating=2, effort=7, reasons=("own:too-heavy",), is_contact_permitted=True))
    answer = the_answer(services)
    # The questions that were not asked stay unanswered, whatever the form held.
    assert (answer.questionnaire_version, answer.rating, answer.effort) == (1, 2, None)
    assert (answer.reasons, answer.contact_permitted_at) == (["own:too-heavy"], None)
    clock.advance(timedelta(days=3))
    ask(services, replace(OWN, reasons=("other",), words={}))
    answer = the_answer(services)
    with services.database.reading() as session:
        asked = services.questionnaires.of(session, answer.shop_id, answer.questionnaire_version)
    assert reason_label(asked, answer.reasons[0], "fr") == "Trop lourd"


def test_form_that_was_open_during_a_change_is_read_by_the_version_it_shows(
    services: Services, desk: AnswerDesk
) -> None:
    token = invite(services)
    ask(services, OWN)
    ask(services, replace(OWN, reasons=("other",), words={}))
    give(services, desk, token, AnswerIn(rating=2, reasons=("own:too-heavy",), version=1))
    assert the_answer(services).reasons == ["own:too-heavy"]
    with pytest.raises(InvalidInputError):
        give(services, desk, token, AnswerIn(rating=2, reasons=("own:too-heavy",), version=2))


@pytest.mark.parametrize("version", [-1, 2, 99, 2**40])
def test_version_that_the_shop_never_had_counts_as_the_present_one(
    services: Services, desk: AnswerDesk, version: int
) -> None:
    token = invite(services)
    ask(services, OWN)
    give(services, desk, token, AnswerIn(rating=2, version=version))
    assert the_answer(services).questionnaire_version == 1


def test_other_reason_is_masked_and_means_the_reason_other(services: Services, desk: AnswerDesk) -> None:
    token = invite(services)
    give(services, desk, token, AnswerIn(rating=3, reasons=("late",), other_reason=" Écrire à a@example.com "))
    answer = the_answer(services)
    assert (answer.reasons, answer.other_reason) == (["late", "other"], "Écrire à [e-mail]")
    with pytest.raises(InvalidInputError) as refused:
        give(services, desk, token, AnswerIn(rating=3, other_reason="x" * 201))
    assert refused.value.field == "other_reason"


def test_permission_to_write_back_keeps_its_first_moment_and_can_be_taken_back(
    services: Services, desk: AnswerDesk, clock: ManualClock
) -> None:
    token = invite(services)
    give(services, desk, token, AnswerIn(rating=3, is_contact_permitted=True))
    clock.advance(timedelta(minutes=5))
    give(services, desk, token, AnswerIn(rating=4, is_contact_permitted=True))
    assert the_answer(services).contact_permitted_at == NOW
    give(services, desk, token, AnswerIn(rating=4))
    assert the_answer(services).contact_permitted_at is None
