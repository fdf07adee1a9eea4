"""Threads share their memory, in a process of its own: what was set here would stay set for the other tests."""

import platform
import subprocess
import sys

import pytest

# What eight threads at once have allocated, counted by the C library itself.
COUNT = """
import ctypes, sys, tempfile, threading
from feedback_service.arenas import share_arenas
if sys.argv[1] == "shared":
    assert share_arenas() and share_arenas()
libc = ctypes.CDLL(None)
libc.malloc.restype = libc.fopen.restype = ctypes.c_void_p
together = threading.Barrier(8)
def allocate():
    libc.malloc(ctypes.c_size_t(100_000))
    together.wait(10)
threads = [threading.Thread(target=allocate) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
with tempfile.NamedTemporaryFile() as told:
    file = ctypes.c_void_p(libc.fopen(told.name.encode(), b"w"))
    libc.malloc_info(0, file)
    libc.fclose(file)
    print(told.read().count(b"<heap nr="))
"""


def _arenas(how: str) -> int:
    told = subprocess.run([sys.executable, "-c", COUNT, how], check=True, capture_output=True, timeout=30)
    return int(told.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has arenas")
def test_threads_share_two_arenas() -> None:
    assert _arenas("shared") == 2
    assert _arenas("as it is") > 2
