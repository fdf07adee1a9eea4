"""One answer per invitation, checked, masked, editable for a while; a low one wakes the story desk."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from feedback_service.bootstrap import Services
from feedback_service.clock import ManualClock
from feedback_service.errors import InvalidInputError, NotFoundError
from feedback_service.surveys.answers import AnswerDesk, AnswerIn
from feedback_service.surveys.models import Answer
from feedback_service.surveys.questions import OFFERED_REASONS, TEXT_LENGTH
from feedback_service.surveys.signs import Flag, Signs
from tests.support.builders import NOW
from tests.support.surveys import RecordingStoryDesk, invite, the_invitation

GOOD = AnswerIn(rating=5)


def record(services: Services, desk: AnswerDesk, token: str, answer_in: AnswerIn) -> None:
    """Record an answer at the clock's time, in a transaction of its own."""
    with services.database.writing() as session:
        desk.record(session, token, answer_in, services.clock.now())


def answers(services: Services) -> list[Answer]:
    """Return every answer that is stored."""
    with services.database.reading() as session:
        return list(session.scalars(sa.select(Answer)))


def test_answer_is_stored_with_its_return_and_masked_text(services: Services, desk: AnswerDesk) -> None:
    token = invite(services)
    text = "  Lampe cassée, appelez le 06 12 34 56 78  "
    record(services, desk, token, AnswerIn(rating=4, effort=6, reasons=("other", "defective"), text=text))
    (answer,) = answers(services)
    assert (answer.rating, answer.effort, answer.language) == (4, 6, "fr")
    assert answer.reasons == ["defective", "other"]
    assert answer.text == "Lampe cassée, appelez le [phone]"
    assert answer.return_id is not None
    with services.database.reading() as session:
        assert the_invitation(session, token).answered_at == NOW


@pytest.mark.parametrize(
    ("answer_in", "field"),
    [
        pytest.param(AnswerIn(rating=None, text="x"), "rating", id="no rating"),
        pytest.param(AnswerIn(rating=0), "rating", id="rating 0"),
        pytest.param(AnswerIn(rating=6), "rating", id="rating 6"),
        pytest.param(AnswerIn(rating=3, effort=8), "effort", id="effort 8"),
        pytest.param(AnswerIn(rating=3, effort=0), "effort", id="effort 0"),
        pytest.param(AnswerIn(rating=3, reasons=("defective", "nonsense")), "reasons", id="unknown reason"),
        pytest.param(AnswerIn(rating=3, reasons=("unauthorised",)), "reasons", id="reason not offered"),
        pytest.param(AnswerIn(rating=3, text="x" * (TEXT_LENGTH + 1)), "text", id="long text"),
    ],
)
def test_what_is_no_answer_is_refused_with_the_field_at_fault(
    services: Services, desk: AnswerDesk, answer_in: AnswerIn, field: str
) -> None:
    token = invite(services)
    with pytest.raises(InvalidInputError) as refused:
        record(services, desk, token, answer_in)
    assert refused.value.field == field
    assert answers(services) == []


def test_longest_text_and_every_offered_reason_are_taken(services: Services, desk: AnswerDesk) -> None:
    reasons = tuple(reason.value for reason in OFFERED_REASONS)
    record(services, desk, invite(services), AnswerIn(rating=3, reasons=reasons, text="é" * TEXT_LENGTH))
    assert answers(services)[0].reasons == list(reasons)


@pytest.mark.parametrize(("rating", "told"), [(1, [1]), (2, [2]), (3, []), (5, [])])
def test_low_rating_is_told_to_the_story_desk(
    services: Services, desk: AnswerDesk, story_desk: RecordingStoryDesk, rating: int, told: list[int]
) -> None:
    record(services, desk, invite(services), AnswerIn(rating=rating))
    assert story_desk.ratings == told


def test_rating_edited_down_is_told_once(services: Services, desk: AnswerDesk, story_desk: RecordingStoryDesk) -> None:
    token = invite(services)
    for rating in (5, 2, 2, 1):
        record(services, desk, token, AnswerIn(rating=rating))
    assert story_desk.ratings == [2]


def test_story_desk_that_fails_takes_the_answer_back(services: Services) -> None:
    token = invite(services)

    def fail(*_: object) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        record(services, AnswerDesk(fail, timedelta(hours=1)), token, AnswerIn(rating=1))
    assert answers(services) == []


def test_answer_may_be_edited_for_an_hour_and_then_never_again(
    services: Services, desk: AnswerDesk, clock: ManualClock
) -> None:
    token = invite(services)
    record(services, desk, token, GOOD)
    clock.advance(timedelta(minutes=59))
    record(services, desk, token, AnswerIn(rating=3, text="Finalement non"))
    (answer,) = answers(services)
    assert (answer.rating, answer.text) == (3, "Finalement non")
    assert (answer.created_at, answer.updated_at) == (NOW, clock.now())
    clock.advance(timedelta(minutes=1))
    with pytest.raises(NotFoundError):
        record(services, desk, token, GOOD)


def test_same_answer_sent_twice_is_one_answer(services: Services, desk: AnswerDesk) -> None:
    token = invite(services)
    record(services, desk, token, GOOD)
    record(services, desk, token, GOOD)
    assert len(answers(services)) == 1


def test_answers_sent_at_once_are_one_answer(
    services: Services, desk: AnswerDesk, story_desk: RecordingStoryDesk
) -> None:
    token = invite(services)
    start = threading.Barrier(4)

    def work() -> None:
        start.wait()
        record(services, desk, token, AnswerIn(rating=1))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers(services)) == 1
    assert story_desk.ratings == [1]


def test_wrong_expired_and_used_tokens_are_refused_alike(
    services: Services, desk: AnswerDesk, clock: ManualClock
) -> None:
    token = invite(services)
    sentences = set()
    with pytest.raises(NotFoundError) as wrong:
        record(services, desk, "wrong", GOOD)
    sentences.add(str(wrong.value))
    clock.advance(timedelta(days=30))
    with pytest.raises(NotFoundError) as expired:
        record(services, desk, token, GOOD)
    sentences.add(str(expired.value))
    assert len(sentences) == 1


def test_erased_answer_cannot_be_given_again(services: Services, desk: AnswerDesk) -> None:
    token = invite(services)
    record(services, desk, token, GOOD)
    with services.database.writing() as session:
        session.execute(sa.update(Answer).values(invitation_id=None))
    with pytest.raises(NotFoundError):
        record(services, desk, token, GOOD)


def test_flags_are_kept_beside_the_answer_and_filter_nothing(
    services: Services, desk: AnswerDesk, story_desk: RecordingStoryDesk
) -> None:
    token = invite(services)
    record(services, desk, token, AnswerIn(rating=1, signs=Signs(NOW, hidden_field=True)))
    record(services, desk, token, AnswerIn(rating=1, signs=Signs(NOW - timedelta(minutes=2), hidden_field=False)))
    assert answers(services)[0].flags == [Flag.HIDDEN_FIELD, Flag.TOO_FAST]
    assert story_desk.ratings == [1]


def test_answer_within_seconds_of_the_mail_is_flagged(services: Services, desk: AnswerDesk) -> None:
    token = invite(services)
    with services.database.writing() as session:
        mail = the_invitation(session, token).mail
        assert mail
        mail.sent_at = NOW - timedelta(seconds=2)
    record(services, desk, token, AnswerIn(rating=1, signs=Signs(NOW - timedelta(seconds=9), hidden_field=False)))
    assert answers(services)[0].flags == [Flag.SOON_AFTER_MAIL]
