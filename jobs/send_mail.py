"""Sends the mails of the outbox that are due, over one connection."""

from feedback_service.bootstrap import Services
from feedback_service.mail.delivery import Delivery
from feedback_service.mail.errors import PolicyError


def run(services: Services) -> int:
    """Return how many mails were sent.

    Raises `ServerUnavailableError` when the server cannot be used (nothing is lost: the mails wait) and
    `PolicyError` at the end when the server refused some by its policy: both need the operator.
    """
    settings = services.settings
    delivery = Delivery(
        services.database,
        services.clock,
        smtp_timeout=settings.smtp_timeout,
        stopping=services.stopping,
        claim_seconds=settings.lease_seconds,
    )
    sent, refusals = 0, list[str]()
    with services.transport.connect() as connection:
        while not services.stopping.is_set():
            tally = delivery.deliver_next(connection)
            if not tally.claimed:
                break
            sent += tally.sent
            refusals += tally.refusals
    if refusals:
        sentence = f"{len(refusals)} mails were refused by policy and will be tried again. {refusals[0]}"
        raise PolicyError(sentence, subject=settings.smtp_host, permanent=False)
    return sent
