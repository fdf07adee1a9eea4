"""How fast sources are scanned, beside the package `reader`: `python -m tests.bench.bench_scan [--quick] [--profile]`.

A server in a process of its own shows feeds of 50 items of about 1,000 characters, each feed on an address of its
own; one item in five names the shop. `reader` parses and stores; ours parses, cleans, matches, scores, tells the same
apart, stores and groups. Both work on SQLite in a file, in turns, in one run. A row tells what `reader` took, what
ours took and how many times faster ours was, by the clock and by processor time; the lesser of the two is what is
held against the target. Times are medians.
"""

import argparse
import cProfile
import pstats
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Protocol

import reader
import sqlalchemy as sa

from feedback_service import logs, schema
from feedback_service.bootstrap import build
from feedback_service.clock import ManualClock
from feedback_service.mentions.models import Document
from feedback_service.settings import load_settings
from feedback_service.sources.models import SourceKind
from feedback_service.sources.registry import add_source, make_all_due
from jobs import scan_sources
from tests.support.builders import NOW, SECRET, make_shop
from tests.support.feed_server import ITEMS, FeedServer, Stage

FEW, MANY = 40, 200
SELDOM = 50  # One item in so many names the shop: as in what an alert service or a busy blog sends.
FEW_STORED, MUCH_STORED = 10_000, 100_000
MOST_GROWTH, MOST_MEGABYTES = 1.2, 160.0
_PROFILED = 25


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds by the clock, and of this process's processor time (all its threads)."""

    wall: float
    cpu: float


class Scanner(Protocol):
    """Reads all feeds once."""

    def scan(self) -> Took:
        """Read all feeds; return what it took."""
        ...

    def stored(self) -> int:
        """Return how many items are stored."""
        ...


class Peer:
    """The package `reader`: parses and stores."""

    def __init__(self, folder: Path, server: FeedServer) -> None:
        self._reader = reader.make_reader(str(folder / "reader.sqlite"))
        for feed in range(server.feeds):
            self._reader.add_feed(server.address(feed))

    def scan(self) -> Took:
        return timed(lambda: self._reader.update_feeds(scheduled=False))

    def stored(self) -> int:
        return self._reader.get_entry_counts().total or 0

    def close(self) -> None:
        self._reader.close()


class Ours:
    """The job `scan_sources` on a database in a file."""

    def __init__(self, folder: Path, server: FeedServer) -> None:
        settings = load_settings({}, instance=folder, secret_key=SECRET, fetch_allow_private="127.0.0.0/8")
        self._feeds = server.feeds
        self._clock = ManualClock(NOW)
        self._services = build(settings).with_clock(self._clock)
        schema.upgrade(self._services.database)
        with self._services.database.writing() as session:
            shop = make_shop(session)
            for feed in range(server.feeds):
                add_source(session, shop, server.address(feed), SourceKind.FEED, NOW)
        # What a process loads once in its life is not the price of an item.
        assert self._services.story_desk
        scorer = self._services.scorers.scorer_for(shop)
        scorer.score("Read the model of languages now: qwx zrt plk vbn mkl wqz xrv.")
        for language in shop.languages:
            scorer.score("Read all word lists now.", language)

    def scan(self) -> Took:
        self._clock.advance(timedelta(hours=1))
        with self._services.database.writing() as session:
            make_all_due(session, self._clock.now())
        return timed(self._run)

    def _run(self) -> None:
        read = scan_sources.run(self._services)
        assert read == self._feeds, f"{read} of {self._feeds} sources were read"

    def stored(self) -> int:
        with self._services.database.reading() as session:
            return session.scalar(sa.select(sa.func.count()).select_from(Document)) or 0

    def close(self) -> None:
        self._services.close()


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what changes between two readings, and how many times faster ours must be."""

    name: str
    stage: Callable[[int], Stage]
    target: float
    new_items: int = 0
    runs: int = 3


# `stage` is given the number of the run, from 1 on, so that each run changes something else.
ROWS = (
    Row("unchanged, 304", lambda _: Stage(), 8, runs=5),
    Row("identical bytes, no validators", lambda _: Stage(with_etag=False), 50, runs=5),
    Row("one byte outside the items", lambda run: Stage(with_etag=False, stamp=run), 10),
    Row("one byte in one item's text", lambda run: Stage(with_etag=False, stamp=9, edit=run), 10),
    Row("one new item in each feed", lambda run: Stage(with_etag=False, stamp=9, edit=3, first=run), 5, new_items=1),
)


def timed(work: Callable[[], None]) -> Took:
    """Return what `work` takes."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Took(time.perf_counter() - wall, time.process_time() - cpu)


def median(runs: list[Took]) -> Took:
    """Return the median of each time."""
    return Took(statistics.median(run.wall for run in runs), statistics.median(run.cpu for run in runs))


@contextmanager
def both(server: FeedServer) -> Iterator[tuple[Peer, Ours]]:
    """Give both scanners with their feeds added and nothing read."""
    with tempfile.TemporaryDirectory() as folder:
        peer, ours = Peer(Path(folder), server), Ours(Path(folder), server)
        yield peer, ours
        peer.close()
        ours.close()


