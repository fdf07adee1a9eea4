"""Ask the hubs to push the feeds that offer one, again before each lease ends, and no more what is not read (R56)."""

from feedback_service.bootstrap import Services


def run(services: Services) -> int:
    """Ask every hub that is due now; return how many were asked. Asked to stop, end after the one in hand."""
    subscriber, now = services.subscriber, services.clock.now()
    subscriber.arrange(now)
    asked = 0
    while not services.stopping.is_set() and subscriber.ask_next(services.clock.now()):
        asked += 1
    subscriber.forget(now)
    return asked
