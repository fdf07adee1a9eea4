"""`mail list|retry|drop`: what waits in the outbox, and what to do about mails in trouble."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import click
from sqlalchemy.orm import Session

from feedback_service import formats
from feedback_service.bootstrap import Services
from feedback_service.cli.asking import confirm
from feedback_service.cli.start import started
from feedback_service.mail import oversight
from feedback_service.mail.models import MailState, OutboxMail
from feedback_service.mail.oversight import Pause, Queue, View
from feedback_service.mail.pacing import DAY, HOUR, MINUTE, Limit, Rates

_NUMBER = click.IntRange(1, 2**31 - 1)
_SPANS = {MINUTE: "minute", HOUR: "hour", DAY: "day"}


@click.group("mail")
def mail_command() -> None:
    """Look at the outbox, send mails again, drop them."""


@mail_command.command("list")
@click.argument("view", type=click.Choice([view.value for view in View]), default=View.TROUBLE.value)
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000), help="Most mails to show.")
def list_command(view: str, limit: int) -> None:
    """Show how the outbox stands, and the mails of a VIEW: trouble (failed or in doubt), waiting or ended."""
    with started() as services:
        now = services.clock.now()
        with services.database.reading() as session:
            found = oversight.queue(session, now)
            pauses = oversight.pauses(session, now)
            mails = session.scalars(oversight.listing(View(view)).limit(limit)).all()
        for line in [*_standing(found, now), *map(_limit_line, _rates(services, now)), *map(_pause_line, pauses)]:
            click.echo(line)
        for mail in mails:
            click.echo(_line(mail))
        if not mails:
            click.echo(f"No mail is {_VIEWS[View(view)]}.")


@mail_command.command("retry")
@click.argument("number", type=_NUMBER)
@click.option("--yes", is_flag=True, help="Do not ask, even where the mail may arrive twice.")
def retry(number: int, yes: bool) -> None:  # noqa: FBT001 - an option
    """Send the mail NUMBER, as `mail list` shows it, again and now."""
    with _found(number) as (services, session, mail):
        twice = oversight.may_arrive_twice(mail)
        if twice and not yes:
            confirm(f"The mail {number} may have arrived already; the customer may get it twice. Send it again?")
        oversight.retry(session, mail, services.clock.now(), twice_is_fine=twice, staff_id=None)
    click.echo(f"Mail {number} is due now; `feedback-service job send_mail` sends it at once.")


@mail_command.command("drop")
@click.argument("number", type=_NUMBER)
@click.option("--yes", is_flag=True, help="Do not ask.")
def drop(number: int, yes: bool) -> None:  # noqa: FBT001 - an option
    """Give the mail NUMBER up: it is never sent, and its content is removed."""
    with _found(number) as (services, session, mail):
        if not yes:
            confirm(f"Drop the mail {number} ({mail.kind}) for good?")
        oversight.drop(session, mail, services.clock.now(), staff_id=None)
    click.echo(f"Dropped mail {number}.")


_VIEWS = {View.TROUBLE: "in trouble", View.WAITING: "waiting", View.ENDED: "at its end"}


@contextmanager
def _found(number: int) -> Iterator[tuple[Services, Session, OutboxMail]]:
    with started() as services:
        with services.database.reading() as session:
            oversight.find(session, number)
        with services.database.writing() as session:
            yield services, session, oversight.find(session, number)


def _standing(found: Queue, now: datetime) -> list[str]:
    age = f", the oldest written {formats.age(found.oldest_at, now, 'en')}" if found.oldest_at else ""
    minute, hour, day = found.sent
    return [
        f"Waiting: {found.due} due now, {found.later} later{age}.",
        f"Sent: {minute} in the last minute, {hour} in the last hour, {day} in the last day.",
        f"In trouble: {found.failed} failed, {found.ambiguous} in doubt (they may have arrived).",
    ]


def _rates(services: Services, now: datetime) -> list[tuple[Limit, bool]]:
    return oversight.rates_in_force(Rates.of(services.settings), now)


def _limit_line(rate: tuple[Limit, bool]) -> str:
    limit, is_domain = rate
    return f"Rate: {limit.count} a {_SPANS[limit.window]} {'to any one domain' if is_domain else 'in all'}."


def _pause_line(pause: Pause) -> str:
    what = "All mail" if pause.is_everything else f"Mail to {pause.scope}"
    refusals = f"{pause.refusals} refusals in a row, the last one: {pause.why}"
    return f"Paused: {what} waits until {pause.until:%Y-%m-%d %H:%M} UTC after {refusals}"


def _line(mail: OutboxMail) -> str:
    """Return two lines about a mail: which it is, and how it stands."""
    first = f"{mail.id:>6}  {mail.state.value:<9} {mail.kind:<16} {mail.recipient or '(forgotten)'}"
    when = f"{'sent' if mail.sent_at else 'written'} {mail.sent_at or mail.created_at:%Y-%m-%d %H:%M} UTC"
    due = f", due {mail.due_at:%Y-%m-%d %H:%M} UTC" if mail.due_at and mail.state is MailState.QUEUED else ""
    return f"{first}\n        {when}{due}. {mail.last_error or ''}".rstrip()
