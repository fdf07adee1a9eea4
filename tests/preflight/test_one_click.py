"""Whether a mailbox provider's one-click objection reaches us, through whatever stands in front (RFC 8058)."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from flask import Flask, Response

from feedback_service.app import create_app
from feedback_service.bootstrap import Services
from feedback_service.cli.checks_reach import check_one_click
from feedback_service.demo.serving import LocalServer, address, listen, port_of
from feedback_service.findings import Finding, State
from feedback_service.mail.models import Suppression


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve `app` on the loopback; yield its address."""
    with listen() as listener:
        url, server = address(port_of(listener)), LocalServer(app, listener)
    server.start()
    yield url
    server.stop()


def looked_at(services: Services, app: Flask) -> Finding:
    with served(app) as url:
        return check_one_click(services.settings.model_copy(update={"public_url": url}))


def in_front(answer: Response) -> Flask:
    """Return something in front of us that gives one answer to all."""
    app = Flask("in front")

    @app.post("/u/<token>")
    def give(token: str) -> Response:
        assert len(token) >= 32
        return answer

    return app


def test_where_it_reaches_us_nothing_is_to_be_done_and_nothing_is_stored(services: Services) -> None:
    assert looked_at(services, create_app(services)).state is State.OK
    with services.database.reading() as session:
        assert session.scalars(sa.select(Suppression)).all() == []


@pytest.mark.parametrize("status", [200, 401, 403, 404, 405, 503])
def test_an_answer_that_is_not_ours_is_wrong(services: Services, status: int) -> None:
    finding = looked_at(services, in_front(Response("Checking your browser", status=status)))
    assert (finding.state, f"answered {status}" in finding.found) == (State.WRONG, True)


def test_a_redirect_is_wrong_since_nobody_follows_it(services: Services) -> None:
    moved = {"Location": "https://www.shop.example/u/x"}
    finding = looked_at(services, in_front(Response(status=308, headers=moved)))
    assert (finding.state, "https://www.shop.example/u/x" in finding.found) == (State.WRONG, True)


def test_nobody_there_is_told(services: Services) -> None:
    finding = check_one_click(services.settings.model_copy(update={"public_url": "http://127.0.0.1:9"}))
    assert "cannot be sent" in finding.found
