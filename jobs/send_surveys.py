"""Queue the surveys that are due; `send_mail` sends them."""

from feedback_service.bootstrap import Services


def run(services: Services) -> int:
    """Queue every survey due now; return how many were queued."""
    return services.inviter.queue_due(services.clock.now(), services.stopping.is_set)