def tell(name: str, items: int, peer: Took, ours: Took, target: float) -> None:
    """Print one row."""
    wall, cpu = peer.wall / ours.wall, peer.cpu / ours.cpu
    print(
        f"{name:<36} {items / peer.wall:9,.0f} {items / ours.wall:9,.0f} items/s {wall:6.1f} x"
        f" {peer.cpu / items * 1e6:8,.1f} {ours.cpu / items * 1e6:8,.1f} us CPU/item {cpu:6.1f} x"
        f"   at least {target:g} x: {'met' if min(wall, cpu) >= target else 'missed'}"
    )


def compare(feeds: int, runs: int) -> None:
    """Read `feeds` feeds with both: for the first time, `runs` times over, and then as `ROWS` say."""
    items = feeds * ITEMS
    print(f"\n{feeds} feeds of {ITEMS} items; reader, then ours")
    with FeedServer(feeds) as server:
        server.show(Stage(named_in=SELDOM))
        with both(server) as (peer, ours):
            tell(f"first read, 1 in {SELDOM} names the shop", items, peer.scan(), ours.scan(), 6)
        firsts: list[tuple[Took, Took]] = []
        for run in range(runs):
            server.show(Stage(with_etag=run != 1))
            with both(server) as (peer, ours):
                firsts.append((peer.scan(), ours.scan()))
                assert peer.stored() == ours.stored() == items
                if run < runs - 1:
                    continue
                peers, ourselves = (median(list(times)) for times in zip(*firsts, strict=True))
                tell("first read, 1 in 5 names the shop", items, peers, ourselves, 6)
                for row in ROWS:
                    _compare_row(row, server, peer, ours)


def _compare_row(row: Row, server: FeedServer, peer: Peer, ours: Ours) -> None:
    took: list[tuple[Took, Took]] = []
    before = ours.stored()
    for run in range(1, row.runs + 1):
        server.show(row.stage(run))
        took.append((peer.scan(), ours.scan()))
    expected = before + row.new_items * row.runs * server.feeds
    assert peer.stored() == ours.stored() == expected, (row.name, peer.stored(), ours.stored(), expected)
    items = server.feeds * (row.new_items or ITEMS)
    tell(row.name, items, median([a for a, _ in took]), median([b for _, b in took]), row.target)


def grow() -> None:
    """Store 100,000 items scan by scan, and print what depends on how much is stored.

    That is the processor time of 10,000 new items, and the memory of a process that does nothing but scan.
    """
    print(f"\n{MANY} feeds, each scan brings {MANY * ITEMS:,} new items")
    with FeedServer(MANY) as server, tempfile.TemporaryDirectory() as folder:
        ours = Ours(Path(folder), server)
        costs: dict[int, float] = {}
        while (stored := ours.stored()) <= MUCH_STORED:
            server.show(Stage(with_etag=False, first=stored // MANY))
            costs[stored] = ours.scan().cpu
        ours.close()
        growth = costs[MUCH_STORED] / costs[FEW_STORED]
        print(
            f"CPU of {MANY * ITEMS:,} new items: {costs[FEW_STORED]:.2f} s with {FEW_STORED:,} stored,"
            f" {costs[MUCH_STORED]:.2f} s with {MUCH_STORED:,}: {growth:.2f} x"
            f"   at most {MOST_GROWTH:g} x: {'met' if growth <= MOST_GROWTH else 'missed'}"
        )
        server.show(Stage(with_etag=False, first=stored // MANY))
        peak = _in_a_process_of_its_own(Path(folder), server)
        print(
            f"peak memory of a scanning process, {MANY} feeds, {stored:,} stored: {peak:.0f} MB"
            f"   at most {MOST_MEGABYTES:g} MB: {'met' if peak <= MOST_MEGABYTES else 'missed'}"
        )


def _in_a_process_of_its_own(folder: Path, server: FeedServer) -> float:
    command = [sys.executable, "-m", "tests.bench.scanning_process", str(folder), str(server.feeds)]
    return float(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def profile() -> None:
    """Print where the time of a first read goes."""
    with FeedServer(FEW) as server, both(server) as (_, ours):
        server.show(Stage())
        profiler = cProfile.Profile()
        profiler.enable()
        ours.scan()
        profiler.disable()
        stats = pstats.Stats(profiler)
        stats.sort_stats("cumulative").print_stats(_PROFILED)
        stats.sort_stats("tottime").print_stats(_PROFILED)


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--quick", action="store_true", help=f"only {FEW} feeds")
    options.add_argument("--profile", action="store_true", help="print where the time of our first read goes, only")
    asked = options.parse_args()
    logs.configure("warning", "text")
    if asked.profile:
        profile()
        return
    compare(FEW, 3)
    if not asked.quick:
        compare(MANY, 1)
        grow()


if __name__ == "__main__":
    main()
