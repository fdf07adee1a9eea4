"""The environment of an installation, for tests of commands; import the fixture in a conftest."""

from pathlib import Path

import pytest

from feedback_service.db import Database
from tests.support.builders import SECRET


@pytest.fixture
def installation(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    """Let commands run against `database`."""
    monkeypatch.setenv("FEEDBACK_INSTANCE", str(tmp_path))
    monkeypatch.setenv("FEEDBACK_SECRET_KEY", SECRET)
    monkeypatch.setenv("FEEDBACK_DATABASE_URL", database.url.render_as_string(hide_password=False))
    return database
