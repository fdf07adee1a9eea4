"""The shops' questionnaires as they are kept: each version a row of its own, written once and never changed."""

from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.db import Database
from feedback_service.errors import NotFoundError
from feedback_service.shops.models import AuditEntry, Shop
from feedback_service.surveys.models import StoredQuestionnaire
from feedback_service.surveys.questionnaire import SHIPPED, Questionnaire, checked, from_json, to_json

_MOST_CACHED = 256


class Questionnaires:
    """Finds questionnaires; one that was read is not read again, for a version does not change.

    The survey page is opened far more often than a questionnaire is changed: with the shop in hand, which
    names its version, the page needs no further query.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], Questionnaire] = {}

    def current(self, session: Session, shop: Shop) -> Questionnaire:
        """Return what the shop asks now."""
        return self.of(session, shop.id, shop.questionnaire_version)

    def of(self, asker: Session | Database, shop_id: int, version: int) -> Questionnaire:
        """Return one version of a shop's questionnaire; `NotFoundError` when the shop never had it."""
        if version == SHIPPED.version:
            return SHIPPED
        known = self._known.get((shop_id, version))
        if known is None:
            known = _read(asker, shop_id, version)
            if len(self._known) >= _MOST_CACHED:
                self._known.clear()
            self._known[shop_id, version] = known
        return known


def keep(
    session: Session, shop_id: int, draft: Questionnaire, now: datetime, *, staff_id: int | None = None
) -> Questionnaire:
    """Make `draft` what the shop asks from now on, as its next version; an unchanged one stays what it is.

    Raises `InvalidInputError` for what cannot be asked. Answers keep the version they were given to.
    """
    draft = checked(draft)
    shop = session.get_one(Shop, shop_id, with_for_update=True, populate_existing=True)
    now_asked = _read(session, shop_id, shop.questionnaire_version) if shop.questionnaire_version else SHIPPED
    if to_json(draft) == to_json(now_asked):
        return now_asked
    version = shop.questionnaire_version + 1
    contents = to_json(draft)
    session.add(
        StoredQuestionnaire(shop_id=shop_id, version=version, contents=contents, created_at=now, staff_id=staff_id)
    )
    shop.questionnaire_version = version
    session.add(
        AuditEntry(
            at=now, staff_id=staff_id, action="survey.changed", subject=f"shop:{shop_id}", detail=f"version {version}"
        )
    )
    session.flush()
    return replace(draft, version=version)


def _read(asker: Session | Database, shop_id: int, version: int) -> Questionnaire:
    if isinstance(asker, Database):
        with asker.reading() as session:
            return _read(session, shop_id, version)
    contents = asker.scalar(
        sa.select(StoredQuestionnaire.contents).where(
            StoredQuestionnaire.shop_id == shop_id, StoredQuestionnaire.version == version
        )
    )
    if contents is None:
        sentence = f"The shop has no questionnaire of version {version}."
        raise NotFoundError(sentence)
    return from_json(contents, version)
