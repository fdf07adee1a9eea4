"""Where a source is: a web address, an account, or a name."""

import pytest

from feedback_service.sources.errors import FetchError, FetchFailure
from feedback_service.sources.models import SourceKind
from feedback_service.sources.places import account_of, check_place, kind_of


@pytest.mark.parametrize(
    ("place", "kind", "stored"),
    [
        ("https://blog.example.com/feed", None, "https://blog.example.com/feed"),
        ("https://blog.example.com/feed", SourceKind.FEED, "https://blog.example.com/feed"),
        ("trustpilot:main", None, "trustpilot:main"),
        (" trustpilot:main ", SourceKind.TRUSTPILOT, "trustpilot:main"),
        ("google_play:shop-app_2", None, "google_play:shop-app_2"),
        ("pushed: Old\n reviews", SourceKind.PUSHED, "pushed:Old reviews"),
    ],
)
def test_a_place_is_stored_as_it_is_written(place: str, kind: SourceKind | None, stored: str) -> None:
    assert check_place(place, kind) == stored


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("trustpilot:", None),
        ("trustpilot:Main", None),
        ("trustpilot:a/b", None),
        ("trustpilot:" + "x" * 41, None),
        ("pushed:", None),
        ("pushed:" + "x" * 101, None),
        ("pushed:\0", None),
        ("https://www.trustpilot.com/review/shop", SourceKind.TRUSTPILOT),
        ("app_store:main", SourceKind.TRUSTPILOT),
        ("trustpilot:main", SourceKind.FEED),
        ("trustpilot:main", SourceKind.PUSHED),
        ("unknown:main", None),
        ("nonsense", None),
        ("", None),
    ],
)
def test_what_can_be_no_place_is_refused_in_words(place: str, kind: SourceKind | None) -> None:
    with pytest.raises(FetchError) as caught:
        check_place(place, kind)
    assert caught.value.kind is FetchFailure.BAD_ADDRESS


def test_a_place_names_its_kind_and_account() -> None:
    assert kind_of("app_store:main") is SourceKind.APP_STORE
    assert kind_of("pushed:Old: reviews") is SourceKind.PUSHED
    assert kind_of("https://example.com") is kind_of("feed:main") is None
    assert account_of("app_store:main") == "main"
