"""One round of a scan: every source that is due, many hosts at once, one request per host at a time (R54).

This thread claims, judges and writes; the others only wait for sites and parse what they send. The
sources of one host are a chain that one thread walks: a slow host holds up its own sources and no others. What
came in meanwhile is settled in one transaction; if that fails, each is settled by itself, so that a source
that trips us takes no other with it.
"""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from feedback_service.claims import claim_due, release, renew
from feedback_service.errors import DatabaseUnavailableError
from feedback_service.scanning.judging import Judges
from feedback_service.scanning.pipeline import harvest, our_fault
from feedback_service.scanning.ports import ScanServices
from feedback_service.scanning.settling import settle_all
from feedback_service.scanning.stages import Catch, Claimed, Failed
from feedback_service.scanning.walkers import Answer, Walk, Walkers
from feedback_service.shops.models import Shop
from feedback_service.sources.adapters import Polled
from feedback_service.sources.models import Source

# What ends within so long is settled together: a transaction costs more than an unchanged source.
_TOGETHER_SECONDS = 0.02
_HELD_PER_WORKER = 4
_RENEWALS = 4  # to a lease

log = structlog.get_logger()


def scan_due(services: ScanServices, due_by: datetime | None = None) -> int:
    """Read every source that is due (by `due_by`, or now); return how many were read.

    Sources that fall due meanwhile wait for the next round. Asked to stop, it ends after those in hand and gives
    the others back. Never raises for what a source sends. Raises what the database raises: the lease of the claims
    then makes their sources due again. No connection stands open when it returns: the next round is minutes away.
    """
    try:
        return _Round(services, due_by or services.clock.now()).run()
    finally:
        services.source_reader.rest()


class _Round:
    def __init__(self, services: ScanServices, due_by: datetime) -> None:
        self._services = services
        self._due_by = due_by
        self._judges = Judges(services)
        settings = services.settings
        self._most = _HELD_PER_WORKER * settings.scan_workers
        # Page and robots.txt; what waits longer in its chain is renewed.
        self._lease = timedelta(seconds=2 * settings.fetch_timeout + settings.lease_seconds)
        self._renewed = time.monotonic()
        self._waiting: dict[str, list[Claimed]] = {}
        self._walks: dict[str, list[Claimed]] = {}

    def run(self) -> int:
        read = 0
        with Walkers(self._services, self._services.settings.scan_workers) as walkers:
            while self._start(walkers):
                answers = self._ended(walkers.wait(self._lease.total_seconds() / _RENEWALS, _TOGETHER_SECONDS))
                self._renew()
                self._settle(answers)
                read += len(answers)
        return read

    def _start(self, walkers: Walkers) -> bool:
        """Claim what there is room for and send walkers on their way; False when nothing is left to wait for."""
        if self._services.stopping.is_set():
            self._give_back()
        else:
            self._claim()
        for host in [host for host in self._waiting if host not in self._walks]:
            self._walks[host] = self._waiting.pop(host)
            walkers.send(host, self._walks[host])
        return bool(self._walks)

    def _claim(self) -> None:
        room = self._most - len(self._held())
        if room < self._most // 2:
            return
        busy = {*self._waiting, *self._walks}
        now = self._services.clock.now()
        with self._services.database.writing() as session:
            where = (Source.due_at <= self._due_by, Source.host.not_in(busy))
            for source in claim_due(session, Source, now=now, lease=self._lease, limit=room, where=where):
                claimed = Claimed(source, session.get_one(Shop, source.shop_id))
                self._waiting.setdefault(source.host, []).append(claimed)

    def _held(self) -> list[Claimed]:
        chains = [*self._waiting.values(), *self._walks.values()]
        return [claimed for chain in chains for claimed in chain]

    def _renew(self) -> None:
        if time.monotonic() - self._renewed < self._lease.total_seconds() / _RENEWALS:
            return
        with self._services.database.writing() as session:
            renew(session, [claimed.source for claimed in self._held()], self._services.clock.now() + self._lease)
        self._renewed = time.monotonic()

    def _give_back(self) -> None:
        if not self._waiting:
            return
        with self._services.database.writing() as session:
            for claimed in [each for chain in self._waiting.values() for each in chain]:
                release(session, claimed.source)
        self._waiting.clear()

    def _ended(self, walks: Sequence[Walk]) -> list[Answer]:
        answers: list[Answer] = []
        for walk in walks:
            rest = self._walks.pop(walk.host)[len(walk.answers) :]
            if rest:
                self._waiting[walk.host] = rest
            answers += walk.answers
        return answers

    def _settle(self, answers: Sequence[Answer]) -> None:
        caught = [self._caught(claimed, polled) for claimed, polled in answers]
        try:
            settle_all(self._services, caught)
        except DatabaseUnavailableError:
            raise
        except Exception:
            log.exception("batch of sources tripped over a fault of ours; each is settled by itself")
            for catch in caught:
                self._settle_alone(catch)

    def _settle_alone(self, catch: Catch) -> None:
        try:
            settle_all(self._services, [catch])
        except DatabaseUnavailableError:
            raise
        except Exception as error:  # noqa: BLE001 - logged where the failure is made of it
            settle_all(self._services, [Catch(catch.claimed, our_fault(catch.claimed, error))])

    def _caught(self, claimed: Claimed, polled: Polled | Failed) -> Catch:
        if isinstance(polled, Failed):
            return Catch(claimed, polled)
        found = harvest(self._services, self._judges, claimed, polled)
        return Catch(claimed, found) if isinstance(found, Failed) else Catch(claimed, polled, found)
