"""The page on which a manager sets the surveys: what is asked and when, previews, tests, and trials of subjects."""

import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from feedback_service.app import create_app
from feedback_service.bootstrap import Services
from feedback_service.db import Base
from feedback_service.mail.models import Audience, OutboxMail
from feedback_service.shops.models import AuditEntry, Role, Shop
from feedback_service.surveys.models import Answer, Invitation, SubjectTrial
from feedback_service.surveys.previews import VALID, Preview, preview_token
from feedback_service.surveys.questionnaire import SHIPPED, Questionnaire
from feedback_service.surveys.questions import Item, Survey
from feedback_service.tables import metadata
from tests.support.builders import make_shop
from tests.support.staff import Visitor
from tests.web_managers.conftest import EMAIL, SignIn

PAGE = "/surveys/atelier"
ALL_ON = {"item.effort": "1", "item.reasons": "2", "item.text": "3", "item.contact": "4"}
REASONS = {f"reason.{code}": str(place) for place, code in enumerate(SHIPPED.reasons, 1)}


@pytest.fixture
def manager(services: Services, sign_in: SignIn) -> Visitor:
    """A manager of the one shop, signed in."""
    with services.database.writing() as session:
        shop = make_shop(session, language="en")
    return Visitor(sign_in(shop))


def asked(services: Services) -> Questionnaire:
    """Return what the one shop asks now."""
    with services.database.reading() as session:
        return services.questionnaires.current(session, session.scalars(sa.select(Shop)).one())


def rows(services: Services) -> dict[str, int]:
    """Count the rows of every table but those of the audit and the session."""
    with services.database.reading() as session:
        return {
            table.name: session.scalar(sa.select(sa.func.count()).select_from(table)) or 0
            for table in metadata.sorted_tables
        }


def test_page_shows_what_is_asked_and_when(manager: Visitor) -> None:
    assert manager.get("/surveys").location == PAGE
    page = manager.read(PAGE)
    assert "What do we ask, and when?" in page
    assert 'placeholder="Atelier Lumen made it easy for me to return my item."' in page
    assert 'name="quarantine_days" value="90"' in page
    assert '<a href="/surveys" aria-current="page">' in page


@pytest.mark.parametrize(("role", "status"), [(Role.AGENT, 403), (Role.MANAGER, 200), (Role.ADMIN, 200)])
def test_page_is_for_managers(services: Services, sign_in: SignIn, role: Role, status: int) -> None:
    with services.database.writing() as session:
        shop = make_shop(session)
    assert sign_in(shop, role=role).get(PAGE).status_code == status


def test_other_shops_do_not_exist(services: Services, manager: Visitor) -> None:
    with services.database.writing() as session:
        make_shop(session, "maison")
    assert manager.get("/surveys/maison").status_code == 404
    for target in ("questions", "terms", "preview", "test", "trials", "trials/1/end"):
        assert manager.press(PAGE, f"/surveys/maison/{target}").status_code == 404


def test_questions_are_switched_ordered_and_worded_in_one_language(services: Services, manager: Visitor) -> None:
    form = ALL_ON | {"item.effort": "0", "item.text": "1", "language": "en", "words.rating": "  All well,  then? "}
    form |= REASONS | {"reason.defective": "1", "reason.too_small": "5", "reason.late": "0"}
    form |= {"new_reason.1": "Too heavy", "words.reasons.defective": "It was broken"}
    assert manager.press(PAGE, f"{PAGE}/questions", **form).status_code == 303
    now = asked(services)
    assert now.version == 1
    assert now.optional == (Item.TEXT, Item.REASONS, Item.CONTACT)
    assert now.own_words("rating", "en") == "All well, then?"
    assert now.own_words("rating", "fr") == ""
    assert now.reasons[0] == "defective"
    assert now.reasons[-2:] == ("own:too-heavy", "other")
    assert "late" not in now.reasons
    assert now.own_words("reasons.own:too-heavy", "en") == "Too heavy"
    page = manager.read(f"{PAGE}?language=en")
    assert 'value="All well, then?"' in page
    assert "Too heavy" in page
    assert "All well" not in manager.read(f"{PAGE}?language=fr")


def test_words_of_one_language_leave_those_of_the_others(services: Services, manager: Visitor) -> None:
    for language, words in (("en", "Well?"), ("fr", "Alors ?")):
        form = ALL_ON | REASONS | {"language": language, "words.rating": words}
        manager.press(PAGE, f"{PAGE}/questions", **form)
    assert (asked(services).own_words("rating", "en"), asked(services).own_words("rating", "fr")) == (
        "Well?",
        "Alors ?",
    )


