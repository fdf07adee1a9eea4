"""The SMTP transport against real servers: security, login, extensions, and where a talk breaks off."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from feedback_service.mail.errors import MailError, OutcomeUnknownError, ServerUnavailableError
from feedback_service.mail.replies import Reply, dot_stuffed, own_name
from feedback_service.mail.rules import Stage
from feedback_service.mail.transport import SmtpTransport
from feedback_service.settings import load_settings
from tests.support.builders import SECRET
from tests.support.certificates import make_certificate
from tests.support.smtp import HANG_UP, RecordingServer, recording_server

MESSAGE = b"Subject: test\r\n\r\n.one\r\n..two\r\nend\r\n"


def transport(port: int, **values: Any) -> SmtpTransport:  # noqa: ANN401 - any setting
    """Return a transport to a port of this machine."""
    return SmtpTransport(load_settings({}, secret_key=SECRET, smtp_port=port, smtp_timeout=5, **values))


def signed_in(password: str) -> dict[str, str]:
    """Return the settings of a login as `shop`."""
    return {"smtp_user": "shop", "smtp_password": password}


def send(port: int, recipient: str = "client@example.com", **values: Any) -> None:  # noqa: ANN401 - any setting
    """Send one mail over a connection of its own."""
    with transport(port, **values).connect() as connection:
        connection.send(MESSAGE, "bonjour@example.com", recipient, lambda: None)


@contextlib.contextmanager
def scripted_server(*lines: bytes) -> Iterator[int]:
    """Serve one connection: greet with the first line, answer each line of the client with the next, then close."""

    def serve() -> None:
        with contextlib.suppress(OSError):
            client, _ = listener.accept()
            with client, client.makefile("rb") as heard:
                for line in lines:
                    client.sendall(line)
                    heard.readline()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(10)


@contextlib.contextmanager
def late_server(delay: float) -> Iterator[int]:
    """Serve one connection: every command at once, the content `delay` seconds after its end."""

    def serve() -> None:
        with contextlib.suppress(OSError):
            client, _ = listener.accept()
            with client, client.makefile("rb") as lines:
                client.sendall(b"220 late.example.com\r\n")
                for line in lines:
                    if line == b".\r\n":
                        threading.Event().wait(delay)
                    if line == b".\r\n" or line[:4].upper() in {b"EHLO", b"MAIL", b"RCPT", b"QUIT"}:
                        client.sendall(b"250 OK\r\n")
                    elif line.upper() == b"DATA\r\n":
                        client.sendall(b"354 Go on\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(10)


def test_a_mail_arrives_byte_for_byte(server: RecordingServer) -> None:
    send(server.port)
    [received] = server.received
    assert received.data == MESSAGE
    assert f"SIZE={len(MESSAGE)}" in received.options


def test_we_greet_with_our_public_host(server: RecordingServer) -> None:
    send(server.port, public_url="https://feedback.example.com")
    send(server.port, public_url="http://127.0.0.1:8000")
    assert server.hellos == ["feedback.example.com", "[127.0.0.1]"]


def test_a_server_without_8bitmime_gets_the_same_mail(server: RecordingServer) -> None:
    server.hidden = {"8BITMIME", "SIZE"}
    send(server.port)
    assert [mail.data for mail in server.received] == [MESSAGE]


def test_starttls_with_a_valid_certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context, trusted = make_certificate(tmp_path, "127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    with recording_server(tls=context) as server:
        send(server.port, smtp_security="starttls")
        assert len(server.received) == 1


def test_starttls_with_a_certificate_nobody_vouches_for_sends_nothing(tmp_path: Path) -> None:
    context, _ = make_certificate(tmp_path, "127.0.0.1")
    with recording_server(tls=context) as server:
        with pytest.raises(ServerUnavailableError, match=r"its certificate is not valid: self.signed") as caught:
            send(server.port, smtp_security="starttls")
        assert caught.value.permanent
        assert server.received == []


def test_starttls_with_the_certificate_of_another_host_sends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, trusted = make_certificate(tmp_path, "other.example.com")
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    with (
        recording_server(tls=context) as server,
        pytest.raises(ServerUnavailableError, match="its certificate is not valid: IP address mismatch"),
    ):
        send(server.port, smtp_security="starttls")


def test_a_server_that_does_not_offer_starttls_gets_no_mail_in_clear(server: RecordingServer) -> None:
    with pytest.raises(ServerUnavailableError, match="does not offer what the settings ask for") as caught:
        send(server.port, smtp_security="starttls")
    assert caught.value.permanent
    assert server.received == []


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        pytest.param(b"454 4.7.0 TLS not available\r\n", r"it answered 454 4\.7\.0 TLS not available", id="not-now"),
        pytest.param(b"", "closed|reset|EOF", id="closed"),
        pytest.param(b"220 Go on\r\n250 OK\r\n", "closed|reset|EOF|[Ss]sl|SSL", id="no-handshake"),
        pytest.param(b"250-Yes\r\n250 OK\r\n", "it answered 250 Yes OK", id="not-220"),
    ],
)
def test_starttls_that_fails_sends_nothing_in_clear(answer: bytes, message: str) -> None:
    hello = b"250-odd.example.com\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n"
    with (
        scripted_server(b"220 odd.example.com\r\n", hello, answer) as port,
        pytest.raises(ServerUnavailableError, match=message) as caught,
    ):
        send(port, smtp_security="starttls", **signed_in("secret"))
    assert not caught.value.permanent
    assert "secret" not in str(caught.value)


def test_tls_from_the_first_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context, trusted = make_certificate(tmp_path, "127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    with recording_server(tls=context, implicit_tls=True) as server:
        send(server.port, smtp_security="tls")
        assert len(server.received) == 1


def test_a_login_that_is_accepted() -> None:
    with recording_server(login=("shop", "right")) as server:
        send(server.port, **signed_in("right"))
        assert len(server.received) == 1


def test_a_login_that_is_refused_says_so_and_not_the_password() -> None:
    with recording_server(login=("shop", "right")) as server:
        with pytest.raises(
            ServerUnavailableError, match=r"it refuses the user name and password \(535 5\.7\.8"
        ) as caught:
            send(server.port, **signed_in("a-wrong-one"))
        assert caught.value.permanent
        assert "a-wrong-one" not in str(caught.value)


def test_a_login_outside_ascii_is_a_clear_error() -> None:
    with (
        recording_server(login=("shop", "right")) as server,
        pytest.raises(ServerUnavailableError, match="must be ASCII"),
    ):
        send(server.port, **signed_in("clé"))


def test_a_server_that_wants_a_login_first_says_so(server: RecordingServer) -> None:
    server.replies["MAIL"] = ["530 5.7.0 Authentication required"]
    with pytest.raises(MailError) as caught:
        send(server.port)
    assert (caught.value.code, caught.value.status, caught.value.stage) == (530, "5.7.0", Stage.SENDER)


def test_a_mailbox_outside_ascii_goes_where_smtputf8_is_offered(server: RecordingServer) -> None:
    send(server.port, "hélène@boutique-é.example")
    [received] = server.received
    assert received.recipient == "hélène@xn--boutique--j4a.example"
    assert "SMTPUTF8" in received.options


def test_a_mailbox_outside_ascii_is_a_clear_error_elsewhere(server: RecordingServer) -> None:
    server.hidden = {"SMTPUTF8"}
    with pytest.raises(MailError, match=r"letters outside ASCII .* \(SMTPUTF8\)") as caught:
        send(server.port, "hélène@example.com")
    assert caught.value.permanent


@pytest.mark.parametrize("header", ["From", "Reply-To"])
def test_a_header_outside_ascii_needs_the_same_though_the_envelope_is_plain(
    server: RecordingServer, header: str
) -> None:
    message = f"{header}: hélène@example.com\r\n\r\n".encode()
    with transport(server.port).connect() as connection:
        connection.send(message, "a@example.com", "b@example.com", lambda: None)
    server.hidden = {"SMTPUTF8"}
    with transport(server.port).connect() as connection, pytest.raises(MailError, match="SMTPUTF8"):
        connection.send(message, "a@example.com", "b@example.com", lambda: None)
    [received] = server.received
    assert {"SMTPUTF8", "BODY=8BITMIME"} <= set(received.options)


@pytest.mark.parametrize(("name", "stage"), [("MAIL", Stage.SENDER), ("RCPT", Stage.RECIPIENT)])
def test_a_fresh_session_that_is_ended_says_at_which_stage(server: RecordingServer, name: str, stage: Stage) -> None:
    server.replies[name] = ["421 4.7.0 Too much mail from your address"]
    with pytest.raises(MailError) as caught:
        send(server.port)
    assert (caught.value.code, caught.value.status, caught.value.stage) == (421, "4.7.0", stage)


def test_a_server_may_think_longer_about_the_content_than_about_a_command() -> None:
    delay = 1.2
    with late_server(delay) as port:
        patient = SmtpTransport(load_settings({}, secret_key=SECRET, smtp_port=port, smtp_timeout=1))
        with patient.connect() as connection:
            connection.send(MESSAGE, "a@example.com", "b@example.com", lambda: None)


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
def test_after_a_refusal_the_session_goes_on(server: RecordingServer, stage: str) -> None:
    server.replies[stage] = ["550 5.1.1 No"]
    with transport(server.port).connect() as connection:
        with pytest.raises(MailError, match=r"The mail server answered 550 5\.1\.1 No"):
            connection.send(MESSAGE, "a@example.com", "b@example.com", lambda: None)
        connection.send(MESSAGE, "a@example.com", "c@example.com", lambda: None)
    assert server.sessions == 1


def test_what_is_raised_before_the_content_stops_the_mail(server: RecordingServer) -> None:
    def stop() -> None:
        raise RuntimeError

    with transport(server.port).connect() as connection:
        with pytest.raises(RuntimeError):
            connection.send(MESSAGE, "a@example.com", "b@example.com", stop)
        connection.send(MESSAGE, "a@example.com", "c@example.com", lambda: None)
    assert [mail.recipient for mail in server.received] == ["c@example.com"]


def test_the_server_has_agreed_to_everything_before_the_point_of_no_return(server: RecordingServer) -> None:
    called: list[str] = []
    server.replies["RCPT"] = ["550 No"]
    with transport(server.port).connect() as connection, pytest.raises(MailError):
        connection.send(MESSAGE, "a@example.com", "b@example.com", lambda: called.append("called"))
    assert called == []


def test_no_answer_to_the_content_is_no_knowledge(server: RecordingServer) -> None:
    server.replies["DATA"] = [HANG_UP]
    with pytest.raises(OutcomeUnknownError):
        send(server.port)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        pytest.param([b"554 5.3.2 Not now\r\n"], r"it answered 554 5\.3\.2 Not now", id="refused-at-the-door"),
        pytest.param(
            [b"HTTP/1.1 400 Bad Request\r\n"], r"it answered -1 HTTP/1\.1 400|it answered -1", id="no-mail-server"
        ),
        pytest.param([b""], "closed|reset", id="closed-at-once"),
        pytest.param([b"220 " + b"x" * 10_000 + b"\r\n"], "it answered 500 Line too long", id="endless-line"),
    ],
)
def test_a_door_that_is_no_mail_servers(lines: list[bytes], message: str) -> None:
    with scripted_server(*lines) as port, pytest.raises(ServerUnavailableError, match=message) as caught:
        send(port)
    assert not caught.value.permanent
    assert "Mails wait in the outbox until it is back." in str(caught.value)


def test_a_server_that_says_nothing_is_given_up_after_the_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        impatient = SmtpTransport(load_settings({}, secret_key=SECRET, smtp_port=port, smtp_timeout=0.2))
        with pytest.raises(ServerUnavailableError, match="timed out"), impatient.connect() as connection:
            connection.send(MESSAGE, "a@example.com", "b@example.com", lambda: None)


def test_a_host_that_does_not_exist_is_a_clear_error() -> None:
    with pytest.raises(ServerUnavailableError, match=r"The mail server 256\.0\.0\.1:25 cannot be used"):
        send(25, smtp_host="256.0.0.1")


@pytest.mark.parametrize("host", ["mail..example.com", f"{'a' * 70}.example.com"])
def test_a_host_that_cannot_be_one_is_a_clear_error(host: str) -> None:
    with pytest.raises(ServerUnavailableError, match=r"cannot be used: .*Correct the smtp_\* settings") as caught:
        send(25, smtp_host=host)
    assert caught.value.permanent


@pytest.mark.parametrize(
    ("message", "stuffed"),
    [
        (b"", b"\r\n.\r\n"),
        (b"a\r\n", b"a\r\n.\r\n"),
        (b"a", b"a\r\n.\r\n"),
        (b".\r\n.a\r\n..\r\n", b"..\r\n..a\r\n...\r\n.\r\n"),
    ],
)
def test_dots_at_the_start_of_lines_are_doubled(message: bytes, stuffed: bytes) -> None:
    assert dot_stuffed(message) == stuffed


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("feedback.example.com", "feedback.example.com"),
        ("192.0.2.1", "[192.0.2.1]"),
        ("2001:db8::1", "[IPv6:2001:db8::1]"),
        ("boutique-é.example", "xn--boutique--j4a.example"),
        ("é..example", "localhost"),
    ],
)
def test_the_name_we_greet_with(host: str, name: str) -> None:
    assert own_name(host) == name


@pytest.mark.parametrize(
    ("raw", "status", "text"),
    [
        (b"5.1.1 No such user\nreally", "5.1.1", "5.1.1 No such user really"),
        (b"No such user", "", "No such user"),
        (b"5.1.1.7 odd", "", "5.1.1.7 odd"),
        (b"\xff\x00bell\x07", "", "� bell"),
        (b"x" * 1000, "", "x" * 300),
    ],
)
def test_replies_in_words(raw: bytes, status: str, text: str) -> None:
    reply = Reply(550, raw)
    assert (reply.status, reply.text) == (status, text)
