"""The demo as a whole, in processes of its own, as a user starts it."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil
import pytest

from tests.support.commands import eventually

pytestmark = pytest.mark.slow

_SECONDS = 240
_MOST_MEMORY = 200_000_000
"""Bytes of one demo, pages that are shared counted in parts (PSS)."""
_KEYS = {
    "orders", "returns", "return_rate_orders", "main_reason", "survey_mails", "answers", "documents", "mentions",
    "negative_mentions", "stories", "alert_mails", "digest_mails", "mails_at_server", "duplicates", "seconds",
}  # fmt: skip


def _demo(*arguments: str, database_url: str = "", folder: Path) -> "subprocess.Popen[str]":
    environ = {key: value for key, value in os.environ.items() if not key.startswith("FEEDBACK_")}
    environ |= {"TMPDIR": str(folder)} | ({"FEEDBACK_DATABASE_URL": database_url} if database_url else {})
    return subprocess.Popen(
        [sys.executable, "-m", "feedback_service", "demo", *arguments],
        env=environ,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _told(demo: "subprocess.Popen[str]") -> dict[str, object]:
    output, diagnostics = demo.communicate(timeout=_SECONDS)
    assert demo.returncode == 0, f"{output}\n{diagnostics}"
    (line,) = output.splitlines()
    report = json.loads(line)
    assert isinstance(report, dict)
    assert report.keys() == _KEYS
    assert report["duplicates"] == 0
    return report


def _jobs_process(demo: "subprocess.Popen[str]") -> psutil.Process | None:
    with contextlib.suppress(psutil.NoSuchProcess):
        for child in psutil.Process(demo.pid).children():
            with contextlib.suppress(psutil.Error):
                # The first is a copy that has taken its name; one that took its place has a command line.
                if child.name() == "feedback-jobs" or "jobs" in child.cmdline():
                    return child
    return None


@pytest.fixture
def empty_database_url(database_url: str) -> str:
    """Nothing for SQLite, where the demo makes its own; a fresh PostgreSQL otherwise."""
    return "" if database_url.startswith("sqlite") else database_url


def test_the_story_holds_without_a_person(empty_database_url: str, tmp_path: Path) -> None:
    report = _told(_demo("--once", database_url=empty_database_url, folder=tmp_path))

    assert (report["orders"], report["main_reason"]) == (900, "damaged_transit")
    assert report["digest_mails"]
    assert list(tmp_path.glob("feedback-demo-*")) == []


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_killing_the_jobs_at_any_moment_loses_nothing_and_doubles_nothing(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)  # noqa: S311 - a test's dice
    demo = _demo("--once", folder=tmp_path)
    eventually(lambda: _jobs_process(demo) or demo.poll() is not None, _SECONDS)
    for _ in range(3):
        time.sleep(chance.uniform(0.5, 5))
        jobs = _jobs_process(demo)
        if jobs:
            with contextlib.suppress(psutil.NoSuchProcess):
                jobs.kill()

    assert _told(demo)["survey_mails"]


def test_ctrl_c_ends_everything_and_leaves_nothing(tmp_path: Path) -> None:
    demo = _demo("--port", "18765", folder=tmp_path)
    eventually(lambda: _jobs_process(demo) or demo.poll() is not None, _SECONDS)
    family = psutil.Process(demo.pid).children(recursive=True)

    demo.send_signal(signal.SIGINT)
    output, diagnostics = demo.communicate(timeout=30)

    assert demo.returncode == 0, diagnostics
    assert "http://127.0.0.1:" in output
    assert not psutil.wait_procs(family, 5)[1]
    assert list(tmp_path.glob("feedback-demo-*")) == []


def test_two_demos_stand_side_by_side_in_little_memory(tmp_path: Path) -> None:
    demos = [_demo("--port", "18865", folder=tmp_path) for _ in range(2)]
    try:
        for demo in demos:
            eventually(lambda demo=demo: _jobs_process(demo) or demo.poll() is not None, _SECONDS)  # type: ignore[misc]  # the loop's own
        time.sleep(8)
        for demo in demos:
            assert demo.poll() is None
            processes = [psutil.Process(demo.pid), *psutil.Process(demo.pid).children(recursive=True)]
            assert sum(process.memory_full_info().pss for process in processes) < _MOST_MEMORY
        assert httpx.get("http://127.0.0.1:18865/", trust_env=False).status_code == 200
    finally:
        for demo in demos:
            demo.send_signal(signal.SIGTERM)
        for demo in demos:
            demo.communicate(timeout=30)
    assert [demo.returncode for demo in demos] == [0, 0]


def test_a_database_in_use_is_left_alone(database_url: str, tmp_path: Path) -> None:
    from feedback_service.db import Database
    from tests.support.builders import make_shop

    database = Database(database_url)
    with database.writing() as session:
        make_shop(session)
    database.close()

    refused = _demo("--once", database_url=database_url, folder=tmp_path)
    output, diagnostics = refused.communicate(timeout=_SECONDS)

    assert (refused.returncode, output) == (2, "")
    assert "The demo begins afresh" in diagnostics
    assert "Traceback" not in diagnostics
