"""Sender, recipient and DATA in one go, where the server offers that (RFC 2920): fewer waits, the same promises."""

import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest

from feedback_service.mail.errors import MailError, OutcomeUnknownError
from feedback_service.mail.rules import Stage
from tests.mail.test_transport import MESSAGE, send, transport
from tests.support.smtp import HANG_UP, RecordingServer

pytestmark = pytest.mark.usefixtures("pipelining")


@pytest.fixture
def pipelining(server: RecordingServer) -> None:
    """Let the server offer it."""
    server.offers = {"PIPELINING"}


def test_a_mail_arrives_byte_for_byte(server: RecordingServer) -> None:
    with transport(server.port).connect() as connection:
        for number in range(3):
            connection.send(MESSAGE, "a@example.com", f"c{number}@example.com", lambda: None)
    assert [(mail.recipient, mail.data) for mail in server.received] == [
        (f"c{number}@example.com", MESSAGE) for number in range(3)
    ]
    assert server.sessions == 1


@pytest.mark.parametrize(
    ("name", "stage"), [("MAIL", Stage.SENDER), ("RCPT", Stage.RECIPIENT), ("DATA", Stage.MESSAGE)]
)
def test_a_refusal_is_told_of_its_stage_and_the_session_goes_on(
    server: RecordingServer, name: str, stage: Stage
) -> None:
    server.replies[name] = ["550 5.1.1 No"]
    with transport(server.port).connect() as connection:
        with pytest.raises(MailError, match=r"The mail server answered 550 5\.1\.1 No") as caught:
            connection.send(MESSAGE, "a@example.com", "b@example.com", lambda: None)
        connection.send(MESSAGE, "a@example.com", "c@example.com", lambda: None)
    assert caught.value.stage is stage
    assert [mail.recipient for mail in server.received] == ["c@example.com"]
    assert server.sessions == 1


def test_the_point_of_no_return_is_not_reached_where_the_recipient_is_refused(server: RecordingServer) -> None:
    called: list[str] = []
    server.replies["RCPT"] = ["450 4.2.0 Greylisted"]
    with transport(server.port).connect() as connection, pytest.raises(MailError):
        connection.send(MESSAGE, "a@example.com", "b@example.com", lambda: called.append("called"))
    assert called == []


def test_a_server_that_says_goodbye_between_two_answers_is_opened_anew(server: RecordingServer) -> None:
    server.replies["MAIL"] = ["250 OK", "421 4.7.0 Too many mails in one session"]
    with transport(server.port).connect() as connection:
        for number in range(2):
            connection.send(MESSAGE, "a@example.com", f"c{number}@example.com", lambda: None)
    assert len(server.received) == 2
    assert server.sessions == 2


def test_a_fresh_session_that_ends_says_why(server: RecordingServer) -> None:
    server.replies["RCPT"] = [HANG_UP]
    with transport(server.port).connect() as connection, pytest.raises(MailError, match="ended the connection"):
        connection.send(MESSAGE, "a@example.com", "b@example.com", lambda: None)


def test_no_answer_to_the_content_is_no_knowledge(server: RecordingServer) -> None:
    server.replies["DATA"] = [HANG_UP]
    with pytest.raises(OutcomeUnknownError):
        send(server.port)


@contextlib.contextmanager
def eager_server(heard: list[bytes]) -> Iterator[int]:
    """Refuse every recipient and ask for the content all the same, as RFC 2920 allows."""

    def answer(line: bytes) -> bytes:
        verb = line[:4].upper()
        if verb == b"EHLO":
            return b"250-eager.example.com\r\n250 PIPELINING\r\n"
        return {
            b"RCPT": b"550 5.1.1 No such user\r\n",
            b"DATA": b"354 Go on\r\n",
            b".\r\n": b"554 No recipients\r\n",
        }.get(verb, b"250 OK\r\n")

    def serve() -> None:
        with contextlib.suppress(OSError):
            client, _ = listener.accept()
            with client, client.makefile("rb") as lines:
                client.sendall(b"220 eager.example.com\r\n")
                for line in lines:
                    heard.append(line)
                    client.sendall(answer(line))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(10)


def test_a_server_that_waits_for_the_content_of_a_refused_mail_gets_a_lone_dot() -> None:
    heard: list[bytes] = []
    with eager_server(heard) as port, transport(port).connect() as connection:
        for number in range(2):
            with pytest.raises(MailError, match=r"550 5\.1\.1 No such user") as caught:
                connection.send(MESSAGE, "a@example.com", f"c{number}@example.com", lambda: None)
            assert caught.value.stage is Stage.RECIPIENT
    assert heard.count(b".\r\n") == 2
    assert not any(b"one" in line for line in heard)
