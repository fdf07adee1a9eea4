"""Delivery: claims a batch of the outbox and hands it to the server over several connections at once.

The order is what keeps the promises. `SENDING` is committed when the server has agreed to sender and recipient and
only waits for the content, and the result after its answer, before the same connection begins another mail. A
process that dies in between leaves a row that says so: a customer's mail found like that is flagged and never sent
again, a staff mail is sent again. A process that dies before leaves a mail that is simply due again.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import structlog

from feedback_service.clock import Clock
from feedback_service.db import Database
from feedback_service.mail import addresses, paces, rules, settling
from feedback_service.mail.claiming import Claimer
from feedback_service.mail.errors import MailError, OutcomeUnknownError, ServerUnavailableError
from feedback_service.mail.held import HeldMail
from feedback_service.mail.ledger import LATEST_SECONDS, Ledger
from feedback_service.mail.models import MailState
from feedback_service.mail.pacing import Rates
from feedback_service.mail.prepared import wire_of
from feedback_service.mail.settling import Settlement
from feedback_service.mail.transport import Connection
from feedback_service.mail.waiting import Waiting

CLAIM_SECONDS = 60.0

log = structlog.get_logger()


@dataclass(slots=True)
class Tally:
    """What became of a batch.

    Attributes:
        refusals: policy refusals in words, for the operator (R28).
        lost: the connections that cannot be used any more, and why.
    """

    claimed: int = 0
    sent: int = 0
    refusals: list[str] = field(default_factory=list)
    lost: dict[Connection, ServerUnavailableError] = field(default_factory=dict)


class _NotSentError(Exception):
    """The mail was stopped before its content: it is not ours any more, or that could not be written down."""


class Delivery:
    """Sends what is due; for one run, in one thread.

    Args:
        database: where the outbox is.
        clock: the time of leases, retries and the Date header.
        smtp_timeout: seconds that one answer of the server may take (the last one eight times as long); a mail in hand
            is held for ten of them.
        stopping: when set, the mails in hand are finished and the rest of the batch given back.
        claim_seconds: how long the mails of a batch that are not yet begun are held.
        rates: the limits in force.
        urgent_only: leaves everything but urgent mail to others.
        write: makes the bytes of a mail, signed or not.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        smtp_timeout: float,
        stopping: threading.Event,
        claim_seconds: float = CLAIM_SECONDS,
        rates: Rates = Rates(),  # noqa: B008 - it is frozen
        urgent_only: bool = False,
        write: Callable[[HeldMail, datetime], bytes] = wire_of,
    ) -> None:
        self._database = database
        self._clock = clock
        self._ending = threading.Event()
        self._waiting = Waiting(clock, (stopping, self._ending))
        self._ledger = Ledger(database, clock, timedelta(seconds=10 * smtp_timeout), self._waiting)
        self._claimer = Claimer(rates, timedelta(seconds=claim_seconds), urgent_only=urgent_only)
        self._batch = rules.LEAST_BATCH
        self._write = write

    def deliver_next(self, connections: Sequence[Connection]) -> Tally:
        """Deliver one batch over `connections`; `claimed` is 0 when nothing may be sent now.

        Raises `ServerUnavailableError` when none of them can be used; the mails are given back then, and
        it does not count as their attempt.
        """
        tally, began = Tally(), time.monotonic()
        self._claim(tally)
        try:
            working = connections[: tally.claimed]
            lanes = [Lane(one, self._waiting, self._ledger, self._clock, self._write) for one in working]
            self._run(lanes)
            for lane in lanes:
                lane.report(tally)
            self._ledger.wipe_sent()
        finally:
            self._ledger.close()
            self._give_back()
        self._batch = rules.batch_size(tally.sent, time.monotonic() - began)
        if lanes and len(tally.lost) == len(connections):
            raise next(iter(tally.lost.values()))
        return tally

    def _claim(self, tally: Tally) -> None:
        now = self._clock.now()
        with self._database.writing() as session:
            tally.claimed, ready = self._claimer.claim(session, self._batch, now)
            troubles = paces.troubles(session) if ready else []
        self._waiting.fill(ready, troubles)

    def _run(self, lanes: Sequence["Lane"]) -> None:
        threads = list[threading.Thread]()
        try:
            for number, lane in enumerate(lanes, 1):
                thread = threading.Thread(target=lane.run, name=f"mail-{number}")
                thread.start()
                # One that cannot be started must not leave those before it at work behind our back.
                threads.append(thread)
            for thread in threads:
                while thread.is_alive():
                    thread.join(LATEST_SECONDS)
                    self._ledger.look_after()
        finally:
            self._ending.set()
            for thread in threads:
                thread.join()
            self._ending.clear()
        self._ledger.flush()

    def _give_back(self) -> None:
        left = self._waiting.empty()
        if left:
            with self._database.writing() as session:
                self._claimer.unclaim(session, left, self._clock.now())


