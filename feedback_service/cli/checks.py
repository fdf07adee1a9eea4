"""What `doctor` looks at. Each check returns a finding in words, and what to do where something is amiss."""

import contextlib
import shlex
import smtplib
import stat
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import sqlalchemy as sa

from feedback_service import schema
from feedback_service.bootstrap import Services
from feedback_service.cli.checks_reach import LOCAL
from feedback_service.errors import FeedbackError, OutsideError
from feedback_service.findings import Finding
from feedback_service.mail.models import MailState, OutboxMail
from feedback_service.settings import CONFIG_NAME
from feedback_service.shops.models import Shop, Staff
from feedback_service.sources.models import UNREADABLE, Source
from feedback_service.sources.push import websub
from feedback_service.sources.push.subscriptions import SubscriptionState, WebSubSubscription

_TOLERATED_CLOCK_DIFFERENCE = timedelta(seconds=60)
_PATIENT_MAIL = timedelta(hours=1)
_RECENT = timedelta(days=7)
_SLOTS_MISSED = 3
_OTHERS_READ = stat.S_IROTH
_OTHERS_ENTER = stat.S_IXOTH


Check = Callable[[Services], Finding]


def check_database(services: Services) -> Finding:
    """Look whether the database answers and has every migration."""
    subject = "Database"
    try:
        services.database.check()
        current = schema.is_current(services.database)
    except OutsideError as error:
        return Finding(subject, str(error), "Nothing else was looked at: set this right first.")
    name = services.database.url.render_as_string(hide_password=True)
    if not current:
        return Finding(subject, f"{name} lacks migrations.", "Run `feedback-service init`; any start applies them too.")
    return Finding(subject, f"{name} answers and is up to date.")


def check_shops(services: Services) -> Finding:
    """Look whether there is a shop and somebody who can sign in."""
    with services.database.reading() as session:
        shops = session.scalar(sa.select(sa.func.count()).select_from(Shop)) or 0
        staff = session.scalar(sa.select(sa.func.count()).select_from(Staff).where(Staff.is_active)) or 0
    if not shops:
        return Finding("Shops", "There is none.", "Run `feedback-service init`.")
    if not staff:
        return Finding("Staff", "Nobody can sign in.", "Add somebody with `feedback-service staff add`.")
    return Finding("Shops and staff", f"shops: {shops}, people who can sign in: {staff}.")


def check_alerts(services: Services) -> Finding:
    """Look for shops in which nobody is told of a negative story."""
    from feedback_service.alerts.stories import who_is_told

    with services.database.reading() as session:
        shops = session.scalars(sa.select(Shop).order_by(Shop.id)).all()
        silent = [shop.slug for shop in shops if not who_is_told(session, shop)]
    if silent:
        to_do = "Add an agent or administrator with `feedback-service staff add`, with --shop for one of several."
        return Finding("Alerts", f"Nobody is told of a negative story in: {', '.join(silent)}.", to_do)
    return Finding("Alerts", "Every shop has somebody who is told of a negative story.")


def check_mail_server(services: Services) -> Finding:
    """Open a connection to the mail server as the job does, and send nothing."""
    from feedback_service.mail.transport import SmtpConnection

    settings = services.settings
    server = f"{settings.smtp_host}:{settings.smtp_port}"
    try:
        with contextlib.closing(SmtpConnection(settings)) as connection:
            connection.open()
    except (FeedbackError, OSError, smtplib.SMTPException) as error:
        to_do = "Check FEEDBACK_SMTP_HOST, _PORT, _SECURITY, _USER and _PASSWORD. Until then the mails wait."
        return Finding("Mail server", str(error), to_do)
    return Finding("Mail server", f"{server} answers (smtp_security: {settings.smtp_security.value}).")


def check_waiting_mails(services: Services) -> Finding:
    """Look for mails that wait too long, and for those of late that failed or may have arrived."""
    now = services.clock.now()
    late = now - _PATIENT_MAIL
    fresh = sa.or_(OutboxMail.state == MailState.QUEUED, OutboxMail.created_at > now - _RECENT)
    states = sa.select(OutboxMail.state, sa.func.count()).where(fresh).group_by(OutboxMail.state)
    waiting = sa.select(sa.func.count()).where(OutboxMail.state == MailState.QUEUED, OutboxMail.created_at < late)
    with services.database.reading() as session:
        counted = {row[0]: row[1] for row in session.execute(states)}
        old = session.scalar(waiting) or 0
    failed, doubtful = counted.get(MailState.FAILED, 0), counted.get(MailState.AMBIGUOUS, 0)
    found = f"{counted.get(MailState.QUEUED, 0)} wait; in the last 7 days {failed} failed, {doubtful} may have arrived."
    advice = (
        (old, "have waited for more than an hour: see the mail server above, and that the jobs run."),
        (failed, "were refused for good: `mail not sent` in the log says why."),
        (doubtful, "may have arrived: docs/mail.md tells how to find out from your mail server's log."),
    )
    return Finding("Mails", found, " ".join(f"{count} {what}" for count, what in advice if count))


