"""`python -m feedback_service.demo BEGUN_AT PORT`: makes the history of the demo's shop.

The stage runs it in a process of its own, whose memory goes with it. While it runs, the sites stand on
`PORT` as they were at the instant that is replayed.
"""

import sys
from datetime import datetime

from flask import Flask

from feedback_service import logs
from feedback_service.bootstrap import build
from feedback_service.clock import ManualClock
from feedback_service.demo import sites as demo_sites
from feedback_service.demo.history import Replay, make_history
from feedback_service.demo.serving import LocalServer, address
from feedback_service.errors import FeedbackError
from feedback_service.settings import load_settings


def main(begun: str, port: str) -> None:
    """Make the history up to `begun` (ISO 8601); the sites listen on `port`."""
    settings = load_settings()
    logs.configure("warning", "text")
    begun_at = datetime.fromisoformat(begun)
    clock = ManualClock(begun_at)
    sites = demo_sites.Sites(clock, begun_at)
    app = Flask("feedback_service_demo_history")
    app.register_blueprint(demo_sites.blueprint(sites))
    services = build(settings).with_clock(clock)
    server = LocalServer(app, int(port))
    server.start()
    try:
        make_history(Replay(services, clock, begun_at, address(int(port))), sites)
    finally:
        server.stop()
        services.close()


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except FeedbackError as error:
        sys.exit(f"feedback-service: {error}")
