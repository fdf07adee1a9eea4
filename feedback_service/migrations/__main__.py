"""Write the next migration from the tables: `python -m feedback_service.migrations "why"`."""

import sys
import tempfile

from alembic import command

from feedback_service import paths, schema
from feedback_service.db import Database


def main(message: str) -> None:
    """Bring an empty database up to date, compare it with the tables, and write the difference."""
    number = len(list((paths.MIGRATIONS / "versions").glob("*.py"))) + 1
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/empty.sqlite")
        if number > 1:
            schema.upgrade(database)
        config = schema.alembic_config()
        with database.engine.begin() as connection:
            config.attributes["connection"] = connection
            command.revision(config, message=message, rev_id=f"{number:04}", autogenerate=True)
        database.close()


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]))
