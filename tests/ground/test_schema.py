"""The migrations give exactly the tables that the code describes."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from feedback_service import paths, schema, tables
from feedback_service.db import Database
from feedback_service.surveys.models import Answer
from tests.support.rows import Rows, fill_every_table, rows_of_every_table
from tests.support.traces import shop_with_traces


def test_migrations_lead_to_the_tables_of_the_code(database: Database) -> None:
    with database.engine.connect() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), tables.metadata)
    assert difference == []


def test_a_second_upgrade_changes_nothing(database: Database) -> None:
    schema.upgrade(database)
    assert schema.is_current(database)


def test_the_file_names_tell_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(paths.MIGRATIONS))
    assert schema.latest() == ScriptDirectory.from_config(config).get_current_head()


def test_invitations_and_answers_outlive_the_change_of_their_tables_and_the_way_back(database: Database) -> None:
    with database.writing() as session:
        shop_with_traces(session)
        wanted = sa.select(Answer.id, Answer.invitation_id, Answer.return_id, Answer.rating, Answer.text)
        before = session.execute(wanted.order_by(Answer.id)).all()
    config = schema.alembic_config()
    changes = ScriptDirectory.from_config(config).walk_revisions()
    change = next(script for script in changes if script.doc.startswith("surveys in a shop"))
    for move, revision in ((command.downgrade, change.down_revision), (command.upgrade, "head")):
        with database.engine.begin() as connection:
            config.attributes["connection"] = connection
            move(config, str(revision))
    with database.reading() as session:
        assert session.execute(wanted.order_by(Answer.id)).all() == before
    test_migrations_lead_to_the_tables_of_the_code(database)


def _at(database: Database, move: Callable[[Config, str], None], revision: str) -> Rows:
    """Move to a revision and return what every table holds there."""
    config = schema.alembic_config()
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        move(config, revision)
    return rows_of_every_table(database)


def _kept(rows: Rows, there: Rows) -> Rows:
    """Return of `rows` what has a column in `there`, in one order."""
    kept: Rows = {}
    for table in rows.keys() & there.keys():
        columns = [set(row) for row in (*rows[table][:1], *there[table][:1])]
        common = sorted(set.intersection(*columns)) if columns else []
        kept[table] = sorted(({name: row[name] for name in common} for row in rows[table]), key=repr)
    return kept


def test_no_migration_loses_a_row_on_the_way_down_and_up_again(database: Database) -> None:
    fill_every_table(database)
    newest = rows = rows_of_every_table(database)
    assert all(newest.values())
    scripts = list(ScriptDirectory.from_config(schema.alembic_config()).walk_revisions())
    for script in scripts[:-1]:
        lower = _at(database, command.downgrade, str(script.down_revision))
        assert _kept(lower, rows) == _kept(rows, lower), f"down from {script.revision}"
        rows = lower
    for script in scripts[-2::-1]:
        upper = _at(database, command.upgrade, script.revision)
        assert _kept(upper, rows) == _kept(rows, upper), f"up to {script.revision}"
        rows = upper
    assert rows.keys() == newest.keys()
    test_migrations_lead_to_the_tables_of_the_code(database)


def test_what_mails_say_outlives_the_move_to_a_table_of_its_own_and_the_way_back(database: Database) -> None:
    fill_every_table(database)
    said = _contents(rows_of_every_table(database)["mail_content"], "mail_id")
    scripts = ScriptDirectory.from_config(schema.alembic_config()).walk_revisions()
    move = next(script for script in scripts if script.doc.startswith("what a mail says"))
    lower = _at(database, command.downgrade, str(move.down_revision))
    assert _contents(lower["outbox_mail"], "id") == said
    assert _contents(_at(database, command.upgrade, "head")["mail_content"], "mail_id") == said


def _contents(rows: list[dict[str, Any]], key: str) -> list[tuple[Any, ...]]:
    return sorted((row[key], row["text"], row["html"], bytes(row["wire"])) for row in rows)