def check_public_url(services: Services) -> Finding:
    """Look whether customers can reach us, and safely."""
    url = urlsplit(services.settings.public_url)
    if url.hostname in LOCAL:
        to_do = "Customers cannot open it. Set FEEDBACK_PUBLIC_URL to the address of your reverse proxy."
        return Finding("Public URL", f"{services.settings.public_url} is this computer only.", to_do)
    if url.scheme != "https":
        to_do = "Put a reverse proxy with a certificate in front, and set FEEDBACK_PUBLIC_URL to https://…"
        return Finding("Public URL", f"{services.settings.public_url} is not encrypted.", to_do)
    return Finding("Public URL", services.settings.public_url)


def check_instance(services: Services) -> Finding:
    """Look whether the instance folder can be written, and whether others can read what is in it."""
    folder = services.settings.instance.absolute()
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return Finding("Instance folder", f"{folder}: {error.strerror}.", "Make it writable for the service's user.")
    if open_to_others := _readable_by_others(services):
        names = ", ".join(map(str, open_to_others))
        to_do = f"Customers' addresses and the key are in it. Run: chmod 600 {shlex.join(map(str, open_to_others))}"
        return Finding("Instance folder", f"Others on this machine can read {names}.", to_do, is_advice=True)
    return Finding("Instance folder", f"{folder} can be written, and read by its owner alone.")


def _readable_by_others(services: Services) -> list[Path]:
    """Return the files with customers or keys that other accounts of this machine may read; POSIX only."""
    folder, database = services.settings.instance.absolute(), services.database
    files = [folder / CONFIG_NAME, *([Path(str(database.url.database))] if database.is_sqlite else [])]
    closed = stat.S_IMODE(folder.stat().st_mode) & _OTHERS_ENTER == 0
    inside = [file for file in files if file.is_file() and not (closed and file.parent == folder)]
    return [file for file in inside if stat.S_IMODE(file.stat().st_mode) & _OTHERS_READ]


def check_jobs(services: Services) -> Finding:
    """Look whether every job has run lately, and without an error."""
    from jobs.registry import JOBS
    from jobs.runs import last_finished

    finished, now = last_finished(services), services.clock.now()
    late, failing = [], []
    for job in JOBS:
        at, error = finished.get(job.name, (None, None))
        patience = max(timedelta(minutes=5), _SLOTS_MISSED * job.interval(services.settings.jobs_pace))
        if at is None or now - at > patience:
            late.append(job.name)
        elif error:
            failing.append(f"{job.name} ({error})")
    if failing:
        return Finding("Jobs", f"Ended in an error last time: {'; '.join(failing)}.", "The log has the details.")
    if late:
        to_do = "Keep `feedback-service run` (or `jobs`) running, for instance as a system service."
        return Finding("Jobs", f"Have not run lately: {', '.join(late)}.", to_do)
    return Finding("Jobs", "All have run lately, without an error.")