def test_saving_without_a_change_makes_no_version(services: Services, manager: Visitor) -> None:
    manager.press(PAGE, f"{PAGE}/questions", **ALL_ON, **REASONS, language="en")
    assert asked(services) is SHIPPED


def test_what_cannot_be_asked_is_shown_again_with_what_was_sent(services: Services, manager: Visitor) -> None:
    form = ALL_ON | {"language": "en", "words.rating": "Kept in the form", "reason.late": "0"}
    response = manager.press(PAGE, f"{PAGE}/questions", **form)
    assert response.status_code == 422
    assert "One to 12 reasons can be offered" in response.text
    assert 'value="Kept in the form"' in response.text
    assert asked(services) is SHIPPED


TERMS = {
    "surveys_enabled": "true", "survey_delay_hours": "24", "survey_window_hours": "24", "daytime_from": "9",
    "daytime_until": "20", "quarantine_days": "90", "reminder_days": "5", "nps_every_days": "90",
}  # fmt: skip


def test_terms_are_changed_and_noted(services: Services, manager: Visitor) -> None:
    manager.press(PAGE, f"{PAGE}/terms", **TERMS | {"reminder_days": "0", "nps_enabled": "true"})
    with services.database.reading() as session:
        shop = session.scalars(sa.select(Shop)).one()
        assert (shop.reminder_days, shop.nps_enabled, shop.surveys_enabled) == (0, True, True)
        note = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "shop.changed")).one()
        assert note.detail == "nps_enabled, reminder_days"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"reminder_days": "3"}, "a day from 4 to 7"),
        ({"quarantine_days": "-1"}, "is not between"),
        ({"survey_delay_hours": "soon"}, "is not a number"),
        ({"daytime_from": ""}, "is not a number"),
    ],
    ids=str,
)
def test_terms_that_make_no_sense_change_nothing(
    services: Services, manager: Visitor, wrong: dict[str, str], words: str
) -> None:
    response = manager.press(PAGE, f"{PAGE}/terms", **TERMS | {"survey_window_hours": "48"} | wrong)
    assert response.status_code == 422
    assert words in response.text
    with services.database.reading() as session:
        assert session.scalars(sa.select(Shop.survey_window_hours)).one() == 24


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("page", "Well, then, Atelier Lumen?"),
        ("mail", "Well, then, Atelier Lumen?"),
        ("reminder", "This is our only reminder"),
        ("periodic-page", "How likely are you to recommend Atelier Lumen"),
        ("periodic-mail", "How likely are you to recommend Atelier Lumen"),
    ],
)
def test_preview_shows_what_stands_in_the_form_and_stores_nothing(
    services: Services, manager: Visitor, what: str, words: str
) -> None:
    before = rows(services)
    form = ALL_ON | REASONS | {"language": "en", "words.rating": "Well, then, %(shop)s?", "what": what}
    response = manager.press(PAGE, f"{PAGE}/preview", **form)
    assert response.status_code == 200
    assert words in response.text
    assert rows(services) == before
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "script-src" not in policy or what.endswith("page")
    if what.endswith("page"):
        assert "Preview: nothing you do here is stored." in response.text


def test_preview_of_what_cannot_be_asked_says_why(manager: Visitor) -> None:
    response = manager.press(PAGE, f"{PAGE}/preview", **ALL_ON, language="en", what="page")
    assert response.status_code == 422


