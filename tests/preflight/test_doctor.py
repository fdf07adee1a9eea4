"""`feedback-service doctor` against a real name server, a mail server with STARTTLS, and our own pages on HTTPS."""

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response
from werkzeug.serving import make_server

from feedback_service.app import create_app
from feedback_service.bootstrap import Services
from feedback_service.cli import checks_reach, checks_sender
from feedback_service.cli.doctor import looked_at
from feedback_service.clock import SystemClock
from feedback_service.findings import Finding, State
from feedback_service.settings import Settings
from feedback_service.shops.models import Role
from feedback_service.ticks import JobRun
from jobs.registry import JOBS
from tests.support.builders import make_shop, make_staff
from tests.support.certificates import make_certificate
from tests.support.commands import environment, run
from tests.support.dns_server import name_server, text
from tests.support.smtp import RecordingServer

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PUBLIC = "127.0.0.2"
"""An address of this computer that the command takes for any other."""

ZONE = {
    "atelier.example.com": {"TXT": [text("v=spf1 ip4:203.0.113.5 -all")], "MX": ["10 mx.atelier.example.com."]},
    "mx.atelier.example.com": {"A": ["203.0.113.5"]},
    "_dmarc.atelier.example.com": {"TXT": [text("v=DMARC1; p=reject; rua=mailto:dmarc@atelier.example.com")]},
    "5.113.0.203.in-addr.arpa": {"PTR": ["mx.atelier.example.com."]},
}


@contextmanager
def served(app: Flask, context: ssl.SSLContext) -> Iterator[str]:
    """Serve `app` on HTTPS; yield its address."""
    server = make_server(PUBLIC, 0, app, threaded=True, ssl_context=context)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"https://{PUBLIC}:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def trusted(tmp_path: Path) -> tuple[ssl.SSLContext, ssl.SSLContext, Path]:
    """Contexts of a web and a mail server, and the file of their certificates, which last for 90 days."""
    contexts, both = [], tmp_path / "both.pem"
    for name, address in (("web", PUBLIC), ("mail", "127.0.0.1")):
        folder = tmp_path / name
        folder.mkdir()
        context, certificate = make_certificate(folder, address, days=90)
        contexts.append(context)
        with both.open("ab") as file:
            file.write(certificate.read_bytes())
    return contexts[0], contexts[1], both


@pytest.fixture
def mail_server(trusted: tuple[ssl.SSLContext, ssl.SSLContext, Path]) -> Iterator[RecordingServer]:
    """A mail server that offers STARTTLS."""
    server = RecordingServer(tls=trusted[1])
    server.start()
    yield server
    server.stop()


def _healthy(services: Services, **shop: Any) -> None:  # noqa: ANN401 - any column
    now = SystemClock().now()
    values = {"sender_address": "hello@atelier.example.com", "reply_to": "hello@atelier.example.com"} | shop
    with services.database.writing() as session:
        make_staff(session, make_shop(session, **values), role=Role.ADMIN)
        session.add_all([JobRun(job=job.name, started_at=now, finished_at=now, done=0) for job in JOBS])


def _report(settings: Settings, **changes: Any) -> tuple[int, dict[str, dict[str, str]]]:  # noqa: ANN401 - any setting
    ca = changes.pop("ca", None)
    environ = environment(settings, jobs_pace=1, **changes) | ({"SSL_CERT_FILE": str(ca)} if ca else {})
    done = run("doctor", "--json", environ=environ)
    assert done.stderr == ""
    report = json.loads(done.stdout)
    assert report["ok"] is (done.returncode == 0)
    return done.returncode, {finding["subject"]: finding for finding in report["findings"]}


def test_all_is_well_where_dns_mail_server_and_public_address_are(
    services: Services,
    settings: Settings,
    trusted: tuple[ssl.SSLContext, ssl.SSLContext, Path],
    mail_server: RecordingServer,
) -> None:
    _healthy(services)
    with name_server(ZONE) as dns, served(create_app(services), trusted[0]) as url:
        status, found = _report(
            settings,
            public_url=url,
            smtp_port=mail_server.port,
            smtp_security="starttls",
            dns_resolver=dns.address,
            sending_addresses="203.0.113.5",
            ca=trusted[2],
        )
    assert {subject: finding["state"] for subject, finding in found.items() if finding["state"] != "ok"} == {
        "DKIM of atelier.example.com": "advice"  # the mail server may sign: that cannot be seen from here
    }
    assert status == 0
    assert found["Public address"]["found"] == f"{url}/healthz answers."
    assert found["One-click objection"]["found"] == "It reaches this service."
    for subject in ("Certificate of the public address", "Mail server's TLS"):
        assert "(89 days)" in found[subject]["found"]
    assert found["Clock, by the web server"]["found"] == "It agrees with that of the public address."
    assert found["Name of 203.0.113.5"]["found"] == "mx.atelier.example.com, and back."
    assert "the envelope answers for the sender." in found["DMARC of atelier.example.com"]["found"]
    assert mail_server.received == []