class Lane:
    """One connection at work on a batch, in a thread of its own."""

    def __init__(
        self,
        connection: Connection,
        waiting: Waiting,
        ledger: Ledger,
        clock: Clock,
        write: Callable[[HeldMail, datetime], bytes],
    ) -> None:
        self._connection = connection
        self._waiting = waiting
        self._ledger = ledger
        self._clock = clock
        self._write = write
        self._sent = 0
        self._refusals: list[str] = []
        self._unavailable: ServerUnavailableError | None = None
        self._failure: BaseException | None = None

    def run(self) -> None:
        """Send one mail after the other; what goes wrong is told by `report`."""
        try:
            with self._ledger.hand():
                while (mail := self._waiting.take()) is not None:
                    self._deliver(mail)
            self._ledger.flush()
        except ServerUnavailableError as error:
            self._unavailable = error
        except BaseException as error:  # noqa: BLE001 - raised where the run is looked after
            self._failure = error

    def report(self, tally: Tally) -> None:
        """Add to `tally`; raise what ended this lane unforeseen."""
        if self._failure is not None:
            raise self._failure
        tally.sent += self._sent
        tally.refusals += self._refusals
        if self._unavailable is not None:
            tally.lost[self._connection] = self._unavailable

    def _deliver(self, mail: HeldMail) -> None:
        try:
            wire = self._write(mail, self._clock.now())
        except (MailError, ValueError) as error:
            self._settle(settling.unwritable(mail, error))
            return
        done = self._send(mail, wire)
        if done is not None:
            self._settle(done)

    def _settle(self, done: Settlement) -> None:
        self._ledger.settle(done)
        if done.state is not MailState.SENT:
            # What was refused may make its domain wait: the next mail is to know.
            self._ledger.flush()

    def _send(self, mail: HeldMail, wire: bytes) -> Settlement | None:
        return_path = mail.return_path or addresses.split(mail.sender)[1]
        try:
            self._connection.send(wire, return_path, mail.recipient or "", partial(self._begin, mail))
        except _NotSentError as stopped:
            if stopped.__cause__ is not None:
                self._waiting.put_back(mail)
                raise stopped.__cause__ from None
            return None
        except ServerUnavailableError:
            self._waiting.put_back(mail)
            raise
        except OutcomeUnknownError as error:
            return settling.unknown(mail, error, self._clock.now())
        except MailError as error:
            return self._refused(mail, error)
        except Exception as error:
            # Whatever it was, the mail may be out.
            log.exception("mail ended in an unforeseen error", mail=mail.id, kind=mail.kind)
            return settling.unknown(mail, error, self._clock.now())
        self._sent += 1
        return settling.sent(mail, self._clock.now())

    def _begin(self, mail: HeldMail) -> None:
        try:
            is_ours = self._ledger.begin(mail)
        except Exception as error:
            raise _NotSentError from error
        if not is_ours:
            raise _NotSentError

    def _refused(self, mail: HeldMail, error: MailError) -> Settlement:
        done = settling.refused(mail, error, self._clock.now())
        if done.is_policy:
            self._refusals.append(done.why)
        return done
