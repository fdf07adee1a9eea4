"""`doctor`: looks at everything the service needs, and says what to do (docs/doctor.md)."""

import json
from collections.abc import Callable, Iterable, Iterator

import click
import structlog

from feedback_service.bootstrap import Services
from feedback_service.cli.start import started
from feedback_service.findings import Finding, State

log = structlog.get_logger()

Check = Callable[[Services], Finding | Iterable[Finding]]
_MARKS = {State.OK: "ok", State.ADVICE: "--", State.WRONG: "!!"}


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for monitoring.")
@click.option("--local", is_flag=True, help="Look at this installation only: ask no name server and no public address.")
def doctor_command(*, as_json: bool, local: bool) -> None:
    """Look at everything the service needs and say what to do. Exit status 1 if something is wrong.

    Lines marked `!!` are wrong, those marked `--` are advice that can wait.
    """
    with started(migrate=False) as services:
        findings = []
        for finding in examined(services, local=local):
            findings.append(finding)
            if not as_json:
                _show(finding)
    if as_json:
        click.echo(json.dumps(_report(findings), ensure_ascii=False, indent=2))
    if any(finding.state is State.WRONG for finding in findings):
        raise SystemExit(1)


def examined(services: Services, *, local: bool) -> Iterator[Finding]:
    """Yield every finding; `local` leaves out what asks the DNS or the public address."""
    from feedback_service.cli import checks, checks_mail, checks_reach, checks_sender

    database = checks.check_database(services)
    yield database
    if database.to_do:
        # Without it the others have nothing to look at.
        return
    of_mail: tuple[Check, ...] = (
        checks_mail.check_rates,
        checks_mail.check_templates,
        checks_mail.check_hooks,
        checks_reach.check_mail_tls,
    )
    for check in (*checks.CHECKS, *of_mail):
        yield from looked_at(check, services)
    if not local:
        yield from looked_at(checks_reach.check_public_answer, services)
        yield from looked_at(checks_sender.check_senders, services)


def looked_at(check: Check, services: Services) -> Iterator[Finding]:
    """Yield what a check finds; one that fails is a finding itself, and the others are still made."""
    try:
        found = check(services)
        yield from [found] if isinstance(found, Finding) else found
    except Exception as error:
        # Whatever is amiss, the rest must still be looked at.
        log.error("check failed", check=check.__name__, exc_info=True)  # noqa: G201 - structlog's way
        subject = check.__name__.removeprefix("check_").replace("_", " ").capitalize()
        yield Finding(
            subject, f"It could not be looked at: {type(error).__name__}: {error}.", "The log has the details."
        )


def _show(finding: Finding) -> None:
    click.echo(f"{_MARKS[finding.state]}  {finding.subject}: {finding.found}")
    for line in finding.to_do.splitlines():
        click.echo(f"    {line}")


def _report(findings: list[Finding]) -> dict[str, object]:
    return {
        "ok": all(finding.state is not State.WRONG for finding in findings),
        "findings": [
            {"subject": each.subject, "state": each.state.value, "found": each.found, "to_do": each.to_do}
            for each in findings
        ],
    }
