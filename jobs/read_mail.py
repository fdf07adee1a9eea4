"""Reads the mailbox that bounces and replies come to."""

from feedback_service.bootstrap import Services


def run(services: Services) -> int:
    """Return how many mails were taken in; 0 where no mailbox is set.

    Raises `MailboxError` when the mailbox cannot be read: the mails wait in it.
    """
    if not services.settings.imap_host:
        return 0
    # Reading mail takes some megabytes, which an installation without a mailbox need not have.
    from feedback_service.inbound.mailbox import read_mailbox

    desk, clock = services.inbound_desk, services.clock
    return read_mailbox(
        services.settings, lambda raw: desk.take_mail(raw, "mailbox", clock.now()), services.stopping.is_set
    )
