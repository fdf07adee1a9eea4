"""`python -m feedback_service.demo BEGUN_AT SOCKET`: makes the history of the demo's shop.

The stage runs it in a process of its own, whose memory goes with it. While it runs, the sites answer on
`SOCKET`, a listening socket it inherits, as they were at the instant that is replayed.
"""

import socket
import sys
from datetime import datetime

from flask import Flask

from feedback_service import logs
from feedback_service.bootstrap import build
from feedback_service.clock import ManualClock
from feedback_service.demo import sites as demo_sites
from feedback_service.demo.history import Replay, make_history
from feedback_service.demo.serving import LocalServer, address, port_of
from feedback_service.errors import FeedbackError
from feedback_service.settings import load_settings


def main(begun: str, descriptor: str) -> None:
    """Make the history up to `begun` (ISO 8601); the sites answer on the socket of that descriptor."""
    settings = load_settings()
    logs.configure("warning", "text")
    begun_at = datetime.fromisoformat(begun)
    clock = ManualClock(begun_at)
    sites = demo_sites.Sites(clock, begun_at)
    app = Flask("feedback_service_demo_history")
    app.register_blueprint(demo_sites.blueprint(sites))
    services = build(settings).with_clock(clock)
    listener = socket.socket(fileno=int(descriptor))
    server = LocalServer(app, listener)
    server.start()
    try:
        make_history(Replay(services, clock, begun_at, address(port_of(listener))), sites)
    finally:
        server.stop()
        listener.close()
        services.close()


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except FeedbackError as error:
        sys.exit(f"feedback-service: {error}")
