"""Watches the scan from outside of it: tells the operator when no source is read any more, and beats to the outside."""

from datetime import timedelta

from feedback_service.bootstrap import Services
from feedback_service.scanning.missed import scan_went_well, tell_operators


def run(services: Services) -> int:
    """Return how many mails were queued, one to each operator and outage.

    While all is well `heartbeat_url` is asked for, if there is one: whoever listens there raises the alarm when that
    stops. Raises `FetchError` when it cannot be reached.
    """
    now, allowed = services.clock.now(), timedelta(seconds=services.settings.scan_missed_after)
    with services.database.writing() as session:
        told = tell_operators(session, services.outbox, services.links, now, allowed)
    heartbeat = services.settings.heartbeat_url
    if heartbeat:
        with services.database.reading() as session:
            is_well = scan_went_well(session, now, allowed)
        if is_well:
            services.fetcher.fetch(heartbeat, accept="*/*", cut_at=1000)
    return told
