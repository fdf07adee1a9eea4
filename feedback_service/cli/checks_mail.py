"""What `doctor` looks at in the sending of mail: how fast it may go, what waits, and the shop's own templates."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import sqlalchemy as sa

from feedback_service.bootstrap import Services
from feedback_service.findings import Finding, Remark, summed_up
from feedback_service.mail.models import MailPace, MailState, OutboxMail
from feedback_service.mail.paces import EVERYTHING
from feedback_service.mail.pacing import DAY, HOUR, MINUTE, Limit, Rates
from feedback_service.settings import MailProvider
from feedback_service.shops.models import Shop

_WINDOWS = {MINUTE: "a minute", HOUR: "an hour", DAY: "today"}
_PATIENCE = timedelta(days=1)
_SHOWN = 3


def check_rates(services: Services) -> Finding:
    """Look at the rates in force, at what waits by them, and for whom the service pauses."""
    now = services.clock.now()
    rates = Rates.of(services.settings)
    waiting = sa.select(sa.func.count(), sa.func.min(OutboxMail.created_at)).where(OutboxMail.state == MailState.QUEUED)
    paused = sa.select(MailPace).where(MailPace.paused_until > now).order_by(MailPace.paused_until.desc())
    with services.database.reading() as session:
        count, oldest_at = session.execute(waiting).one()
        remarks = [_paused(pace) for pace in session.scalars(paused.limit(_SHOWN))]
    remarks += _too_slow(rates, now, count)
    return summed_up("Rates", f"{rates_in_words(rates, now)} {_queue(count, oldest_at, now)}", remarks)


def check_templates(services: Services) -> Finding:
    """Render every mail by the shop's own templates, where there are some, with sample data."""
    from feedback_service.cli.templates import sample_letters
    from feedback_service.mail import template_check

    subject, renderer = "Mail templates", services.renderer
    own = template_check.own_files(renderer)
    if not own:
        return Finding(subject, "Those of the service; none of your own.")
    with services.database.reading() as session:
        shop = session.scalars(sa.select(Shop).order_by(Shop.id).limit(1)).first()
    letters = sample_letters(services, shop) if shop else []
    flaws = [flaw for _, flaw in template_check.check_files(renderer, letters)]
    flaws += [flaw for report in template_check.check(renderer, letters) for flaw in report.flaws]
    to_do = "`feedback-service templates check` shows each, and where it is."
    grave = list(dict.fromkeys(flaw.sentence for flaw in flaws if flaw.grave))
    mild = list(dict.fromkeys(flaw.sentence for flaw in flaws if not flaw.grave))
    remarks = [Remark(sentence, to_do) for sentence in grave[:_SHOWN]]
    remarks += [Remark(sentence, to_do, is_advice=True) for sentence in mild[:_SHOWN]]
    return summed_up(subject, f"Your own: {', '.join(own)}.", remarks)


def check_hooks(services: Services) -> Iterator[Finding]:
    """Yield whether mails name themselves to the providers that report on them; nothing where none does."""
    from feedback_service.web.hooks import providers_on

    settings = services.settings
    on, provider = providers_on(settings), settings.mail_provider
    remarks = [_unnamed(each) for each in on if each in set(MailProvider) and each != provider]
    if "ses" in on and not settings.bounce_address:
        sentence = "Amazon SES replaces the Message-ID, and no return path of ours names the mail."
        to_do = "Set FEEDBACK_BOUNCE_ADDRESS, or let the notifications include the original headers."
        remarks.append(Remark(sentence, to_do, is_advice=True))
    if provider is not MailProvider.NONE and provider not in on:
        sentence = (
            f"Mails name themselves to {provider.value}, but its web hook is off: what bounces there stays there."
        )
        remarks.append(Remark(sentence, "Set it up as docs/mail-in.md says.", is_advice=True))
    if on or remarks:
        yield summed_up("Reports of mail providers", f"Taken from {', '.join(on)}." if on else "", remarks)


def _unnamed(provider: str) -> Remark:
    sentence = f"The web hook of {provider} is on, but mails do not name themselves to it: reports are about nobody."
    return Remark(sentence, f"Set FEEDBACK_MAIL_PROVIDER={provider}, or leave the secret of its hook empty.")


def rates_in_words(rates: Rates, now: datetime) -> str:
    """Return the limits in force, such as 'At most 60 a minute to all'."""
    every, each = rates.total(now.date()), rates.domain()
    of_all = _limits(every.minute, every.hour, every.day)
    of_one = _limits(each.minute, each.hour, each.day)
    words = [f"{of_all} to all" if of_all else "", f"{of_one} to one domain" if of_one else ""]
    said = "; ".join(filter(None, words))
    warm_up = " (warm-up)" if every.day else ""
    return f"At most {said}{warm_up}." if said else "No limits."


def _limits(*limits: Limit | None) -> str:
    return ", ".join(f"{limit.count} {_WINDOWS[limit.window]}" for limit in limits if limit)


def _queue(count: int, oldest_at: datetime | None, now: datetime) -> str:
    if not count or oldest_at is None:
        return "Nothing waits."
    return f"{count} wait, the oldest since {_span(now - oldest_at)}."


def _paused(pace: MailPace) -> Remark:
    whom = "All mails" if pace.scope == EVERYTHING else f"Mails to {pace.scope}"
    until = f"{pace.paused_until:%Y-%m-%d %H:%M} UTC"
    return Remark(
        f"{whom} wait until {until} after {pace.strikes} refusals in a row: {pace.why}",
        "What the other server says tells why; the lines on SPF, DKIM and DMARC below may explain it.",
    )


def _too_slow(rates: Rates, now: datetime, count: int) -> list[Remark]:
    """Say so where what waits takes longer than a day at the rates in force."""
    every = rates.total(now.date())
    spans = [limit.window * count / limit.count for limit in (every.minute, every.hour, every.day) if limit]
    longest = max(spans, default=timedelta())
    if longest <= _PATIENCE:
        return []
    to_do = "Raise the mail_* limits if your mail server allows more; surveys that expire while they wait are lost."
    return [Remark(f"At these rates what waits takes {_span(longest)}.", to_do, is_advice=True)]


def _span(span: timedelta) -> str:
    hours, minutes = divmod(int(span.total_seconds()) // 60, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
