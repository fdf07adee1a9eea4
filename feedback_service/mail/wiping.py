"""What a mail said is wiped as soon as it is never sent again: it carries tokens and personal data."""

from collections.abc import Sequence

import sqlalchemy as sa

from feedback_service.batches import batched
from feedback_service.db import table_of
from feedback_service.mail.models import MailContent, MailImage, OutboxMail

_MAIL, _CONTENT, _IMAGE = table_of(OutboxMail), table_of(MailContent), table_of(MailImage)
_AT_ONCE = 500
"""Most values in one IN list: where a shop is stopped, more mails may wait than a statement may have values."""


def wipe(connection: sa.Connection, ids: Sequence[int]) -> None:
    """Remove text, page, bytes, images and further headers of these mails."""
    for some in batched(ids, _AT_ONCE):
        connection.execute(sa.update(_MAIL).where(_MAIL.c.id.in_(some)).values(headers={}))
    wipe_content(connection, ids)


def wipe_content(connection: sa.Connection, ids: Sequence[int]) -> None:
    """Remove all that stands in tables of its own; the headers are the caller's to empty."""
    for some in batched(ids, _AT_ONCE):
        connection.execute(sa.delete(_CONTENT).where(_CONTENT.c.mail_id.in_(some)))
        connection.execute(sa.delete(_IMAGE).where(_IMAGE.c.mail_id.in_(some)))
