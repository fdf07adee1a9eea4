"""Transactions keep every update, instants keep their zone."""

import contextlib
import socket
import threading
import traceback
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa

from feedback_service.connections import look_at_idle
from feedback_service.db import Database, any_asked, rows_of, table_of
from feedback_service.errors import DatabaseUnavailableError
from feedback_service.prepared import PreparedQuery
from feedback_service.shops.models import Shop
from tests.support.builders import make_shop

ADDRESS = "ines@example.com"

THREADS, ROUNDS = 4, 25


def test_read_then_write_by_several_writers_loses_no_update(database: Database) -> None:
    with database.writing() as session:
        shop_id = make_shop(session, quarantine_days=0).id

    def add_many() -> None:
        for _ in range(ROUNDS):
            with database.writing() as session:
                shop = session.get_one(Shop, shop_id, with_for_update=True)
                shop.quarantine_days += 1

    threads = [threading.Thread(target=add_many) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as session:
        assert session.get_one(Shop, shop_id).quarantine_days == THREADS * ROUNDS


def test_an_error_rolls_the_whole_transaction_back(database: Database) -> None:
    def fail_halfway() -> None:
        with database.writing() as session:
            make_shop(session)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_halfway()
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Shop)) == 0


def test_what_a_reader_changes_is_not_kept(database: Database) -> None:
    with database.writing() as session:
        shop_id = make_shop(session).id
    with database.reading() as session:
        session.get_one(Shop, shop_id).name = "changed"
    with database.reading() as session:
        assert session.get_one(Shop, shop_id).name == "Atelier Lumen"


def test_an_instant_comes_back_aware_and_in_utc(database: Database) -> None:
    in_paris = datetime(2026, 10, 25, 2, 30, tzinfo=timezone(timedelta(hours=2)))
    with database.writing() as session:
        shop_id = make_shop(session, created_at=in_paris).id
    with database.reading() as session:
        created_at = session.get_one(Shop, shop_id).created_at
    assert created_at == in_paris
    assert created_at.utcoffset() == timedelta()


def test_a_naive_instant_is_refused(database: Database) -> None:
    with pytest.raises(sa.exc.StatementError, match="naive"), database.writing() as session:
        make_shop(session, created_at=datetime(2026, 1, 1))  # noqa: DTZ001 - the point of the test


@pytest.mark.parametrize(
    "url", ["postgresql+psycopg://feedback:secret@127.0.0.1:1/none", "sqlite:////no/such/folder/feedback.sqlite"]
)
def test_a_database_out_of_reach_is_a_sentence_without_the_password(url: str) -> None:
    with pytest.raises(DatabaseUnavailableError, match="cannot be reached") as caught:
        Database(url).check()
    assert "secret" not in str(caught.value)


def test_a_database_that_goes_away_at_work_is_a_sentence_in_one_line(database_url: str) -> None:
    lost = Database(database_url)

    def lose() -> None:
        with lost.writing() as session:
            make_shop(session)
            raise sa.exc.OperationalError(None, None, Exception("the server\nclosed the connection"))

    with pytest.raises(DatabaseUnavailableError, match="cannot be used") as caught:
        lose()
    assert str(caught.value).endswith("the server closed the connection")
    with lost.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Shop)) == 0
    lost.close()


def test_a_host_that_does_not_answer_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        lost = Database(f"postgresql+psycopg://feedback@127.0.0.1:{silent.getsockname()[1]}/none?connect_timeout=2")
        with pytest.raises(DatabaseUnavailableError, match="timeout"):
            lost.check()


def end_other_connections(url: sa.URL) -> None:
    """End every connection to the database but the one that says so; nobody can end those to a file."""
    if url.get_backend_name() == "sqlite":
        return
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        others = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
        connection.exec_driver_sql(others + "AND datname = current_database()")


def test_connection_that_lay_idle_and_was_lost_is_replaced_unnoticed(database: Database) -> None:
    engine = sa.create_engine(database.url)
    look_at_idle(engine, 0)
    for _ in range(2):
        with engine.connect() as connection:
            assert connection.scalar(sa.select(sa.literal(1))) == 1
        end_other_connections(database.url)
    engine.dispose()


