"""A copy of a process runs a command as a process of its own would. In fresh processes: pytest has threads."""

import json
import subprocess
import sys

import psutil
import pytest

from tests.support.commands import eventually

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="copies are made on Linux")

BEGUN = """
import json, os, sys
from feedback_service.twins import twin_of_this_process

def command(arguments):
    alone = os.getpgrp() == os.getpid() != os.getppid()
    name = open("/proc/self/comm").read().strip()
    print(json.dumps([arguments, dict(os.environ), alone, name, sys.stdin.read()]), flush=True)
    sys.exit(7)

process = twin_of_this_process(command).begin(["jobs", "--parent", "1"], {"FEEDBACK_WORD": "été"})
print(process.wait(30), process.poll())
"""
ASKED_TO_END = """
import subprocess, time
from feedback_service.twins import twin_of_this_process
for end in ("terminate", "kill"):
    process = twin_of_this_process(lambda _: time.sleep(60)).begin(["jobs"], {})
    try:
        process.wait(0.05)
    except subprocess.TimeoutExpired:
        getattr(process, end)()
    print(process.wait(30))
"""
DIES = """
import time
from feedback_service.processes import Child, ChildFailedError
from feedback_service.twins import twin_of_this_process
child = Child(["jobs"], {"FEEDBACK_NOT_A_SETTING": "1"}, twin_of_this_process(lambda _: None))
child.start()
first = child.pid
try:
    while True:
        child.look_after()
except ChildFailedError:
    print(child.restarts, first != child.pid)
"""
WAITS = """
import time
from feedback_service.twins import twin_of_this_process
twin = twin_of_this_process(print)
print("waits", flush=True)
time.sleep(60)
"""
NOT_NEEDED = """
import signal
from feedback_service.twins import twin_of_this_process
signal.signal(signal.SIGTERM, signal.default_int_handler)
twin = twin_of_this_process(print)
"""
THREADS = """
import threading
from feedback_service.twins import twin_of_this_process
over = threading.Event()
threading.Thread(target=over.wait).start()
print(twin_of_this_process(print))
over.set()
"""


def _told(script: str) -> tuple[str, str]:
    ran = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True, input="\n", timeout=60
    )
    return ran.stdout.strip(), ran.stderr.strip()


def test_it_runs_its_command_like_a_process_of_our_own() -> None:
    output, diagnostics = _told(BEGUN)

    assert output == "7 7"
    # Its standard output is for diagnostics, and there is nothing to read.
    assert json.loads(diagnostics) == [["jobs", "--parent", "1"], {"FEEDBACK_WORD": "été"}, True, "feedback-jobs", ""]


def test_it_ends_when_asked_to() -> None:
    assert _told(ASKED_TO_END)[0].split() == ["-15", "-9"]


def test_where_it_dies_a_fresh_process_takes_its_place() -> None:
    assert _told(DIES)[0] == "1 True"


def test_it_ends_with_the_process_it_was_copied_from() -> None:
    with subprocess.Popen([sys.executable, "-c", WAITS], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "waits\n"
        (twin,) = psutil.Process(process.pid).children()
        process.kill()
    eventually(lambda: not twin.is_running() or twin.status() == psutil.STATUS_ZOMBIE)


def test_one_that_is_not_needed_ends_in_silence() -> None:
    assert _told(NOT_NEEDED) == ("", "")


def test_a_process_with_several_threads_is_not_copied() -> None:
    assert _told(THREADS)[0] == "None"