@pytest.mark.parametrize(
    ("what", "kind"), [("survey", "survey"), ("reminder", "survey_reminder"), ("periodic", "survey_periodic")]
)
def test_test_is_a_real_mail_to_the_manager_whose_link_opens_a_preview_that_stores_nothing(
    services: Services, manager: Visitor, what: str, kind: str
) -> None:
    manager.press(PAGE, f"{PAGE}/test", what=what, language="en")
    with services.database.reading() as session:
        mail = session.scalars(sa.select(OutboxMail)).one()
    assert (mail.recipient, mail.kind, mail.audience) == (EMAIL, kind, Audience.CUSTOMER)
    assert mail.subject.startswith("[Test] ")
    link = re.search(r"http://localhost(/s/preview-\S+)\?r=3", mail.text or "")
    assert link
    before = rows(services)
    customer = create_app(services).test_client()
    page = customer.get(f"{link[1]}?r=3")
    assert page.status_code == 200
    assert "Preview: nothing you do here is stored." in page.text
    assert re.search(r'value="3" checked', page.text)
    posted = customer.post(link[1], data={"rating": "1", "nps": "0", "text": "Never again"})
    assert (posted.status_code, posted.location) == (303, f"{link[1]}/thanks")
    assert "Thank you" in customer.get(posted.location).text
    unsubscribe = link[1].replace("/s/", "/u/")
    assert f"<http://localhost{unsubscribe}>" in mail.headers["List-Unsubscribe"]
    assert customer.get(unsubscribe).status_code == 200
    assert customer.post(unsubscribe, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert rows(services) == before


def test_link_of_a_preview_that_is_forged_or_old_shows_nothing(services: Services, manager: Visitor) -> None:
    del manager
    customer = create_app(services).test_client()
    now = services.clock.now()
    good = preview_token(services.secret, Preview(1, Survey.RETURN, "en"), now)
    wrong = [
        good.replace("preview-1", "preview-2"),
        good[:-1] + ("0" if good[-1] != "0" else "1"),
        good.replace("-en-", "-fr-"),
        preview_token(services.secret, Preview(99, Survey.RETURN, "en"), now),
        preview_token(services.secret, Preview(1, Survey.RETURN, "en"), now - VALID),
        "preview-",
        "preview-1-return-en-99999999999-" + "0" * 32,
    ]
    assert customer.get(f"/s/{good}").status_code == 200
    for token in wrong:
        for path in (f"/s/{token}", f"/s/{token}/thanks", f"/u/{token}"):
            assert customer.get(path).status_code == 404, path
        assert customer.post(f"/s/{token}", data={"rating": "3"}).status_code == 404


def test_trial_says_before_it_begins_how_many_surveys_it_needs_and_ends(services: Services, manager: Visitor) -> None:
    page = manager.read(PAGE)
    assert "10 points: needs 294 surveys with each subject" in page
    manager.press(PAGE, f"{PAGE}/trials", subject_a="Your return", subject_b="How did it go?", plan="1", language="en")
    with services.database.reading() as session:
        trial = session.scalars(sa.select(SubjectTrial)).one()
    assert (trial.per_subject, trial.language, trial.ended_at) == (294, "en", None)
    page = manager.read(PAGE)
    assert "No verdict yet: it needs 294 surveys with each subject" in page
    assert "Begin the trial" not in page
    again = manager.press(PAGE, f"{PAGE}/trials", subject_a="x", subject_b="y", plan="1", language="en")
    assert again.status_code == 422
    manager.press(PAGE, f"{PAGE}/trials/{trial.id}/end", language="en")
    assert "Ended too early" in manager.read(PAGE)
    same = manager.press(PAGE, f"{PAGE}/trials", subject_a=" x ", subject_b="x", plan="0", language="en")
    assert same.status_code == 422


HOSTILE: list[dict[str, Any]] = [
    {"language": "../../etc", "words.rating": "x"},
    {"language": "en", "item.effort": "9" * 400, "reason.late": "²"},
    {"language": "en", "words.tarot": "x"},
    {"language": "en", "words.rating": "x" * 5000},
    {"language": "en", "words.rating": "a\x00b"},
    {"language": "en", "new_reason.1": "!!!", "new_reason.2": "!!!"},
    {"language": "en", "what": "nonsense", "plan": "-7", "subject_a": "\r\nBcc: x", "subject_b": "y"},
    {"language": "en", "plan": "99999999999999999999", "subject_a": "<b>", "subject_b": "y"},
]


@pytest.mark.parametrize("form", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_forms_are_refused_in_words_or_taken_as_text(manager: Visitor, form: dict[str, Any]) -> None:
    for target in ("questions", "terms", "preview", "test", "trials"):
        response = manager.press(PAGE, f"{PAGE}/{target}", **(ALL_ON | REASONS | form))
        assert response.status_code < 500
    page = manager.get(PAGE).text
    assert "<b>" not in page
    assert "<script>" not in page


def test_answer_to_a_preview_is_in_no_table(services: Services, manager: Visitor) -> None:
    del manager
    token = preview_token(services.secret, Preview(1, Survey.RETURN, "en"), services.clock.now() + timedelta(days=1))
    create_app(services).test_client().post(f"/s/{token}", data={"rating": "1"})
    with services.database.reading() as session:
        tables: tuple[type[Base], ...] = (Answer, Invitation)
        assert [session.scalar(sa.select(sa.func.count()).select_from(table)) for table in tables] == [0, 0]
