"""Work that does not end is ended, and nothing is left behind."""

import threading
import time

import pytest

from feedback_service.sources.feeds.cpu_limit import TooSlowError, within

HERE = frozenset({"tests"})


def endless() -> None:
    while True:
        try:
            sum(range(100))
        except ValueError:
            continue


def test_work_that_ends_gives_its_result() -> None:
    assert within(5, lambda: 42, HERE) == 42


def test_what_the_work_raises_comes_through() -> None:
    with pytest.raises(ZeroDivisionError):
        within(5, lambda: 1 // 0, HERE)


def test_work_without_end_is_ended() -> None:
    began = time.thread_time()
    with pytest.raises(TooSlowError):
        within(0.1, endless, HERE)
    assert time.thread_time() - began < 1


def test_work_is_not_broken_off_in_the_code_of_others() -> None:
    began = time.thread_time()
    within(0.05, lambda: _busy_for(0.3), frozenset({"feedparser"}))
    assert time.thread_time() - began >= 0.3


def test_only_the_thread_that_works_is_stopped_and_only_once() -> None:
    raised: list[str] = []

    def work() -> None:
        for _ in range(3):
            try:
                within(0.05, endless, HERE)
            except TooSlowError:
                raised.append(threading.current_thread().name)
            sum(range(10_000))

    threads = [threading.Thread(target=work, name=name) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(raised) == ["a"] * 3 + ["b"] * 3


def test_a_limit_that_is_met_as_the_work_ends_never_strikes_later() -> None:
    for _ in range(20):
        try:
            within(0.05, lambda: _busy_for(0.05), HERE)
        except TooSlowError:
            continue
        _busy_for(0.002)


def _busy_for(seconds: float) -> None:
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass
