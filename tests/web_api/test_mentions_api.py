"""Mentions are handed in by HTTP, checked like what is read from feeds, once each, however often they are sent."""

import threading
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedback_service.alerts.models import Story
from feedback_service.errors import ConflictError
from feedback_service.mail.models import OutboxMail
from feedback_service.mentions.models import Document, Mention
from feedback_service.shops.api_keys import add_key
from feedback_service.shops.models import ApiKey
from feedback_service.sources.models import Source, SourceKind, SourceState
from feedback_service.sources.registry import make_all_due, resume
from tests.support.builders import NOW, make_shop, make_staff
from tests.web_api.conftest import Answer, Platform

BAD = "Atelier Lumen : deux mois d'attente et jamais remboursé, service client injoignable. Honteux, à fuir !"


def mention(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """Return one mention."""
    return {
        "source": "Forum Bricolage",
        "url": "https://forum.example.com/t/17",
        "title": "Jamais reçu",
        "text": BAD,
        "author": "Camille Dupont",
        "published_at": "2026-11-22T10:00:00+01:00",
        "id": "post-17",
    } | changes


def hand_in(platform: Platform, *mentions: dict[str, Any], **more: Any) -> Answer:  # noqa: ANN401 - any JSON
    """Hand in mentions."""
    return platform.post("/mentions", {"mentions": list(mentions), **more})


def count(platform: Platform, table: type) -> int:
    with platform.services.database.reading() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def one(platform: Platform, table: type) -> Any:  # noqa: ANN401 - a row
    with platform.services.database.reading() as session:
        return session.scalars(sa.select(table)).one()


def test_a_new_mention_becomes_a_story_and_alerts(platform: Platform) -> None:
    with platform.services.database.writing() as session:
        make_staff(session, platform.shop)
    answer = hand_in(platform, mention())
    assert answer.status_code == 201
    assert answer.json == {"new": 1, "known": 0, "about_us": 1, "results": [{"outcome": "new", "about_us": True}]}
    stored = one(platform, Mention)
    assert (stored.author, stored.title, stored.url) == ("C. D.", "Jamais reçu", "https://forum.example.com/t/17")
    assert (stored.is_baseline, stored.published_at, stored.found_at) == (
        False,
        NOW - timedelta(days=1, minutes=30),
        NOW,
    )
    assert (count(platform, Story), count(platform, OutboxMail)) == (1, 1)


def test_its_source_is_made_at_first_use_and_never_polled(platform: Platform) -> None:
    hand_in(platform, mention(), mention(id="post-18", text="Atelier Lumen, rien à dire."))
    source = one(platform, Source)
    assert (source.kind, source.url, source.title) == (SourceKind.PUSHED, "pushed:Forum Bricolage", "Forum Bricolage")
    assert (source.state, source.due_at) == (SourceState.OK, None)
    with platform.services.database.writing() as session:
        assert make_all_due(session, NOW) == 0
        with pytest.raises(ConflictError, match="pushed or imported"):
            resume(session, session.get_one(Source, source.id), NOW)


def test_again_it_is_known_and_changes_nothing(platform: Platform) -> None:
    hand_in(platform, mention())
    answer = hand_in(platform, mention(text="Autre texte : Atelier Lumen"), mention(id=" post-17 "))
    assert answer.status_code == 200
    assert answer.json["results"] == [{"outcome": "known", "about_us": False}] * 2
    assert (count(platform, Document), count(platform, Story)) == (1, 1)


def test_without_an_id_address_and_content_tell_mentions_apart(platform: Platform) -> None:
    first = mention(id="")
    assert hand_in(platform, first).json["new"] == 1
    assert hand_in(platform, first).json["new"] == 0
    other = mention(id="", text="Commande chez Atelier Lumen : nul, jamais arrivée, aucune réponse du service.")
    answer = hand_in(platform, first, other, other)
    assert [result["outcome"] for result in answer.json["results"]] == ["known", "new", "known"]
    assert hand_in(platform, first, other).status_code == 200
    assert count(platform, Document) == 2


def test_what_does_not_name_the_shop_is_stored_and_no_mention(platform: Platform) -> None:
    answer = hand_in(platform, mention(text="Un autre magasin : nul, à fuir."))
    assert (answer.status_code, answer.json["about_us"]) == (201, 0)
    assert (count(platform, Document), count(platform, Mention)) == (1, 0)


def test_a_source_that_is_all_about_us_needs_no_term(platform: Platform) -> None:
    hand_in(platform, mention(text="premier", title=""))
    with platform.services.database.writing() as session:
        session.execute(sa.update(Source).values(about_us=True))
    assert hand_in(platform, mention(id="2", text="Nul, jamais remboursé.", title="")).json["about_us"] == 1


def test_a_history_alerts_nobody(platform: Platform) -> None:
    with platform.services.database.writing() as session:
        make_staff(session, platform.shop)
    assert hand_in(platform, mention(), alerts=False).json["about_us"] == 1
    assert one(platform, Mention).is_baseline
    assert (count(platform, Story), count(platform, OutboxMail)) == (0, 0)


def test_no_stored_text_holds_markup_and_no_author_a_name(platform: Platform) -> None:
    text = "<p>Atelier Lumen : <b>nul</b></p><script>alert(1)</script>\x00\x07 fin"
    hand_in(platform, mention(title="<i>Avis</i>\r\nBcc: x", text=text, author="camille.dupont@example.com"))
    stored = one(platform, Document)
    assert stored.title == "Avis Bcc: x"
    assert "<" not in stored.text
    assert "alert" not in stored.text
    assert "\x00" not in stored.text
    assert "camille" not in stored.author


def test_stars_are_out_of_five_unless_said_otherwise(platform: Platform) -> None:
    hand_in(platform, mention(rating=1), mention(id="2", rating=2, best_rating=10), mention(id="3"))
    with platform.services.database.reading() as session:
        rows = session.execute(sa.select(Document.rating, Document.best_rating).order_by(Document.identity)).all()
    assert {tuple(row) for row in rows} == {(1.0, 5.0), (2.0, 10.0), (None, None)}


def test_several_sources_in_one_call_keep_their_order(platform: Platform) -> None:
    answer = hand_in(
        platform,
        mention(source="A", id="1"),
        mention(source="B", id="1", text="Atelier Lumen, deuxième avis : colis perdu."),
        mention(source="A", id="1"),
    )
    assert [result["outcome"] for result in answer.json["results"]] == ["new", "new", "known"]
    assert count(platform, Source) == 2


def test_a_key_reaches_its_own_shop_only(platform: Platform) -> None:
    hand_in(platform, mention())
    with platform.services.database.writing() as session:
        other = make_shop(session, slug="other")
        _, key = add_key(session, other, "other", NOW)
    stranger = Platform(platform.client, platform.services, other, key)
    assert hand_in(stranger, mention()).json["new"] == 1
    assert count(platform, Source) == 2


def test_the_first_use_of_a_name_twice_at_once_makes_one_source(platform: Platform) -> None:
    statuses: list[int] = []

    def call(number: int) -> None:
        client = platform.client.application.test_client()
        # Of one address, author and date the same words under another id would be the same post.
        post = mention(id=str(number), url=f"https://forum.example.com/t/{number}", author=f"{'ABCD'[number]}. Exemple")
        answer = client.post("/api/v1/mentions", json={"mentions": [post]}, headers=platform.headers)
        statuses.append(answer.status_code)

    threads = [threading.Thread(target=call, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [201] * 4
    assert (count(platform, Source), count(platform, Document)) == (1, 4)


def test_the_use_of_the_key_is_noted(platform: Platform) -> None:
    hand_in(platform, mention())
    assert one(platform, ApiKey).last_used_at == NOW


def test_without_a_key_nothing_is_taken(platform: Platform) -> None:
    answer = platform.client.post("/api/v1/mentions", json={"mentions": [mention()]})
    assert answer.status_code == 401
    assert count(platform, Document) == 0


_WRONG: dict[str, dict[str, Any]] = {
    "unknown key": mention(colour="red"),
    "no text": {key: value for key, value in mention().items() if key != "text"},
    "empty text": mention(text=""),
    "text of markup alone": mention(text="<p> </p><script>x</script>"),
    "text that is too long": mention(text="x" * 50_001),
    "no source": {key: value for key, value in mention().items() if key != "source"},
    "blank source": mention(source=" \t"),
    "source name that is too long": mention(source="x" * 101),
    "no address": mention(url=""),
    "an address that is none": mention(url="javascript:alert(1)"),
    "an address with a password": mention(url="https://u:p@forum.example.com/"),
    "an instant without an offset": mention(published_at="2026-11-22T10:00:00"),
    "year 1": mention(published_at="0001-01-01T00:00:00+14:00"),
    "year 9999": mention(published_at="9999-12-31T23:59:59-14:00"),
    "negative stars": mention(rating=-1),
    "more stars than there are": mention(rating=6),
    "more stars than best": mention(rating=9, best_rating=5),
    "an id that is a list": mention(id=["x"]),
}


@pytest.mark.parametrize("payload", _WRONG.values(), ids=_WRONG.keys())
def test_a_mention_that_does_not_fit_is_refused_field_by_field(platform: Platform, payload: dict[str, Any]) -> None:
    answer = hand_in(platform, mention(), payload)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert answer.json["errors"][0]["field"].startswith("mentions.1")
    assert count(platform, Document) == 0


@pytest.mark.parametrize(
    "payload",
    [{}, {"mentions": []}, {"mentions": None}, {"mentions": [mention()] * 101}, mention(), {"mentions": [1]}],
    ids=["empty", "none", "null", "too many", "bare", "a number"],
)
def test_a_call_that_does_not_fit_is_refused(platform: Platform, payload: dict[str, Any]) -> None:
    assert platform.post("/mentions", payload).status_code == 422
    assert count(platform, Source) == 0


def test_the_description_for_programs_knows_the_call(platform: Platform) -> None:
    description = platform.client.get("/api/v1/openapi.json").get_json()
    call = description["paths"]["/api/v1/mentions"]["post"]
    assert set(call["responses"]) >= {"200", "201", "400", "401", "413", "415", "422"}
    body = call["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    assert set(description["components"]["schemas"][body]["properties"]) == {"mentions", "alerts"}


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=st.sampled_from([*mention(), "rating", "best_rating"]), value=_json | st.text(min_size=1))
def test_no_value_in_any_place_is_a_fault_of_the_server(platform: Platform, key: str, value: object) -> None:
    assert hand_in(platform, mention(**{key: value})).status_code < 500


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=st.sampled_from(["mentions", "alerts", "x"]), value=_json)
def test_no_call_is_a_fault_of_the_server(platform: Platform, key: str, value: object) -> None:
    assert platform.post("/mentions", {"mentions": [mention()]} | {key: value}).status_code < 500