def test_connection_that_was_lost_a_moment_ago_costs_one_transaction_at_most(database: Database) -> None:
    with database.reading() as session:
        session.execute(sa.select(sa.literal(1)))
    end_other_connections(database.url)
    with contextlib.suppress(DatabaseUnavailableError), database.reading() as session:
        session.execute(sa.select(sa.literal(1)))
    with database.writing() as session:
        assert make_shop(session).id


def test_single_question_is_asked_again_where_its_connection_was_lost(database: Database) -> None:
    table = table_of(Shop).c
    names = PreparedQuery(database, sa.select(table.name).where(table.slug == sa.bindparam("slug")))
    with database.writing() as session:
        slug = make_shop(session).slug
    threads = [threading.Thread(target=names.first, args=({"slug": slug},)) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert names.first({"slug": slug}) == ["Atelier Lumen"]
    end_other_connections(database.url)
    assert names.first({"slug": slug}) == ["Atelier Lumen"]
    assert names.first({"slug": "nobody"}) is None


def test_single_question_sees_what_was_committed_before_it_and_holds_nothing(database: Database) -> None:
    named = PreparedQuery(database, sa.select(table_of(Shop).c.name).where(table_of(Shop).c.id == sa.bindparam("id")))
    with database.writing() as session:
        shop_id = make_shop(session).id
    for name in ("Atelier", "Lumen"):
        with database.writing() as session:
            session.get_one(Shop, shop_id).name = name
        assert named.first({"id": shop_id}) == [name]
    with database.writing() as session:
        session.execute(sa.text("ALTER TABLE shop RENAME TO out_of_reach"))
    with pytest.raises((DatabaseUnavailableError, database.engine.dialect.loaded_dbapi.ProgrammingError)):
        named.first({"id": shop_id})


def test_single_question_to_a_server_that_is_away_is_a_sentence() -> None:
    lost = Database("postgresql+psycopg://feedback:secret@127.0.0.1:1/none")
    with pytest.raises(DatabaseUnavailableError, match="cannot be used"):
        PreparedQuery(lost, sa.select(table_of(Shop).c.name)).first({})


def test_now_on_both_databases_is_the_same_instant(database: Database) -> None:
    moment = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    with database.writing() as session:
        make_shop(session, created_at=moment)
    with database.reading() as session:
        assert session.scalar(sa.select(Shop.id).where(Shop.created_at == moment))
        assert not session.scalar(sa.select(Shop.id).where(Shop.created_at > moment))


def test_an_error_of_the_database_does_not_tell_what_was_to_be_stored(database: Database) -> None:
    with pytest.raises((sa.exc.DBAPIError, DatabaseUnavailableError)) as failed, database.writing() as session:
        session.execute(sa.text("SELECT nothing FROM nowhere WHERE x = :x"), {"x": ADDRESS})
    assert ADDRESS not in "".join(traceback.format_exception(failed.value))


def test_more_values_than_one_statement_takes_are_all_asked_for(database: Database) -> None:
    table = table_of(Shop).c
    statement = sa.select(table.slug).where(table.country == sa.bindparam("country"), any_asked(table.slug))
    slugs = [f"shop-{number}" for number in range(3)]
    asked = [*slugs[:1], *(f"nobody-{number}" for number in range(1200)), *slugs[1:]]
    with database.writing() as session:
        countries = {slug: make_shop(session, slug=slug).country for slug in slugs}
        country = countries[slugs[0]]
        assert [row.slug for row in rows_of(session, statement, asked, country=country)] == slugs
        assert not list(rows_of(session, statement, asked, country="nowhere"))
        assert not list(rows_of(session, statement, (), country=country))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("plain", "plain"),
        ("Été, 😀 et \u2028 fin", "Été, 😀 et \u2028 fin"),
        ("a\0b", "ab"),
        ("é\0b", "éb"),
        ("half \ud83d of a pair", "half  of a pair"),
        ("\udc00", ""),
    ],
    ids=["ascii", "any letter", "NUL", "NUL among others", "half a pair", "nothing else"],
)
def test_what_no_database_takes_is_left_out(database: Database, given: str, kept: str) -> None:
    with database.writing() as session:
        shop_id = make_shop(session, name=given).id
    with database.reading() as session:
        assert session.get_one(Shop, shop_id).name == kept
