"""A reader to be killed, `python -m tests.inbound.kill_reader URL INSTANCE PORT USER`; it says each step it takes."""

import sys

from feedback_service.bootstrap import Services
from feedback_service.clock import SystemClock
from feedback_service.db import Database
from feedback_service.inbound.mailbox import read_mailbox
from feedback_service.settings import load_settings
from tests.inbound.conftest import BOUNCES
from tests.support.builders import SECRET
from tests.support.dovecot import PASSWORD


def main() -> None:
    """Read until nothing waits."""
    _, url, instance, port, user = sys.argv
    settings = load_settings(
        {}, instance=instance, database_url=url, secret_key=SECRET, bounce_address=BOUNCES, imap_host="127.0.0.1",
        imap_port=int(port), imap_security="none", imap_user=user, imap_password=PASSWORD,
    )  # fmt: skip
    services = Services(settings=settings, clock=SystemClock(), database=Database(url))

    def take(raw: bytes) -> None:
        print("taking", flush=True)  # noqa: T201 - the test waits for it
        services.inbound_desk.take_mail(raw, "mailbox", services.clock.now())
        print("taken", flush=True)  # noqa: T201 - as above

    read_mailbox(settings, take, lambda: False)


if __name__ == "__main__":
    main()
