"""The schema: brought up to date by migrations, by `init` and at every start."""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from feedback_service import paths
from feedback_service.db import Database


def upgrade(database: Database) -> None:
    """Apply the migrations that are missing. Two processes that start together do it once."""
    database.check()
    with database.engine.begin() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def is_current(database: Database) -> bool:
    """Tell whether the database has every migration."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == head


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(paths.MIGRATIONS))
    return config
