"""A sender to be killed: `python -m tests.mail.kill_sender DATABASE_URL PORT LEASE` delivers until nothing is due."""

import sys
import threading

from feedback_service.clock import SystemClock
from feedback_service.db import Database
from feedback_service.mail.delivery import Delivery
from feedback_service.mail.transport import SmtpTransport
from feedback_service.settings import load_settings
from tests.support.builders import SECRET


def main() -> None:
    """Deliver batch after batch until nothing is due."""
    _, url, port, lease = sys.argv
    settings = load_settings({}, database_url=url, secret_key=SECRET, smtp_port=int(port))
    database = Database(url)
    delivery = Delivery(
        database,
        SystemClock(),
        smtp_timeout=float(lease) / 10,
        stopping=threading.Event(),
        claim_seconds=float(lease),
    )
    print("ready", flush=True)  # noqa: T201 - the test waits for it
    with SmtpTransport(settings).connect() as connection:
        while delivery.deliver_next([connection]).claimed:
            pass
    database.close()


if __name__ == "__main__":
    main()
