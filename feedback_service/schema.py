"""The schema: brought up to date by migrations, by `init` and at every start."""

from typing import TYPE_CHECKING

import sqlalchemy as sa

from feedback_service import paths, tables
from feedback_service.db import Database

if TYPE_CHECKING:
    from alembic.config import Config

# A start needs every table known, whether or not it has to migrate: foreign keys name them.
metadata = tables.metadata
_VERSION = sa.table("alembic_version", sa.column("version_num"))


def upgrade(database: Database) -> None:
    """Apply the migrations that are missing. Two processes that start together do it once."""
    database.check()
    if is_current(database):
        return
    from alembic import command

    with database.engine.begin() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def is_current(database: Database) -> bool:
    """Tell whether the database has every migration."""
    with database.engine.connect() as connection:
        if not sa.inspect(connection).has_table(_VERSION.name):
            return False
        return connection.execute(sa.select(_VERSION.c.version_num)).scalars().all() == [latest()]


def latest() -> str:
    """Return the revision of the newest migration, by the file names: Alembic takes 10 MB to say the same."""
    return max(path.name.partition("_")[0] for path in paths.MIGRATIONS.glob("versions/[0-9]*.py"))


def alembic_config() -> "Config":
    """Return the settings of Alembic: where the migrations are."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(paths.MIGRATIONS))
    return config
