"""Previews: what a customer would see, for staff, by a link that stores nothing.

A preview's link has the form of a survey's, so that a test mail is a real one, down to its templates and
headers. Its token is signed instead of stored: it names a shop, a survey and a language, and no person.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from feedback_service.surveys.questions import Survey

VALID = timedelta(days=7)
PREFIX = "preview-"
"""What every token of a preview begins with."""
_TOKEN = re.compile(rf"{PREFIX}(\d{{1,9}})-(return|periodic)-([a-z]{{2,3}})-(\d{{1,11}})-([0-9a-f]{{32}})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Preview:
    """Whose survey is shown, which one, and in which language."""

    shop_id: int
    survey: Survey
    language: str


def preview_token(secret: str, preview: Preview, now: datetime) -> str:
    """Return the token that opens a preview until `VALID` has passed."""
    until = int((now + VALID).timestamp())
    return f"{PREFIX}{_named(preview, until)}-{_signature(secret, preview, until)}"


def read_preview(secret: str, token: str, now: datetime) -> Preview | None:
    """Return what a token shows; None for one that is no preview's, is forged or has expired."""
    found = _TOKEN.fullmatch(token)
    if found is None:
        return None
    preview, until = Preview(int(found[1]), Survey(found[2]), found[3]), int(found[4])
    if not hmac.compare_digest(found[5], _signature(secret, preview, until)):
        return None
    return preview if now < datetime.fromtimestamp(until, tz=UTC) else None


def _named(preview: Preview, until: int) -> str:
    return f"{preview.shop_id}-{preview.survey.value}-{preview.language}-{until}"


def _signature(secret: str, preview: Preview, until: int) -> str:
    message = f"survey-preview\x1f{_named(preview, until)}".encode()
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()[:32]
