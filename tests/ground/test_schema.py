"""The migrations give exactly the tables that the code describes."""

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from feedback_service import paths, schema, tables
from feedback_service.db import Database
from feedback_service.surveys.models import Answer
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
