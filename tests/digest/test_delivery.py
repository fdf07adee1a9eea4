"""The digest: frozen once per shop and week, mailed once per manager, honest when there is nothing."""

import threading
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from feedback_service.bootstrap import Services
from feedback_service.cli import cli
from feedback_service.clock import ManualClock
from feedback_service.db import Database
from feedback_service.digest import builder
from feedback_service.digest.models import Digest
from feedback_service.digest.paper import paper
from feedback_service.digest.periods import Week
from feedback_service.mail.models import Audience, OutboxMail
from feedback_service.shops.models import Role, Shop
from jobs import send_digests
from tests.support.builders import NOW, make_order, make_return, make_shop, make_staff
from tests.support.letters import unwrapped
from tests.support.voices import make_answer, make_sent_survey, make_source, make_story

WEEK = Week(date(2026, 11, 16))
PARIS = ZoneInfo("Europe/Paris")


def _shop_with_a_week(database: Database) -> Shop:
    with database.writing() as session:
        shop = make_shop(session)
        make_source(session, shop)
        for number in range(40):
            order = make_order(session, shop, f"AL-1{number:04}", ordered_at=NOW - timedelta(days=3))
            if number < 12:
                at = NOW - timedelta(days=2)
                returned = make_return(session, shop, order, external_id=f"R-{number}", requested_at=at)
                make_sent_survey(session, returned, at, answered_at=at)
                make_answer(session, shop, 5 if number < 9 else 2, at, effort=6)
        make_story(session, shop, NOW - timedelta(days=4), published_at=NOW - timedelta(days=4, hours=5))
    return shop


def _mails(database: Database) -> list[OutboxMail]:
    with database.reading() as session:
        query = sa.select(OutboxMail).where(OutboxMail.kind == "digest").order_by(OutboxMail.id)
        return list(session.scalars(query.options(sa.orm.selectinload(OutboxMail.images))))


def _add_manager(database: Database, shop: Shop, email: str = "manager@example.com", **values: object) -> None:
    with database.writing() as session:
        make_staff(session, session.merge(shop), email, **({"role": Role.MANAGER} | values))


def test_each_manager_gets_one_mail_however_often_the_job_runs(services: Services) -> None:
    shop = _shop_with_a_week(services.database)
    _add_manager(services.database, shop)
    _add_manager(services.database, shop, "admin@example.com", role=Role.ADMIN, language="en")
    assert [send_digests.run(services) for _ in range(3)] == [2, 0, 0]
    mails = _mails(services.database)
    assert [(mail.recipient, mail.language) for mail in mails] == [
        ("manager@example.com", "fr"),
        ("admin@example.com", "en"),
    ]
    assert {mail.audience for mail in mails} == {Audience.STAFF}


def test_agents_the_inactive_and_those_who_do_not_want_it_get_none(services: Services) -> None:
    shop = _shop_with_a_week(services.database)
    _add_manager(services.database, shop, "agent@example.com", role=Role.AGENT)
    _add_manager(services.database, shop, "gone@example.com", is_active=False)
    _add_manager(services.database, shop, "quiet@example.com", wants_digest=False)
    assert send_digests.run(services) == 0
    with services.database.reading() as session:
        assert session.scalars(sa.select(Digest)).all() == []


def test_another_shops_manager_gets_none(services: Services) -> None:
    _shop_with_a_week(services.database)
    with services.database.writing() as session:
        make_staff(session, make_shop(session, "other", name="Autre"), "other@example.com", role=Role.MANAGER)
    assert send_digests.run(services) == 1
    assert "Autre" in _mails(services.database)[0].subject


def test_before_monday_eight_oclock_the_week_is_not_due(services: Services, clock: ManualClock) -> None:
    shop = _shop_with_a_week(services.database)
    _add_manager(services.database, shop)
    clock.move_to(datetime(2026, 11, 23, 7, 59, tzinfo=PARIS))
    assert send_digests.run(services) == 1
    clock.move_to(datetime(2026, 11, 23, 8, 0, tzinfo=PARIS))
    assert send_digests.run(services) == 1
    with services.database.reading() as session:
        weeks = session.scalars(sa.select(Digest.week_on).order_by(Digest.week_on)).all()
    assert weeks == [date(2026, 11, 9), date(2026, 11, 16)]


def test_what_was_sent_stays_what_is_shown(services: Services) -> None:
    shop = _shop_with_a_week(services.database)
    _add_manager(services.database, shop)
    send_digests.run(services)
    with services.database.writing() as session:
        make_return(session, session.merge(shop), None, external_id="R-late", requested_at=NOW - timedelta(days=2))
    _add_manager(services.database, shop, "late@example.com")
    assert send_digests.run(services) == 1
    first, second = _mails(services.database)
    assert (first.subject, first.text) == (second.subject, second.text)


