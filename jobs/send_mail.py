"""Sends the mails of the outbox that are due, over several connections that are kept for the run."""

import contextlib

from feedback_service.bootstrap import Services
from feedback_service.mail.delivery import Delivery, Tally
from feedback_service.mail.errors import PolicyError
from feedback_service.mail.pacing import Rates
from feedback_service.mail.transport import Connection


def run(services: Services) -> int:
    """Return how many mails were sent.

    Raises `ServerUnavailableError` when the server cannot be used (nothing is lost: the mails wait) and
    `PolicyError` at the end when the server refused some by its policy: both need the operator.
    """
    return _send(services, services.settings.smtp_connections, urgent_only=False)


def run_urgent(services: Services) -> int:
    """Send what is urgent over a connection of its own, beside any other run; as `run` in everything else."""
    return _send(services, 1, urgent_only=True)


def _send(services: Services, connections: int, *, urgent_only: bool) -> int:
    settings = services.settings
    delivery = Delivery(
        services.database,
        services.clock,
        smtp_timeout=settings.smtp_timeout,
        stopping=services.stopping,
        claim_seconds=settings.lease_seconds,
        rates=Rates.of(settings),
        urgent_only=urgent_only,
        write=services.mail_writer.write,
    )
    sent, refusals = 0, list[str]()
    with contextlib.ExitStack() as opened:
        working = [opened.enter_context(services.transport.connect()) for _ in range(connections)]
        while not services.stopping.is_set():
            tally = delivery.deliver_next(working)
            if not tally.claimed:
                break
            sent += tally.sent
            refusals += tally.refusals
            working = _still_working(working, tally)
    if refusals:
        sentence = f"{len(refusals)} mails were refused by policy and will be tried again. {refusals[0]}"
        raise PolicyError(sentence, subject=settings.smtp_host, permanent=False)
    return sent


def _still_working(connections: list[Connection], tally: Tally) -> list[Connection]:
    # A server may take fewer connections at once than we have: the others go on.
    return [connection for connection in connections if connection not in tally.lost]
