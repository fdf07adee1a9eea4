"""A WebSub hub on a loopback port: it takes subscriptions, asks back at the callback, and pushes what is published."""

import contextlib
import hmac
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
from werkzeug import Request, Response

from feedback_service.demo.serving import LocalServer, address, listen, port_of

CHALLENGE = "challenge-é&<b>"


@dataclass
class Hub:
    """What it was asked, and how it behaves.

    Attributes:
        address: where it takes subscriptions.
        asked: the forms that came, in order.
        status: what it answers to them.
        asks_back: 'before' its own answer, 'after' it, or 'never'.
        lease: what it grants; empty to leave it out.
        confirmed: status and body of each of its questions at a callback.
    """

    address: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)
    status: int = 202
    asks_back: str = "before"
    lease: str = "864000"
    confirmed: list[tuple[int, str]] = field(default_factory=list)
    waiting: list[threading.Thread] = field(default_factory=list)

    def __call__(self, environ: dict[str, object], start: object) -> object:
        """Take one request; WSGI."""
        form = Request(environ).form.to_dict()
        self.asked.append(form)
        if self.asks_back == "before":
            self.ask_back(form)
        elif self.asks_back == "after":
            self.waiting.append(threading.Thread(target=self.ask_back, args=(form,)))
        return Response("" if self.status < 300 else "no such topic", self.status)(environ, start)  # type: ignore[arg-type]  # WSGI's own types

    def ask_back(self, form: dict[str, str], **changes: str) -> tuple[int, str]:
        """Ask at the callback whether the subscriber meant it."""
        question = {"hub.mode": form["hub.mode"], "hub.topic": form["hub.topic"], "hub.challenge": CHALLENGE}
        if self.lease and form["hub.mode"] == "subscribe":
            question["hub.lease_seconds"] = self.lease
        answer = httpx.get(form["hub.callback"], params=question | changes, trust_env=False)
        self.confirmed.append((answer.status_code, answer.text))
        return self.confirmed[-1]

    def ask_those_waiting(self) -> None:
        """Ask back now, for what was answered already."""
        for thread in self.waiting:
            thread.start()
        for thread in self.waiting:
            thread.join()
        self.waiting.clear()

    def publish(self, body: bytes, *, method: str = "sha256", content_type: str = "application/rss+xml") -> int:
        """Push to the latest subscriber, signed; return the status of its answer."""
        form = self.asked[-1]
        headers = {"Content-Type": content_type, "X-Hub-Signature": sign(body, form["hub.secret"], method)}
        return httpx.post(form["hub.callback"], content=body, headers=headers, trust_env=False).status_code


def sign(body: bytes, secret: str, method: str = "sha256") -> str:
    """Return the value of X-Hub-Signature."""
    return f"{method}={hmac.new(secret.encode(), body, method).hexdigest()}"


@contextlib.contextmanager
def running_hub() -> Iterator[Hub]:
    """Run a hub for the length of the block."""
    hub = Hub()
    with listen() as listener:
        server = LocalServer(hub, listener)  # type: ignore[arg-type]  # WSGI by its shape
        hub.address = f"{address(port_of(listener))}/hub"
        server.start()
        try:
            yield hub
        finally:
            server.stop()