def test_two_processes_at_once_mail_once(services: Services) -> None:
    shop = _shop_with_a_week(services.database)
    _add_manager(services.database, shop)
    queued: list[int] = []
    threads = [threading.Thread(target=lambda: queued.append(send_digests.run(services))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(queued) == 1
    assert len(_mails(services.database)) == 1


def test_the_mail_says_the_figures_with_n_and_interval_in_both_parts(services: Services) -> None:
    shop = _shop_with_a_week(services.database)
    _add_manager(services.database, shop, language="en")
    send_digests.run(services)
    (mail,) = _mails(services.database)
    assert mail.subject == "Atelier Lumen: 12 returns and 1 negative story (16 to 22 November 2026)"
    assert mail.text is not None
    assert mail.html is not None
    for sentence in (
        "of orders came back: 12 of 40 (95% interval 18–45%).",
        "Faulty or not working",
        "satisfied or very satisfied (CSAT, 4 or 5 of 5): 9 of 12",
        "of the surveys sent in this period are answered: 12 of 12",
        "Nobody has taken this story since 19 November.",
        "5 hours (n = 1)",
        "https://feedback.example.com/digests/",
    ):
        assert sentence in mail.text
        assert sentence in mail.html or sentence.startswith("https")


def test_every_picture_has_its_alt_text_and_every_chart_its_table(services: Services) -> None:
    shop = _shop_with_a_week(services.database)
    _add_manager(services.database, shop)
    send_digests.run(services)
    (mail,) = _mails(services.database)
    assert mail.html is not None
    assert len(mail.html.encode()) < 100_000
    assert [image.content_id for image in mail.images] == ["returns", "reasons", "satisfaction"]
    for image in mail.images:
        assert image.png.startswith(b"\x89PNG")
        tag = mail.html.split(f'src="cid:{image.content_id}"')[1].split(">")[0]
        assert 'alt="' in tag
        assert 'alt=""' not in tag
    assert "Taux de retour" in mail.html


def test_a_new_shop_gets_an_honest_digest(services: Services) -> None:
    with services.database.writing() as session:
        make_staff(session, make_shop(session), "manager@example.com", role=Role.MANAGER, language="en")
    assert send_digests.run(services) == 1
    (mail,) = _mails(services.database)
    assert "no returns and no negative stories this week" in mail.subject
    assert mail.text is not None
    assert "No orders and no returns in this period." in mail.text
    assert "nothing that is said in public can be heard" in mail.text
    assert mail.images == []


def test_contents_survive_their_storage(services: Services) -> None:
    shop = _shop_with_a_week(services.database)
    with services.database.reading() as session:
        contents = builder.build(session, shop, WEEK, NOW)
    assert builder.from_json(builder.to_json(contents)) == contents


def test_outside_text_never_becomes_markup_in_the_mail(services: Services) -> None:
    with services.database.writing() as session:
        shop = make_shop(session)
        make_story(session, shop, NOW - timedelta(days=3), title="<script>alert(1)</script>")
        make_staff(session, shop, "manager@example.com", role=Role.MANAGER)
    send_digests.run(services)
    (mail,) = _mails(services.database)
    assert mail.html is not None
    assert "<script" not in mail.html
    assert "&lt;script&gt;" in mail.html


def test_page_and_mail_say_the_same(services: Services) -> None:
    shop = _shop_with_a_week(services.database)
    _add_manager(services.database, shop)
    send_digests.run(services)
    with services.database.reading() as session:
        digest = session.scalars(sa.select(Digest)).one()
    in_words = paper(builder.from_json(digest.contents), shop, "fr", services.links)
    (mail,) = _mails(services.database)
    assert mail.text is not None
    for section in in_words.sections:
        assert section.caption in unwrapped(mail.text)
        for sentence in section.sentences:
            assert sentence in unwrapped(mail.text)


@pytest.mark.parametrize("send", [False, True])
def test_the_command_prints_the_text_and_sends_only_when_told(installation: Database, *, send: bool) -> None:
    shop = _shop_with_a_week(installation)
    _add_manager(installation, shop)
    arguments = ["digest", "--week", "2026-07-08", *(["--send"] if send else [])]
    result = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    assert "6 au 12 juillet 2026" in result.stdout
    assert len(_mails(installation)) == int(send)


def test_the_command_refuses_a_week_that_is_not_over(installation: Database) -> None:
    with installation.writing() as session:
        make_shop(session)
    result = CliRunner().invoke(cli, ["digest", "--week", "2099-01-01"])
    assert "not over yet" in str(result.exception)
