"""Read the sources that are due, one after the other."""

from feedback_service.bootstrap import Services
from feedback_service.scanning.pipeline import scan_next


def run(services: Services) -> int:
    """Read every source that is due now; return how many were read. Asked to stop, end after the one in hand.

    Sources that fall due meanwhile wait for the next run, or a short interval would keep this one busy for ever.
    """
    read, due_by = 0, services.clock.now()
    while not services.stopping.is_set() and scan_next(services, due_by):
        read += 1
    return read
