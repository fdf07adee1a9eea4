"""accounts.toml: what it may say, who may read it, and that nothing of it is ever shown."""

import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext

import pytest
import structlog
from pytest_httpserver import HTTPServer

from feedback_service.sources.apis.accounts import AccountBook, TrustpilotAccount
from feedback_service.sources.apis.tokens import Grant, Token
from feedback_service.sources.errors import FetchError, FetchFailure
from feedback_service.sources.models import SourceKind
from feedback_service.sources.wording import in_words
from tests.sources.apis.conftest import Stage, trustpilot_account
from tests.sources.apis.servers import TrustpilotServer, numbered
from tests.support.builders import NOW

PLACE = "trustpilot:main"
GOOD = '[trustpilot.main]\nkey = "k"\nsecret = "HUSH"\nbusiness_unit = "u"\n'


def refused(stage: Stage, place: str = PLACE) -> str:
    with pytest.raises(FetchError) as caught:
        stage.poll(place)
    assert caught.value.kind is FetchFailure.ACCOUNT
    assert "HUSH" not in f"{caught.value!r} {caught.value} {caught.value.__cause__!r}"
    sentence = str(caught.value)
    assert in_words(sentence, "fr") != sentence  # staff read it in their language
    return sentence


def test_a_missing_file_is_told(stage: Stage) -> None:
    assert refused(stage) == "There is no file accounts.toml in the instance folder."


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o660, 0o644])
def test_a_file_that_others_may_read_is_not_used(stage: Stage, mode: int) -> None:
    stage.write_accounts(GOOD, mode)
    assert refused(stage).endswith("holds secrets and may be read by others than its owner: chmod 600.")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "There is no account [trustpilot.main] in accounts.toml."),
        (GOOD.replace("main", "other"), "There is no account [trustpilot.main]"),
        ('key = "HUSH\n', "accounts.toml is not TOML (line 1): check its quotation marks and brackets."),
        (GOOD + "[yelp.main]\n", "accounts.toml names 'yelp'; there are: trustpilot, google_reviews"),
        (GOOD + 'colour = "HUSH"\n', "cannot be used: colour: there is no such key."),
        (GOOD.replace("business_unit", "unit"), "business_unit is missing"),
        (GOOD.replace('"HUSH"', '"HUSH HUSH"'), "secret: holds spaces, line ends or accents"),
        (GOOD.replace('"HUSH"', '"HUSH\\n"'), "secret: holds spaces, line ends or accents"),
        (GOOD.replace('"HUSH"', '""'), "secret: "),
        (GOOD.replace('"u"', '"../HUSH"'), "business_unit: is not an id"),
        (GOOD.replace('"u"', '"a/b"'), "business_unit: is not an id"),
        *(
            (GOOD + f'base_url = "{url}"\n', "base_url: is not an address that begins with https://")
            for url in (
                "ftp://example.com",
                "http://api.example.com",
                "http://10.0.0.1",
                "http://localhost.example.com",
                "https://",
                "https://api.example.com/?a=1",
                "https://[::1",
                "https://me:HUSH@api.example.com",
                "api.example.com",
            )
        ),
        ('[trustpilot]\nmain = "HUSH"\n', "cannot be used"),
        ('trustpilot = "HUSH"\n', "accounts are written [trustpilot.name]"),
        ('[trustpilot."Ma in"]\nkey = "HUSH"\n', "accounts are written [trustpilot.name]"),
    ],
)
def test_a_mistake_is_told_in_words(stage: Stage, text: str, told: str) -> None:
    stage.write_accounts(text)
    assert told in refused(stage)


@pytest.mark.parametrize(
    "keys",
    ['client_id = "a"', 'client_id = "a"\nclient_secret = "HUSH"\nwebsite_id = "w"', 'platform = "fr"'],
    ids=["half", "both", "none"],
)
def test_an_account_of_avis_verifies_is_one_or_the_other(stage: Stage, keys: str) -> None:
    stage.write_accounts(f"[avis_verifies.main]\n{keys}\n")
    assert "needs client_id and client_secret" in refused(stage, "avis_verifies:main")


def test_bytes_that_are_no_text_are_told(stage: Stage) -> None:
    stage.write("accounts.toml", b"\xff\xfeHUSH")
    assert "accounts.toml is not TOML" in refused(stage)


def test_a_corrected_file_counts_at_the_next_poll(stage: Stage, httpserver: HTTPServer) -> None:
    TrustpilotServer(httpserver, numbered(1, 1))
    refused(stage)
    stage.write_accounts(trustpilot_account(httpserver))
    assert stage.poll(PLACE).reading is not None


def test_no_secret_is_in_a_repr(stage: Stage) -> None:
    stage.write_accounts(GOOD)
    account = AccountBook(stage.folder).account(TrustpilotAccount, SourceKind.TRUSTPILOT, "main")
    grant = Grant("https://example.com", {"refresh_token": "HUSH"}, ("k", "HUSH"))
    token = Token("HUSH", NOW)
    assert "HUSH" not in f"{account!r}{account}{grant!r}{grant}{token!r}{token}{account.model_dump_json()}"
    assert account.secret is not None
    assert account.secret.get_secret_value() == "HUSH"


@pytest.fixture
def logged() -> Iterator[list[structlog.typing.EventDict]]:
    """What our own log says."""
    with structlog.testing.capture_logs() as entries:
        yield entries


def expected(status: int) -> AbstractContextManager[object]:
    """Expect the refusal that a status brings."""
    return nullcontext() if status == 200 else pytest.raises(FetchError, match="gives no token")


@pytest.mark.parametrize("status", [200, 401])
def test_no_secret_is_in_a_log_line(
    stage: Stage,
    httpserver: HTTPServer,
    caplog: pytest.LogCaptureFixture,
    logged: list[structlog.typing.EventDict],
    status: int,
) -> None:
    server = TrustpilotServer(httpserver, numbered(1, 1))
    server.tokens.status = status
    stage.write_accounts(trustpilot_account(httpserver))
    with caplog.at_level(logging.DEBUG), expected(status):
        stage.poll(PLACE)
    said = f"{caplog.text}{logged}"
    assert "connect_tcp.started" in said  # The log was listened to.
    for secret in ("the-key", "the-secret", "token-1"):
        assert secret not in said