def test_everything_wrong_at_once_is_told_in_words(
    services: Services, settings: Settings, trusted: tuple[ssl.SSLContext, ssl.SSLContext, Path]
) -> None:
    _healthy(services)
    broken = {
        "atelier.example.com": {"TXT": [text("v=spf1 +all")], "MX": ["0 ."]},
        "_dmarc.atelier.example.com": {"TXT": [text("v=DMARC1; p=none"), text("v=DMARC1; p=reject")]},
    }
    with name_server(broken) as dns, served(create_app(services), trusted[0]) as url:
        # The certificate's maker is not among those that the system trusts.
        status, found = _report(settings, public_url=url, dns_resolver=dns.address, sending_addresses="203.0.113.5")
    assert status == 1
    for subject, words in {
        "Public address": "certificate verify failed",
        "SPF of atelier.example.com": "SPF lets anybody send",
        "DMARC of atelier.example.com": "There are 2 DMARC records",
        "Bounces to atelier.example.com": "null MX",
        "Name of 203.0.113.5": "has no name (PTR)",
    }.items():
        assert words in found[subject]["found"]
        assert found[subject]["state"] == "wrong"
        assert found[subject]["to_do"]


def test_silent_name_servers_do_not_hold_the_command_up(services: Services, settings: Settings) -> None:
    _healthy(services)
    with name_server(ZONE) as dns:
        dns.silent |= {*ZONE, "s._domainkey.atelier.example.com"}
        started = datetime.now(UTC)
        status, found = _report(settings, dns_resolver=dns.address, public_url="http://127.0.0.1:9")
    assert status == 1
    assert (
        "cannot be asked: atelier.example.com (TXT): no answer in time" in found["SPF of atelier.example.com"]["found"]
    )
    assert datetime.now(UTC) - started < timedelta(seconds=40)


def test_local_asks_nobody(services: Services, settings: Settings) -> None:
    _healthy(services)
    with name_server(ZONE) as dns:
        done = run("doctor", "--local", environ=environment(settings, dns_resolver=dns.address))
    assert dns.asked == []
    assert "SPF" not in done.stdout
    assert "Public address" not in done.stdout


def test_what_is_said_for_people_says_what_to_do_below(services: Services, settings: Settings) -> None:
    _healthy(services)
    with name_server({}) as dns:
        done = run("doctor", environ=environment(settings, dns_resolver=dns.address, public_url="http://127.0.0.1:9"))
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    at = lines.index("!!  SPF of atelier.example.com: There is no SPF record.")
    assert lines[at + 1].startswith("    Publish one TXT record at atelier.example.com")
    assert any(line.startswith("--  DKIM of atelier.example.com: We do not sign") for line in lines)


def test_shops_with_one_domain_are_asked_about_once(services: Services) -> None:
    _healthy(services)
    with services.database.writing() as session:
        make_shop(session, slug="second", sender_address="second@ATELIER.example.com", reply_to="x@café.example.com")
    with name_server(ZONE) as dns:
        updated = services.settings.model_copy(update={"dns_resolver": dns.address})
        shops = Services(settings=updated, clock=services.clock, database=services.database)
        subjects = [finding.subject for finding in checks_sender.check_senders(shops)]
    assert len(subjects) == len(set(subjects))
    assert "Replies to xn--caf-dma.example.com" in subjects


def test_another_page_at_the_public_address_is_told(
    services: Services, settings: Settings, trusted: tuple[ssl.SSLContext, ssl.SSLContext, Path]
) -> None:
    _healthy(services)
    other = Flask("other")

    @other.get("/healthz")
    def page() -> Response:
        return Response("<html>Welcome to nginx!</html>")

    with served(other, trusted[0]) as url, name_server(ZONE) as dns:
        _, found = _report(settings, public_url=url, dns_resolver=dns.address, ca=trusted[2])
    assert "answers 200, and not as this service does" in found["Public address"]["found"]


@pytest.mark.parametrize(
    ("host", "offers", "words"),
    [
        ("127.0.0.1", False, "Not needed"),
        ("127.0.0.2", True, "set FEEDBACK_SMTP_SECURITY=starttls"),
        ("127.0.0.2", False, "offers no STARTTLS"),
    ],
)
def test_a_way_in_the_clear_is_told_unless_it_stays_on_this_computer(
    services: Services, host: str, words: str, *, offers: bool
) -> None:
    settings = services.settings.model_copy(update={"smtp_host": host})
    finding = checks_reach.mail_tls_finding(settings, offers=offers, not_after="")
    assert words in (finding.to_do or finding.found)


def test_a_check_that_fails_is_told_and_the_others_are_made(services: Services) -> None:
    def check_the_moon(_services: Services) -> Finding:
        message = "it is too far"
        raise OSError(message)

    def check_two(_services: Services) -> Iterator[Finding]:
        yield Finding("One", "Fine.")
        raise ZeroDivisionError

    [moon] = looked_at(check_the_moon, services)
    assert (moon.subject, moon.state) == ("The moon", State.WRONG)
    assert "OSError: it is too far" in moon.found
    assert [finding.subject for finding in looked_at(check_two, services)] == ["One", "Two"]
