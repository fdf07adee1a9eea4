"""INSERT ... ON CONFLICT in the dialect of the session's database."""

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from feedback_service.db import Base


def insert_for(session: Session, model: type[Base]) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT into the table of `model` that may say what to do on a conflict."""
    if session.get_bind().dialect.name == "sqlite":
        return sqlite.insert(model)
    return postgresql.insert(model)
