"""The migrations give exactly the tables that the code describes."""

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from feedback_service import paths, schema, tables
from feedback_service.db import Database


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
