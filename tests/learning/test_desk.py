"""When a shop learns, when what it learned is used, and how it is switched off, deleted and learned anew."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from feedback_service.clock import ManualClock
from feedback_service.db import Database
from feedback_service.learning import desk as learning
from feedback_service.learning.desk import EVERY, LearningDesk, model_of
from feedback_service.learning.models import ShopModel, State
from feedback_service.learning.scorers import ShopScorers
from feedback_service.privacy.erasure import erase
from feedback_service.privacy.person import Person
from feedback_service.sentiment.linear import LinearModel
from feedback_service.shops.models import AuditEntry, Shop
from feedback_service.surveys.models import Answer
from jobs import learn as job
from tests.support.builders import NOW, SECRET, make_customer, make_order, make_return, make_shop
from tests.support.lessons import add_answers, empty_lessons
from tests.support.voices import make_answer, make_sent_survey

BAD = "Ma guirlande grisouille"


def shop_with_answers(database: Database, count: int = 80, slug: str = "atelier") -> Shop:
    with database.writing() as session:
        shop = make_shop(session, slug)
        add_answers(session, shop, count)
        return shop


def model(database: Database, shop: Shop) -> ShopModel:
    with database.reading() as session:
        return model_of(session, shop.id)


def actions(database: Database) -> list[tuple[str, str]]:
    with database.reading() as session:
        rows = session.execute(sa.select(AuditEntry.action, AuditEntry.subject).order_by(AuditEntry.id))
        return [(action, subject) for action, subject in rows]


def test_a_shop_with_telling_texts_learns_and_what_it_learned_is_used(database: Database, desk: LearningDesk) -> None:
    shop = shop_with_answers(database)
    assert model(database, shop).state is State.NEW
    assert desk.learn_next(NOW)
    learned = model(database, shop)
    assert (learned.state, learned.is_used) == (State.USED, True)
    assert (learned.lessons, learned.negatives, learned.learned_at, learned.due_at) == (80, 40, NOW, NOW + EVERY)
    assert learned.auc is not None
    assert learned.base_auc is not None
    assert learned.auc > learned.base_auc
    assert (learned.claim, learned.attempts) == (None, 0)


def test_each_shop_learns_once_a_week(database: Database, desk: LearningDesk) -> None:
    for slug in ("first", "second"):
        shop_with_answers(database, 3, slug)
    assert [desk.learn_next(NOW) for _ in range(3)] == [True, True, False]
    assert not desk.learn_next(NOW + EVERY - timedelta(seconds=1))
    assert desk.learn_next(NOW + EVERY)


def test_too_few_texts_teach_nothing_and_are_counted(database: Database, desk: LearningDesk) -> None:
    shop = shop_with_answers(database, 59)
    desk.learn_next(NOW)
    found = model(database, shop)
    assert (found.state, found.weights, found.digest, found.auc) == (State.TOO_FEW, None, "", None)
    assert (found.lessons, found.negatives) == (59, 30)


def test_what_judges_no_better_is_kept_and_not_used(database: Database, desk: LearningDesk) -> None:
    with database.writing() as session:
        shop = make_shop(session)
        for lesson in empty_lessons(80):
            make_answer(session, shop, 1 if lesson.is_negative else 5, text=lesson.text)
    found = desk.learn_now(shop, NOW)
    assert (found.state, found.is_used) == (State.NOT_BETTER, False)
    assert found.weights is not None
    assert ShopScorers(database).scorer_for(shop).score(BAD).negative == pytest.approx(base(shop), abs=1e-4)


def base(shop: Shop) -> float:
    from feedback_service.sentiment.scorer import Scorer

    return Scorer(shop.languages).score(BAD).negative


def test_mentions_are_judged_with_new_weights_as_soon_as_they_are_there(database: Database, desk: LearningDesk) -> None:
    shop = shop_with_answers(database)
    scorers = ShopScorers(database)
    before = scorers.scorer_for(shop)
    assert scorers.scorer_for(shop) is before
    desk.learn_next(NOW)
    after = scorers.scorer_for(shop)
    assert after is not before
    assert scorers.scorer_for(shop) is after
    assert after.score(BAD).negative > before.score(BAD).negative + 0.1
    with database.writing() as session:
        for number in range(30):
            make_answer(session, shop, 5, text=f"Elle grisouille, et c'est joli, fois {number}")
    desk.learn_now(shop, NOW + timedelta(days=1))
    again = scorers.scorer_for(shop)
    assert again is not after
    assert again.score(BAD).negative < after.score(BAD).negative


def test_weights_of_another_form_are_not_used(database: Database, desk: LearningDesk) -> None:
    shop = shop_with_answers(database)
    desk.learn_next(NOW)
    with database.writing() as session:
        session.execute(sa.update(ShopModel).values(weights=b"no model", digest="another"))
    assert ShopScorers(database).scorer_for(shop).score(BAD).negative == pytest.approx(base(shop), abs=1e-4)


def test_the_weights_that_are_kept_judge_as_they_did(database: Database, desk: LearningDesk) -> None:
    shop = shop_with_answers(database)
    weights = desk.learn_now(shop, NOW).weights
    assert weights is not None
    assert LinearModel.from_bytes(weights).value(["grisouille"]) > LinearModel.from_bytes(weights).value(["rayonne"])


def test_switched_off_the_base_judges_while_the_shop_goes_on_learning(database: Database, desk: LearningDesk) -> None:
    shop = shop_with_answers(database)
    scorers = ShopScorers(database)
    desk.learn_next(NOW)
    with database.writing() as session:
        learning.switch(session, shop.id, is_on=False, now=NOW)
    assert (model(database, shop).state, model(database, shop).is_used) == (State.OFF, False)
    assert scorers.scorer_for(shop).score(BAD).negative == pytest.approx(base(shop), abs=1e-4)
    assert desk.learn_next(NOW + EVERY)
    assert (model(database, shop).state, model(database, shop).learned_at) == (State.OFF, NOW + EVERY)
    with database.writing() as session:
        learning.switch(session, shop.id, is_on=True, now=NOW)
    assert scorers.scorer_for(shop).score(BAD).negative > base(shop) + 0.1
    assert actions(database) == [("learning.off", f"shop:{shop.id}"), ("learning.on", f"shop:{shop.id}")]


def test_deleted_is_deleted_and_nothing_is_learned_until_it_is_switched_on(
    database: Database, desk: LearningDesk
) -> None:
    shop = shop_with_answers(database)
    desk.learn_next(NOW)
    with database.writing() as session:
        learning.forget(session, shop.id, NOW)
    gone = model(database, shop)
    assert (gone.state, gone.weights, gone.digest, gone.lessons, gone.auc, gone.learned_at) == (
        State.OFF, None, "", 0, None, None,
    )  # fmt: skip
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Answer)) == 80
    assert not desk.learn_next(NOW + 2 * EVERY)
    with database.writing() as session:
        learning.switch(session, shop.id, is_on=True, now=NOW)
    assert desk.learn_next(NOW)
    assert model(database, shop).is_used
    assert actions(database)[0] == ("learning.forgotten", f"shop:{shop.id}")


def test_a_shop_that_never_learned_can_be_told_not_to(database: Database, desk: LearningDesk) -> None:
    shop = shop_with_answers(database)
    with database.writing() as session:
        learning.forget(session, shop.id, NOW)
    assert model(database, shop).state is State.OFF
    assert not desk.learn_next(NOW)


def test_asked_to_learn_a_shop_does_so_at_the_next_run(database: Database, desk: LearningDesk) -> None:
    shop = shop_with_answers(database, 3)
    desk.learn_next(NOW)
    later = NOW + timedelta(hours=1)
    assert not desk.learn_next(later)
    with database.writing() as session:
        learning.learn_soon(session, shop.id, later)
    assert desk.learn_next(later)
    assert actions(database) == [("learning.asked", f"shop:{shop.id}")]


def test_erasing_a_person_drops_what_their_texts_taught_at_once(database: Database, desk: LearningDesk) -> None:
    shop = shop_with_answers(database)
    scorers = ShopScorers(database)
    with database.writing() as session:
        customer = make_customer(session, shop, "ines@example.com")
        returned = make_return(session, shop, make_order(session, shop, customer_id=customer.id))
        person = Person.of("ines@example.com", SECRET)
        survey = make_sent_survey(session, returned, NOW, recipient_key=person.key)
        make_answer(
            session, shop, 1, text="Elle grisouille, je suis déçue.", return_id=returned.id, invitation_id=survey.id
        )
    desk.learn_next(NOW)
    assert model(database, shop).lessons == 81
    later = NOW + timedelta(hours=1)
    with database.writing() as session:
        erase(session, person, [session.get_one(Shop, shop.id)], later)
    found = model(database, shop)
    assert (found.state, found.weights, found.digest, found.due_at) == (State.ERASED, None, "", later)
    assert scorers.scorer_for(shop).score(BAD).negative == pytest.approx(base(shop), abs=1e-4)
    assert desk.learn_next(later)
    assert (model(database, shop).state, model(database, shop).lessons) == (State.USED, 80)


def test_what_was_being_learned_while_a_text_was_erased_is_not_kept(database: Database) -> None:
    shop = shop_with_answers(database)

    class Interrupted(LearningDesk):
        def _learn(self, row: ShopModel, now: object) -> None:
            with database.writing() as session:
                learning.learn_anew(session, shop.id, NOW)
            super()._learn(row, now)  # type: ignore[arg-type]  # passed on as it came

    assert Interrupted(database).learn_next(NOW)
    assert model(database, shop).weights is None
    assert LearningDesk(database).learn_next(NOW)
    assert model(database, shop).is_used


def test_a_worker_that_died_is_followed_by_another_once_its_lease_is_over(database: Database) -> None:
    shop = shop_with_answers(database)

    class Dying(LearningDesk):
        def _learn(self, row: ShopModel, now: object) -> None:
            del row, now
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Dying(database).learn_next(NOW)
    desk = LearningDesk(database)
    assert not desk.learn_next(NOW + timedelta(minutes=14))
    assert desk.learn_next(NOW + timedelta(minutes=16))
    assert model(database, shop).is_used


def test_texts_that_end_the_program_again_and_again_are_left_alone(database: Database, desk: LearningDesk) -> None:
    shop = shop_with_answers(database)
    with database.writing() as session:
        learning.learn_soon(session, shop.id, NOW)
        session.execute(sa.update(ShopModel).values(attempts=3))
    desk.learn_next(NOW)
    assert model(database, shop).state is State.TOO_FEW
    with database.writing() as session:
        session.execute(sa.update(ShopModel).values(attempts=3))
    assert desk.learn_now(shop, NOW).is_used, "a person who asks starts anew"


def test_two_workers_let_each_shop_learn_once(database: Database) -> None:
    for slug in ("first", "second", "third"):
        shop_with_answers(database, 3, slug)
    start = threading.Barrier(2)
    learned: list[int] = []

    def work() -> None:
        own = LearningDesk(database)
        start.wait()
        count = 0
        while own.learn_next(NOW):
            count += 1
        learned.append(count)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(learned) == 3
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(ShopModel)) == 3


def test_the_job_lets_every_shop_learn_that_is_due(database: Database, settings: object, clock: ManualClock) -> None:
    from feedback_service.bootstrap import Services
    from feedback_service.settings import Settings

    assert isinstance(settings, Settings)
    for slug in ("first", "second"):
        shop_with_answers(database, 3, slug)
    services = Services(settings=settings, clock=clock, database=database)
    assert job.run(services) == 2
    assert job.run(services) == 0
    clock.advance(EVERY)
    services.stopping.set()
    assert job.run(services) == 0
