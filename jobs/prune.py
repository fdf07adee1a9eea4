"""Job: remove what may no longer be kept (R15)."""

import structlog

from feedback_service.bootstrap import Services
from feedback_service.privacy.retention import BATCH, RETENTIONS

log = structlog.get_logger()


def run(services: Services) -> int:
    """Apply every retention rule until nothing is left to it; return how many rows it changed."""
    total = 0
    for retention in RETENTIONS:
        done, batch = 0, BATCH
        while batch == BATCH and not services.stopping.is_set():
            with services.database.writing() as session:
                batch = retention.apply(session, services.settings, services.clock.now())
            done += batch
        if done:
            log.info("pruned", what=retention.name, rows=done)
        total += done
    return total
