"""Queue the surveys and reminders that are due; `send_mail` sends them."""

from feedback_service.bootstrap import Services


def run(services: Services) -> int:
    """Queue every survey and every reminder due now; return how many were queued."""
    now, stopping = services.clock.now(), services.stopping.is_set
    asked = services.inviter.queue_due(now, stopping)
    reminded = services.reminders.queue_due(now, stopping)
    return asked + reminded + services.periodic.queue_due(now, stopping)
