"""What is put to the driver as it is means the same as through SQLAlchemy."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from feedback_service.db import Database, Writer, table_of
from feedback_service.errors import DatabaseUnavailableError
from feedback_service.mail.models import MailState, OutboxMail
from feedback_service.prepared import PreparedStatement
from tests.mail.stack import queue
from tests.support.builders import NOW

MAIL = table_of(OutboxMail)
CHANGE = (
    sa.update(MAIL)
    .where(MAIL.c.id == sa.bindparam("which"))
    .values(
        state=MailState.SENT, sent_at=sa.bindparam("at"), subject=sa.bindparam("subject"), due_at=None,
        headers={"List-Id": "é"},
    )
)  # fmt: skip


def test_values_are_stored_as_their_columns_want_them(database: Database) -> None:
    ids = queue(database, 3)
    later = NOW + timedelta(microseconds=1)
    write = PreparedStatement(database.engine.dialect, CHANGE)
    writer = Writer(database)
    with writer.transaction() as connection:
        rows = [{"which": mail_id, "subject": f"s{mail_id}\0", "at": later} for mail_id in (*ids[:2], -1)]
        assert write.execute(connection, rows) == 2
        assert write.execute(connection, []) == 0
    writer.close()
    with database.reading() as session:
        mails = session.scalars(sa.select(OutboxMail).order_by(OutboxMail.id)).all()
        seen = [(mail.state, mail.sent_at, mail.subject, mail.due_at, mail.headers) for mail in mails[:2]]
        assert mails[2].state is MailState.QUEUED
    assert seen == [(MailState.SENT, later, f"s{mail_id}", None, {"List-Id": "é"}) for mail_id in ids[:2]]


def test_what_was_written_before_an_error_is_undone(database: Database) -> None:
    [mail_id] = queue(database)
    write = PreparedStatement(database.engine.dialect, CHANGE)
    writer = Writer(database)

    def fail() -> None:
        with writer.transaction() as connection:
            write.execute(connection, [{"which": mail_id, "subject": "new", "at": NOW}])
            raise database.engine.dialect.loaded_dbapi.OperationalError

    with pytest.raises(DatabaseUnavailableError, match="cannot be used"):
        fail()
    with database.reading() as session:
        assert session.get_one(OutboxMail, mail_id).state is MailState.QUEUED
    with writer.transaction() as connection:
        assert write.execute(connection, [{"which": mail_id, "subject": "new", "at": NOW}]) == 1
    writer.close()
