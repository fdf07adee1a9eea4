"""Read the sources that are due, many hosts at once."""

from feedback_service.bootstrap import Services
from feedback_service.scanning.rounds import scan_due


def run(services: Services) -> int:
    """Read every source that is due now; return how many were read. Asked to stop, end after those in hand.

    Sources that fall due meanwhile wait for the next run, or a short interval would keep this one busy for ever.
    """
    return scan_due(services)
