"""Claims share work out without loss, and ticks need no leader."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from feedback_service.claims import claim_columns, claim_due, release, renew, settle, settle_many
from feedback_service.clock import ManualClock
from feedback_service.db import Database, table_of
from feedback_service.sources.models import Source, SourceKind
from feedback_service.ticks import slot_of, take_slot
from tests.support.builders import NOW, make_shop

LEASE = timedelta(minutes=5)


@pytest.fixture
def sources(database: Database) -> list[int]:
    """Six sources that are due."""
    with database.writing() as session:
        shop = make_shop(session)
        rows = [
            Source(
                shop_id=shop.id,
                url=f"https://blog{number}.example.com/feed",
                kind=SourceKind.FEED,
                state_since=NOW,
                created_at=NOW,
                due_at=NOW - timedelta(minutes=number),
            )
            for number in range(6)
        ]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]


def claim(database: Database, now: datetime, limit: int = 10) -> list[Source]:
    with database.writing() as session:
        return claim_due(session, Source, now=now, lease=LEASE, limit=limit)


def test_the_longest_due_comes_first(database: Database, sources: list[int]) -> None:
    assert [row.id for row in claim(database, NOW, limit=2)] == [sources[5], sources[4]]


def test_columns_are_claimed_as_rows_are(database: Database, sources: list[int]) -> None:
    columns = table_of(Source).c
    wanted = (columns.id, columns.claim, columns.due_at, columns.attempts)

    def claimed(limit: int) -> list[tuple[int, datetime, int]]:
        with database.writing() as session:
            rows = claim_columns(
                session, Source, wanted, now=NOW, lease=LEASE, limit=limit, order_by=[Source.due_at.desc()]
            )
        assert all(row.claim for row in rows)
        return [(row.id, row.due_at, row.attempts) for row in rows]

    assert claimed(2) == [(sources[0], NOW, 1), (sources[1], NOW - timedelta(minutes=1), 1)]
    assert [row_id for row_id, *_ in claimed(10)] == sources[2:]
    assert claimed(10) == []


def test_workers_at_the_same_time_claim_each_row_once(database: Database, sources: list[int]) -> None:
    with ThreadPoolExecutor(6) as pool:
        claimed = [row.id for rows in pool.map(lambda _: claim(database, NOW, limit=2), range(6)) for row in rows]
    assert sorted(claimed) == sorted(sources)


def test_a_dead_workers_rows_are_due_again_when_the_lease_ends(
    database: Database, sources: list[int], clock: ManualClock
) -> None:
    assert len(claim(database, clock.now())) == len(sources)
    assert claim(database, clock.now() + LEASE - timedelta(seconds=1)) == []
    again = claim(database, clock.now() + LEASE)
    assert len(again) == len(sources)
    assert {row.attempts for row in again} == {2}


def test_a_late_worker_cannot_settle_a_claim_it_lost(database: Database, sources: list[int]) -> None:
    [late] = claim(database, NOW, limit=1)
    winner = next(row for row in claim(database, NOW + LEASE) if row.id == late.id)
    with database.writing() as session:
        assert not settle(session, late, values={"title": "late"})
        assert settle(session, winner, values={"title": "winner", "due_at": None})
    with database.reading() as session:
        row = session.get_one(Source, sources[5])
    assert (row.title, row.claim, row.due_at) == ("winner", None, None)


def test_a_slot_is_taken_by_one_process_only(database: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: take_slot(database, "send_mail", NOW), range(8)))
    assert taken.count(True) == 1
    assert take_slot(database, "send_mail", NOW + timedelta(seconds=10))


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis wants naive bounds
    st.integers(1, 86_400),
)
def test_a_slot_holds_its_instant_and_is_the_same_for_all_of_its_instants(now: datetime, seconds: int) -> None:
    every = timedelta(seconds=seconds)
    slot = slot_of(now, every)
    assert slot <= now < slot + every
    assert slot_of(slot, every) == slot


def test_claims_of_nothing_are_empty(database: Database) -> None:
    assert claim(database, NOW) == []
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Source)) == 0


def test_a_claim_that_is_given_back_is_due_as_before(database: Database, sources: list[int]) -> None:
    with database.writing() as session:
        claimed = claim_due(session, Source, now=NOW, lease=LEASE, limit=6)
    with database.writing() as session:
        release(session, claimed[0])
    with database.writing() as session:
        again = claim_due(session, Source, now=NOW, lease=LEASE, limit=6)
    assert [(source.id, source.attempts) for source in again] == [(claimed[0].id, 1)]
    assert len(claimed) == len(sources)


def test_a_renewed_claim_outlives_its_lease_and_a_lost_one_is_not_renewed(
    database: Database, sources: list[int]
) -> None:
    with database.writing() as session:
        kept, lost = claim_due(session, Source, now=NOW, lease=LEASE, limit=2)
    with database.writing() as session:
        session.execute(sa.update(Source).where(Source.id == lost.id).values(claim="theirs", claimed_until=NOW))
        renew(session, [kept, lost], NOW + 3 * LEASE)
    with database.writing() as session:
        free = claim_due(session, Source, now=NOW + 2 * LEASE, lease=LEASE, limit=6)
    assert {source.id for source in free} == {*sources} - {kept.id}


def test_many_are_settled_at_once_but_not_what_was_lost(database: Database, sources: list[int]) -> None:
    with database.writing() as session:
        claimed = claim_due(session, Source, now=NOW, lease=LEASE, limit=6)
    with database.writing() as session:
        session.execute(sa.update(Source).where(Source.id == claimed[0].id).values(claim="theirs"))
    with database.writing() as session:
        later = NOW + timedelta(hours=1)
        rows = [(source, {"due_at": later, "title": f"t{source.id}"}) for source in claimed]
        assert settle_many(session, Source, rows) == len(sources) - 1
        assert settle_many(session, Source, []) == 0
    with database.reading() as session:
        titles = dict(session.execute(sa.select(Source.id, Source.title).where(Source.claim.is_(None))).all())
    assert titles == {source.id: f"t{source.id}" for source in claimed[1:]}
    assert len(titles) == len(sources) - 1
