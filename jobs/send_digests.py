"""Queue the weekly digests that are due."""

from feedback_service.bootstrap import Services


def run(services: Services) -> int:
    """Queue each shop's digest of its last complete week, from Monday 08:00 its time; return the mails queued."""
    return services.digest_desk.queue_due(services.clock.now())