def check_clock(services: Services) -> Finding:
    """Compare our clock with the database's, and see that nothing shifts it."""
    if services.settings.clock_offset_seconds:
        return Finding("Clock", "It is shifted.", "Remove FEEDBACK_CLOCK_OFFSET_SECONDS: it is for demonstrations.")
    if services.database.is_sqlite:
        return Finding("Clock", f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC.")
    with services.database.reading() as session:
        theirs: datetime = session.scalars(sa.select(sa.func.now())).one()
    apart = abs(datetime.now(UTC) - theirs)
    if apart > _TOLERATED_CLOCK_DIFFERENCE:
        found = f"{apart.total_seconds():.0f} s away from the database's."
        return Finding("Clock", found, "Let both machines keep time by NTP: claims and ticks compare instants.")
    return Finding("Clock", "It agrees with the database's.")


def check_returned_mails(services: Services) -> Finding:
    """Look into the mailbox of what comes back, and for what came that needs the operator (R25, R28)."""
    from feedback_service.inbound.mailbox import count_mails
    from feedback_service.mail.returned import PAUSE_AT, returned_mail

    subject, settings = "Returned mail", services.settings
    with services.database.reading() as session:
        shop_ids = session.scalars(sa.select(Shop.id)).all()
        returned = returned_mail(session, shop_ids, services.clock.now())
    refused = f' The latest words: "{returned.refusals[0].diagnosis}"' if returned.refusals else ""
    advice = [
        (returned.lost_alerts, "mails to the staff came back: correct the addresses with `feedback-service staff`."),
        (len(returned.refusals), f"servers' reasons to refuse us by policy: mend SPF, DKIM, DMARC or PTR.{refused}"),
        (returned.complaint_share >= PAUSE_AT, "of the mails were called spam, too many: ask less, or find out why."),
    ]
    to_do = [
        f"{returned.complaint_share:.2%} {what}" if count is True else f"{count} {what}"
        for count, what in advice
        if count
    ]
    found = f"{sum(returned.counts.values())} in 30 days."
    if settings.imap_host:
        try:
            waiting, flagged = count_mails(settings)
        except OutsideError as error:
            return Finding(subject, str(error), " ".join(["The mails wait in it until then.", *to_do]))
        found = f"{found} {waiting} wait in the mailbox."
        to_do += [f"{flagged} in the mailbox cannot be taken in and are flagged there: read them."] if flagged else []
    return Finding(subject, found, " ".join(to_do))


def check_sources(services: Services) -> Finding:
    """Look for sources that cannot be read."""
    with services.database.reading() as session:
        rows = session.execute(sa.select(Source.state, Source.title, Source.url)).all()
    troubled = [row.title or row.url for row in rows if row.state in UNREADABLE]
    if troubled:
        return Finding("Sources", f"Cannot be read: {', '.join(troubled)}.", "`feedback-service source list` says why.")
    return Finding("Sources", f"{len(rows)}, none in trouble.")


def check_push(services: Services) -> Finding:
    """Look whether the feeds that offer a hub are pushed (docs/sources-push.md)."""
    settings, row = services.settings, WebSubSubscription
    with services.database.reading() as session:
        offered = session.scalar(sa.select(sa.func.count()).where(Source.hub != "", Source.due_at.is_not(None))) or 0
        active = sa.and_(row.state == SubscriptionState.ACTIVE, row.lease_until > services.clock.now())
        pushed = session.scalar(sa.select(sa.func.count()).where(active)) or 0
        why = session.scalars(sa.select(row.reason).where(row.reason != "").order_by(row.id).limit(3)).all()
    found = f"{offered} feeds offer to be pushed, {pushed} are."
    if not offered:
        return Finding("Push", found)
    problem = websub.callback_problem(settings.public_url, settings.fetch_allow_private)
    if problem:
        return Finding("Push", f"{found} {problem}", "Set FEEDBACK_PUBLIC_URL to an address that begins with https://.")
    to_do = "Nothing is lost, for they are polled. docs/sources-push.md tells what hubs need." if why else ""
    return Finding("Push", " ".join([found, *why]), to_do)


def check_scan(services: Services) -> Finding:
    """Look whether sources are read: the scan may stand still while every job seems to run."""
    from feedback_service.scanning.missed import missed_scan

    allowed = timedelta(seconds=services.settings.scan_missed_after)
    with services.database.reading() as session:
        missed = missed_scan(session, services.clock.now(), allowed)
        last_at = session.scalar(sa.select(sa.func.max(Source.last_polled_at)))
    if missed:
        since = f"since {missed.last_at:%Y-%m-%d %H:%M} UTC" if missed.last_at else "yet"
        found = f"No source has been read {since}; overdue: {sum(missed.overdue.values())}."
        return Finding("Scan", found, "Keep the jobs running; `feedback-service job scan_sources` shows what is wrong.")
    return Finding("Scan", f"Last at {last_at:%Y-%m-%d %H:%M} UTC." if last_at else "There was nothing to read yet.")


CHECKS: tuple[Check, ...] = (
    check_instance,
    check_shops,
    check_alerts,
    check_public_url,
    check_mail_server,
    check_waiting_mails,
    check_returned_mails,
    check_sources,
    check_push,
    check_scan,
    check_jobs,
    check_clock,
)
"""All but `check_database`, which comes first: without it the others have nothing to look at."""
