"""The survey page by HTTP (R20, R31, R33-R35, R42, R45)."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st

from feedback_service.bootstrap import Services
from feedback_service.clock import ManualClock
from feedback_service.mail.models import OutboxMail
from feedback_service.surveys.models import Answer, Invitation
from feedback_service.surveys.questions import OFFERED_REASONS
from feedback_service.surveys.signs import Flag
from feedback_service.web.customer import HEADERS
from feedback_service.web.rendering import static
from tests.support.builders import NOW
from tests.support.surveys import invite, the_invitation

# The one script there is: a file of ours.
SCRIPT = f'<script src="{static("customer.js")}" defer>'


def answers(services: Services) -> list[Answer]:
    """Return every answer that is stored."""
    with services.database.reading() as session:
        return list(session.scalars(sa.select(Answer)))


def checked(html: str, name: str) -> list[str]:
    """Return the values of the checked inputs of that name."""
    inputs = re.findall(r"<input[^>]*>", html)
    return [
        found[1]
        for element in inputs
        if f'name="{name}"' in element and re.search(r"\bchecked\b", element)
        if (found := re.search(r'value="([^"]*)"', element))
    ]


def stamp_of(html: str) -> str:
    found = re.search(r'name="stamp" value="([^"]+)"', html)
    assert found
    return found[1]


def test_every_link_of_the_mail_opens_the_page_with_its_rating_and_stores_nothing(
    services: Services, client: FlaskClient
) -> None:
    invite(services)
    with services.database.reading() as session:
        text = session.scalars(sa.select(OutboxMail.text)).one()
        before = session.execute(sa.select(Invitation.__table__)).all()
    links = re.findall(r"https://feedback\.example\.com(/s/\S+)", text or "")
    assert len(links) == 5
    for rating, link in enumerate(links, start=1):
        assert client.head(link).status_code == 200
        response = client.get(link)
        assert response.status_code == 200
        assert checked(response.text, "rating") == [str(rating)]
    assert answers(services) == []
    with services.database.reading() as session:
        assert session.execute(sa.select(Invitation.__table__)).all() == before


@pytest.mark.parametrize("query", ["", "?r=0", "?r=6", "?r=x", "?r=", "?r=4.5", "?r=%00"])
def test_no_rating_is_selected_where_the_link_names_none(services: Services, client: FlaskClient, query: str) -> None:
    response = client.get(f"/s/{invite(services)}{query}")
    assert response.status_code == 200
    assert checked(response.text, "rating") == []


def test_answer_leads_to_thanks_and_is_stored(services: Services, client: FlaskClient, clock: ManualClock) -> None:
    token = invite(services)
    stamp = stamp_of(client.get(f"/s/{token}?r=4").text)
    clock.advance(timedelta(seconds=20))
    form = {"rating": "4", "effort": "6", "reasons": ["too_small", "late"], "text": "a\r\nb", "stamp": stamp}
    response = client.post(f"/s/{token}", data=form)
    assert (response.status_code, response.location) == (303, f"/s/{token}/thanks")
    (answer,) = answers(services)
    assert (answer.rating, answer.effort, answer.reasons, answer.text) == (4, 6, ["too_small", "late"], "a\nb")
    assert answer.flags == []
    assert client.get(response.location).status_code == 200


def test_reload_and_double_click_are_one_answer(services: Services, client: FlaskClient) -> None:
    token = invite(services)
    for _ in range(3):
        assert client.post(f"/s/{token}", data={"rating": "5"}).status_code == 303
    assert len(answers(services)) == 1


@pytest.mark.parametrize("rating", [None, "", "0", "6", "x", "4.0", "²"])
def test_missing_rating_is_asked_for_again_with_the_input_kept(
    services: Services, client: FlaskClient, rating: str | None
) -> None:
    token = invite(services, "en")
    form = {"effort": "2", "reasons": ["defective"], "text": 'It broke & I said "no"'} | (
        {} if rating is None else {"rating": rating}
    )
    response = client.post(f"/s/{token}", data=form)
    assert response.status_code == 422
    assert 'role="alert"' in response.text
    assert 'href="#rating-1"' in response.text
    assert "Please choose a number from 1 to 5." in response.text
    assert checked(response.text, "effort") == ["2"]
    assert checked(response.text, "reasons") == ["defective"]
    assert "It broke &amp; I said &#34;no&#34;</textarea>" in response.text
    assert answers(services) == []


def test_text_that_is_too_long_is_kept_and_explained(services: Services, client: FlaskClient) -> None:
    token = invite(services, "en")
    text = "long " * 500
    response = client.post(f"/s/{token}", data={"rating": "3", "text": text})
    assert response.status_code == 422
    assert "keep it under 2000 characters" in response.text
    assert text in response.text
    assert 'aria-invalid="true"' in response.text


def test_line_ends_of_the_browser_do_not_count_twice(services: Services, client: FlaskClient) -> None:
    text = "ab\r\n" * 666
    assert client.post(f"/s/{invite(services)}", data={"rating": "3", "text": text}).status_code == 303


def test_answer_may_be_changed_for_an_hour(services: Services, client: FlaskClient, clock: ManualClock) -> None:
    token = invite(services, "en")
    client.post(f"/s/{token}", data={"rating": "4", "reasons": "other", "text": "write to a@example.com"})
    assert f'href="/s/{token}"' in client.get(f"/s/{token}/thanks").text
    page = client.get(f"/s/{token}").text
    assert "Change your answer" in page
    assert checked(page, "rating") == ["4"]
    assert checked(page, "reasons") == ["other"]
    assert "write to [e-mail]</textarea>" in page
    clock.advance(timedelta(hours=1))
    assert f'href="/s/{token}"' not in client.get(f"/s/{token}/thanks").text
    assert client.get(f"/s/{token}").status_code == 404
    assert client.post(f"/s/{token}", data={"rating": "1"}).status_code == 404
    assert answers(services)[0].rating == 4


def test_wrong_expired_and_used_links_get_the_same_kind_page(
    services: Services, client: FlaskClient, clock: ManualClock
) -> None:
    token = invite(services)
    client.post(f"/s/{token}", data={"rating": "4"})
    clock.advance(timedelta(hours=2))
    used = client.get(f"/s/{token}")
    with services.database.writing() as session:
        the_invitation(session, token).answered_at = None
    clock.advance(timedelta(days=40))
    expired = client.get(f"/s/{token}")
    wrong = client.get("/s/wrong")
    posted = client.post("/s/wrong", data={"rating": "4"})
    thanks = client.get("/s/wrong/thanks")
    pages = [used, expired, wrong, posted, thanks]
    assert {page.status_code for page in pages} == {404}
    assert len({page.text for page in pages}) == 1
    assert len({str(sorted(page.headers.items())) for page in pages}) == 1
    assert "Atelier" not in wrong.text


@pytest.mark.parametrize(
    ("accept", "language", "words"),
    [
        ("fr-CA,fr;q=0.9,en;q=0.5", "fr", "Cette page n’est plus disponible"),
        ("pl, en;q=0.8, fr;q=0.7", "en", "This page is no longer available"),
        ("de, en;q=0.8, fr;q=0.7", "de", "Diese Seite ist nicht mehr verfügbar"),
        ("ja", "en", "This page is no longer available"),
        ("", "en", "This page is no longer available"),
    ],
)
def test_kind_page_speaks_the_readers_language(client: FlaskClient, accept: str, language: str, words: str) -> None:
    response = client.get("/s/wrong", headers={"Accept-Language": accept})
    assert f'<html lang="{language}">' in response.text
    assert words in response.text


def test_thanks_without_an_answer_are_not_given(services: Services, client: FlaskClient) -> None:
    assert client.get(f"/s/{invite(services)}/thanks").status_code == 404


def test_page_speaks_the_language_of_the_invitation_and_can_change_it(services: Services, client: FlaskClient) -> None:
    token = invite(services, "fr")
    page = client.get(f"/s/{token}", headers={"Accept-Language": "en"}).text
    assert '<html lang="fr">' in page
    assert "Globalement, êtes-vous satisfait(e) du traitement de votre retour\u202f?" in page
    changed = client.get(f"/s/{token}?l=en").text
    assert '<html lang="en">' in changed
    assert "Overall, how satisfied are you with how your return was handled?" in changed
    assert client.post(f"/s/{token}?l=en", data={"rating": "4"}).location == f"/s/{token}/thanks?l=en"
    assert '<html lang="en">' in client.get(f"/s/{token}/thanks?l=en").text


def test_pages_tell_nobody_where_one_was_and_are_kept_nowhere(services: Services, client: FlaskClient) -> None:
    token = invite(services)
    responses = [
        client.get(f"/s/{token}?r=4"),
        client.post(f"/s/{token}", data={}),
        client.post(f"/s/{token}", data={"rating": "4"}),
        client.get(f"/s/{token}/thanks"),
        client.get(f"/u/{token}"),
        client.post(f"/u/{token}"),
        client.get("/s/wrong"),
        client.get("/u/wrong"),
    ]
    for response in responses:
        for name, value in HEADERS.items():
            assert response.headers.getlist(name) == [value]
        assert "Set-Cookie" not in response.headers
        assert set(re.findall("<script[^>]*>[^<]*", response.text)) <= {SCRIPT}
        assert "<img" not in response.text
        assert " style=" not in response.text


def test_address_of_a_page_names_nobody(services: Services, client: FlaskClient) -> None:
    token = invite(services)
    page = client.get(f"/s/{token}?r=4").text
    for identity in ("client1@example.com", "AL-10001", "R-1", "Camille"):
        assert identity not in page


def test_page_states_who_asks_and_how_to_object(services: Services, client: FlaskClient) -> None:
    token = invite(services, "en", controller="Atelier Lumen SAS, Paris", privacy_url="https://shop.example.com/p")
    for path in (f"/s/{token}", f"/u/{token}"):
        page = client.get(path).text
        for words in ("Atelier Lumen SAS, Paris", "Article 6(1)(f)", "90 days", "12 months", "or object to it"):
            assert words in page
        assert 'href="https://shop.example.com/p"' in page
    assert f'href="/u/{token}"' in client.get(f"/s/{token}").text


def test_five_questions_at_most_and_only_the_rating_is_required(services: Services, client: FlaskClient) -> None:
    page = client.get(f"/s/{invite(services)}").text
    assert page.count("<legend>") + page.count("<textarea") <= 5
    required = [element for element in re.findall(r"<(?:input|textarea)[^>]*>", page) if " required" in element]
    assert len(required) == 5
    assert all('name="rating"' in element for element in required)


def test_text_of_the_shop_never_becomes_markup(services: Services, client: FlaskClient) -> None:
    token = invite(services, name="<b>&\"Lumen'", controller="<i>x</i>", public_review_url='https://e.example/"><b>')
    client.post(f"/s/{token}", data={"rating": "2", "text": "</textarea><script>alert(1)</script>"})
    for path in (f"/s/{token}", f"/s/{token}/thanks", f"/u/{token}"):
        page = client.get(path).text
        assert re.findall("<script[^>]*>[^<]*", page) == [SCRIPT]
        assert "<b>" not in page
        assert "<i>" not in page


@pytest.mark.parametrize(
    ("field", "flag"), [({"website": "https://spam.example"}, Flag.HIDDEN_FIELD), ({}, Flag.TOO_FAST)]
)
def test_signs_of_a_machine_flag_the_answer_but_do_not_refuse_it(
    services: Services, client: FlaskClient, field: dict[str, str], flag: Flag
) -> None:
    token = invite(services)
    stamp = stamp_of(client.get(f"/s/{token}").text)
    assert client.post(f"/s/{token}", data={"rating": "4", "stamp": stamp, **field}).status_code == 303
    assert flag in answers(services)[0].flags


def test_answer_without_the_page_is_flagged(services: Services, client: FlaskClient) -> None:
    client.post(f"/s/{invite(services)}", data={"rating": "4", "stamp": "1.forged"})
    assert answers(services)[0].flags == [Flag.NO_PAGE]


def test_thanks_and_the_public_review_are_the_same_whatever_was_answered(
    services: Services, client: FlaskClient
) -> None:
    token = invite(services, "en", public_review_url="https://reviews.example.com/atelier")
    client.post(f"/s/{token}", data={"rating": "1", "text": "Never again"})
    thanks = client.get(f"/s/{token}/thanks").text
    assert 'href="https://reviews.example.com/atelier"' in thanks

    @given(
        rating=st.integers(1, 5),
        effort=st.none() | st.integers(1, 7),
        reasons=st.lists(st.sampled_from([reason.value for reason in OFFERED_REASONS]), unique=True),
        text=st.none() | st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=50),
        other_reason=st.none() | st.sampled_from(["Trop lourd", "<b>"]),
        contact_permitted_at=st.none() | st.just(NOW),
        nps=st.none() | st.integers(0, 10),
        questionnaire_version=st.integers(0, 3),
        flags=st.lists(st.sampled_from([flag.value for flag in Flag]), unique=True),
    )
    @settings_of_hypothesis(max_examples=30, deadline=None)
    def holds(**values: object) -> None:
        with services.database.writing() as session:
            session.execute(sa.update(Answer).values(**values))
        assert client.get(f"/s/{token}/thanks").text == thanks

    holds()


def test_thanks_are_given_without_a_look_at_the_answer(services: Services, client: FlaskClient) -> None:
    token = invite(services, "en", public_review_url="https://reviews.example.com/atelier")
    client.post(f"/s/{token}", data={"rating": "1"})
    thanks = client.get(f"/s/{token}/thanks").text
    with services.database.writing() as session:
        session.execute(sa.text("ALTER TABLE answer RENAME TO out_of_reach"))
    assert client.get(f"/s/{token}").status_code >= 500
    assert client.get(f"/s/{token}/thanks").text == thanks


def test_no_public_review_is_offered_where_the_shop_names_none(services: Services, client: FlaskClient) -> None:
    token = invite(services, "en")
    client.post(f"/s/{token}", data={"rating": "5"})
    assert "review" not in client.get(f"/s/{token}/thanks").text.lower()


def test_body_of_a_megabyte_is_refused(services: Services, client: FlaskClient) -> None:
    response = client.post(f"/s/{invite(services)}", data={"rating": "4", "text": "x" * 1_000_000})
    assert response.status_code == 413
    assert answers(services) == []


def test_text_with_letters_that_no_database_takes_is_kept_without_them(services: Services, client: FlaskClient) -> None:
    token = invite(services)
    assert client.post(f"/s/{token}", data={"rating": "1", "text": "N\0ul"}).status_code == 303
    assert answers(services)[0].text == "Nul"
