"""Fixtures of the sources' tests: a fetcher that may read this machine, and no database."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from feedback_service.settings import Settings, load_settings
from feedback_service.sources.http.fetcher import Fetcher
from tests.support.builders import SECRET

MakeFetcher = Callable[..., Fetcher]


def make_settings(instance: Path, **values: object) -> Settings:
    """Return settings with short caps that allow to read this machine."""
    defaults: dict[str, object] = {
        "public_url": "https://feedback.example.com",
        "fetch_allow_private": "127.0.0.0/8",
        "fetch_timeout": 5,
    }
    return load_settings({}, instance=instance, secret_key=SECRET, **(defaults | values))


@pytest.fixture
def make_fetcher(tmp_path: Path) -> Iterator[MakeFetcher]:
    """Make fetchers with settings of their own; all are closed at the end."""
    made: list[Fetcher] = []

    def make(resolve: Callable[[str], tuple[str, ...]] | None = None, **values: object) -> Fetcher:
        settings = make_settings(tmp_path, **values)
        made.append(Fetcher(settings, resolve) if resolve else Fetcher(settings))
        return made[-1]

    yield make
    for fetcher in made:
        fetcher.close()


@pytest.fixture
def fetcher(make_fetcher: MakeFetcher) -> Fetcher:
    """A fetcher that may read this machine."""
    return make_fetcher()
