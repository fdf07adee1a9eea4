"""Why a source stands as it does, said to staff in their language."""

from datetime import UTC, datetime, timedelta

import pytest

from feedback_service.i18n import translations
from feedback_service.sources import rules
from feedback_service.sources.apis import limits
from feedback_service.sources.errors import FetchFailure
from feedback_service.sources.http.answers import failure_of
from feedback_service.sources.http.pages import Answer
from feedback_service.sources.wording import SENTENCES, in_words

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.mark.parametrize("message", SENTENCES)
def test_every_sentence_reads_french_to_french_staff(message: str) -> None:
    assert in_words(message, "fr") == translations("fr").gettext(message) != message
    assert in_words(message, "en") == message


@pytest.mark.parametrize(
    "health",
    [
        rules.health_of_reading(0, (), NOW, possible_gap=False),
        rules.health_of_reading(None, (), NOW, possible_gap=False),
        rules.health_of_reading(1, (), NOW, possible_gap=False),
        rules.health_of_reading(12, (), NOW, possible_gap=False),
        rules.health_of_reading(12, (), NOW, possible_gap=True),
        *(
            rules.health_of_reading(3, [NOW - timedelta(days=90 + days * n) for n in range(6)], NOW, possible_gap=False)
            for days in (1, 6)
        ),
    ],
    ids=lambda health: health.reason,
)
def test_what_a_reading_gives_is_known_to_the_catalogue(health: rules.Health) -> None:
    said = in_words(health.reason, "fr")
    assert said != health.reason
    assert not {"the", "this", "Read"} & set(said.split())


@pytest.mark.parametrize("status", [401, 403, 404, 410, 418, 429, 451, 500, 503])
def test_what_a_status_means_is_known_to_the_catalogue(status: int) -> None:
    failure = failure_of(status, {}, "https://forum.example.com", NOW)
    assert failure is not None
    said = in_words(rules.health_of_failure(failure.kind, str(failure), 3).reason, "fr")
    assert f"(HTTP {status})" in said
    assert "3 échecs d’affilée." in said
    assert not {"The", "the", "site's", "page."} & set(said.split())


def test_what_is_not_ours_stays_as_it_came() -> None:
    reason = rules.health_of_failure(
        FetchFailure.UNREACHABLE, "forum.example.com cannot be reached: refused.", 1
    ).reason
    assert in_words(reason, "fr").startswith("forum.example.com est injoignable\u202f: refused. ")


@pytest.mark.parametrize("status", [302, 401, 403, 404, 429])
def test_what_an_api_says_is_known_to_the_catalogue(status: int) -> None:
    failure = limits.failure_of(Answer(status, {}, b""), "Trustpilot", "main", "https://api.example.com", NOW)
    assert failure is not None
    said = in_words(rules.health_of_failure(failure.kind, str(failure), 1).reason, "fr")
    assert said.startswith("Trustpilot ")
    assert not {"the", "account", "asks", "Correct"} & set(said.split())


@pytest.mark.parametrize("kind", FetchFailure)
def test_what_to_do_is_known_to_the_catalogue(kind: FetchFailure) -> None:
    reason = rules.health_of_failure(kind, "«", 2).reason
    said = in_words(reason, "fr")
    assert said.startswith("« 2 échecs d’affilée. ")
    assert not {"It", "the", "Check", "Ask", "Raise", "Allow", "is"} & set(said.split())


@pytest.mark.parametrize("host", ["forum.example.com", "10.0.0.1"])
def test_a_redirect_into_a_private_network_is_said(host: str) -> None:
    reason = f"{host} leads to 10.0.0.7, where a site outside that network may not send us: it is not fetched."
    said = in_words(reason, "fr")
    assert said.startswith(f"{host} mène à 10.0.0.7, où un site extérieur à ce réseau n’a pas le droit")
    assert said.endswith("rien n’est lu.")
