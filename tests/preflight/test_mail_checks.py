"""What `doctor` says of rates, of what waits, and of the shop's own templates."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from feedback_service.bootstrap import Services
from feedback_service.cli.checks_mail import check_hooks, check_rates, check_templates, rates_in_words
from feedback_service.findings import State
from feedback_service.mail.models import Audience, MailPace, MailState, OutboxMail
from feedback_service.mail.pacing import Rates, WarmUp
from feedback_service.settings import MailProvider
from feedback_service.shops.models import Shop
from tests.support.builders import make_shop

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def _with(services: Services, **settings: Any) -> Services:  # noqa: ANN401 - any setting
    changed = services.settings.model_copy(update=settings)
    return Services(settings=changed, clock=services.clock, database=services.database)


def _waiting(services: Services, count: int, since: timedelta) -> None:
    at = services.clock.now() - since
    with services.database.writing() as session:
        shop = make_shop(session)
        session.add_all(_mail(shop, number, at) for number in range(count))


def _mail(shop: Shop, number: int, at: datetime) -> OutboxMail:
    return OutboxMail(
        shop_id=shop.id,
        kind="survey",
        audience=Audience.CUSTOMER,
        cause=str(number),
        message_id=f"<{number}@example.com>",
        state=MailState.QUEUED,
        sender="a@example.com",
        recipient="b@example.com",
        recipient_key="b",
        subject="",
        created_at=at,
        due_at=at,
    )


@pytest.mark.parametrize(
    ("rates", "words"),
    [
        (Rates(), "No limits."),
        (Rates(per_minute=60), "At most 60 a minute to all."),
        (Rates(60, 1000, 5, 100), "At most 60 a minute, 1000 an hour to all; 5 a minute, 100 an hour to one domain."),
        (Rates(warm_up=WarmUp(date(2026, 11, 22), 50, 40)), "At most 70 today to all (warm-up)."),
        (Rates(warm_up=WarmUp(date(2026, 1, 1), 50, 40)), "No limits."),
    ],
    ids=["none", "one", "all four", "the second day of a warm-up", "a warm-up that is over"],
)
def test_the_rates_in_force_are_said_in_words(rates: Rates, words: str) -> None:
    assert rates_in_words(rates, NOW) == words


def test_nothing_waits(services: Services) -> None:
    finding = check_rates(services)
    assert (finding.found, finding.state) == ("No limits. Nothing waits.", State.OK)


def test_what_waits_is_counted_with_its_age(services: Services) -> None:
    _waiting(services, 3, timedelta(days=2, hours=5))
    assert check_rates(services).found == "No limits. 3 wait, the oldest since 2 d 5 h."


def test_rates_that_keep_mails_longer_than_a_day_are_advice(services: Services) -> None:
    _waiting(services, 30, timedelta(minutes=5))
    assert check_rates(_with(services, mail_per_hour=2)).state is State.OK
    slow = check_rates(_with(services, mail_per_hour=1))
    assert "At these rates what waits takes 1 d 6 h." in slow.found
    assert slow.state is State.ADVICE


def test_a_pause_is_told_with_the_words_of_the_other_server(services: Services) -> None:
    now = services.clock.now()
    with services.database.writing() as session:
        until = now + timedelta(minutes=15)
        why = "421 4.7.28 too many mails"
        session.add(MailPace(scope="gmail.test", strikes=5, pauses=1, paused_until=until, why=why, changed_at=now))
        session.add(MailPace(scope="past.test", strikes=5, paused_until=now - timedelta(1), changed_at=now))
    finding = check_rates(services)
    assert "Mails to gmail.test wait until 2026-11-23 09:45 UTC after 5 refusals in a row: 421 4.7.28" in finding.found
    assert "past.test" not in finding.found
    assert finding.state is State.WRONG


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_own_templates_are_written_once_with_sample_data(services: Services, tmp_path: Path) -> None:
    with services.database.writing() as session:
        make_shop(session)
    assert check_templates(services).found == "Those of the service; none of your own."
    folder = tmp_path / "templates" / "mail" / "survey"
    folder.mkdir(parents=True)
    (folder / "subject.txt").write_text('{{ _("How did your return go?") }}', encoding="utf-8")
    assert check_templates(_with(services)).state is State.OK
    (folder / "subject.txt").write_text("{{ nobody_knows_this }}", encoding="utf-8")
    broken = check_templates(_with(services))
    assert broken.state is State.WRONG
    assert "nobody_knows_this" in broken.found
    assert "templates check" in broken.to_do


def test_without_hooks_nothing_is_said_of_them(services: Services) -> None:
    assert list(check_hooks(services)) == []


@pytest.mark.parametrize(
    ("changes", "state", "words"),
    [
        ({"hook_brevo_secret": SecretStr("s"), "mail_provider": MailProvider.BREVO}, State.OK, "Taken from brevo."),
        ({"hook_mailgun_key": SecretStr("s")}, State.OK, "Taken from mailgun."),
        ({"hook_sendgrid_key": "k"}, State.WRONG, "sendgrid is on, but mails do not name themselves"),
        ({"hook_mailjet_secret": SecretStr("s"), "mail_provider": MailProvider.POSTMARK}, State.WRONG, "nobody"),
        ({"mail_provider": MailProvider.POSTMARK}, State.ADVICE, "its web hook is off"),
        ({"hook_ses_topics": ("arn",)}, State.ADVICE, "replaces the Message-ID"),
        ({"hook_ses_topics": ("arn",), "bounce_address": "b@example.com"}, State.OK, "Taken from ses."),
    ],
    ids=["named", "needs no name", "not named", "named to another", "off", "ses", "ses with a return path"],
)
def test_a_hook_whose_reports_can_name_no_mail_is_told(
    services: Services, changes: dict[str, Any], state: State, words: str
) -> None:
    [finding] = check_hooks(_with(services, **changes))
    assert (finding.state, words in finding.found) == (state, True)
