"""Let the shops learn from their own rated texts whose turn it is."""

from feedback_service.bootstrap import Services


def run(services: Services) -> int:
    """Let each shop learn that is due; return how many did. Asked to stop, end after the one in hand."""
    learned = 0
    while not services.stopping.is_set() and services.learning_desk.learn_next(services.clock.now()):
        learned += 1
    return learned
