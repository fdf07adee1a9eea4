"""What the demo counts at its end, and what must hold: mails at the mail server, the rest in the database."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.alerts.models import Story
from feedback_service.demo import cast
from feedback_service.demo.mailbox import CaughtMail
from feedback_service.demo.shop_data import ORDERS, WEEKEND_RETURNS
from feedback_service.demo.stage import Stage
from feedback_service.mail.models import UNSENT, Audience, MailState, OutboxMail
from feedback_service.mentions.models import Document, Mention
from feedback_service.reports.figures import Span
from feedback_service.reports.queries import figures_of
from feedback_service.sentiment.judgement import Label
from feedback_service.shops.models import Shop
from feedback_service.surveys.models import Answer

_NOTICES = ("return_received", "return_refunded")
SURVEY, ALERT, DIGEST = "survey", "story_alert", "digest"


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of one run; `duplicates` counts mails that a customer got twice."""

    orders: int
    returns: int
    return_rate_orders: float | None
    main_reason: str | None
    survey_mails: int
    answers: int
    documents: int
    mentions: int
    negative_mentions: int
    stories: int
    alert_mails: int
    digest_mails: int
    mails_at_server: int
    duplicates: int
    seconds: float


def at_server(stage: Stage, kind: str) -> list[CaughtMail]:
    """Return the mails of that kind that have reached the mail server, by the outbox's Message-IDs."""
    with stage.services.database.reading() as session:
        ids = set(session.scalars(sa.select(OutboxMail.message_id).where(OutboxMail.kind == kind)))
    return [mail for mail in stage.mailbox.mails() if mail.message_id in ids]


def nothing_under_way(stage: Stage) -> bool:
    """Tell whether every mail of the outbox has come to its end."""
    with stage.services.database.reading() as session:
        return not _count(session, OutboxMail, OutboxMail.state.in_(UNSENT))


def report(stage: Stage, *, seconds: float) -> Report:
    """Return the figures as they stand."""
    now = stage.services.clock.now()
    with stage.services.database.reading() as session:
        shop = session.scalars(sa.select(Shop).where(Shop.slug == cast.SLUG)).one()
        returned = figures_of(session, shop.id, Span(), now).returned
        return Report(
            orders=returned.orders,
            returns=returned.returns,
            return_rate_orders=returned.rate_orders.share,
            main_reason=returned.main_reason,
            survey_mails=len(at_server(stage, SURVEY)),
            answers=_count(session, Answer),
            documents=_count(session, Document),
            mentions=_count(session, Mention),
            negative_mentions=_count(session, Mention, Mention.label == Label.NEGATIVE),
            stories=_count(session, Story),
            alert_mails=len(at_server(stage, ALERT)),
            digest_mails=len(at_server(stage, DIGEST)),
            mails_at_server=len(stage.mailbox.mails()),
            duplicates=stage.mailbox.twice_to_customers(),
            seconds=round(seconds, 1),
        )


def broken_promises(stage: Stage, found: Report) -> list[str]:
    """Return in sentences what did not hold; empty when all did."""
    with stage.services.database.reading() as session:
        ours = OutboxMail.created_at >= stage.begun_at
        flagged = _count(session, OutboxMail, ours, OutboxMail.state == MailState.AMBIGUOUS)
        failed = _count(session, OutboxMail, ours, OutboxMail.state.in_((MailState.FAILED, MailState.DROPPED)))
        wrongly_flagged = _count(
            session, OutboxMail, OutboxMail.state == MailState.AMBIGUOUS, OutboxMail.audience == Audience.STAFF
        )
        sent = set(session.scalars(sa.select(OutboxMail.message_id).where(ours, OutboxMail.state == MailState.SENT)))
        surveys = _count(session, OutboxMail, ours, OutboxMail.kind == SURVEY)
    arrived = {mail.message_id for mail in stage.mailbox.mails()}
    promises = {
        "All orders came in.": found.orders == ORDERS,
        "Returns came in.": found.returns > 0 and bool(found.return_rate_orders) and bool(found.main_reason),
        "Every survey that was due was queued.": surveys >= WEEKEND_RETURNS,
        "Every survey mail arrived, or is flagged because a process died in its hands.": (
            surveys - flagged <= found.survey_mails <= surveys
        ),
        "The customers of this morning's parcels were told.": (
            0 < stage.events_reported - flagged <= sum(len(at_server(stage, kind)) for kind in _NOTICES)
        ),
        "Every mail that counts as sent arrived.": sent <= arrived,
        "No mail failed.": not failed,
        "No alert was given up for a crash.": not wrongly_flagged,
        "The bad answer and the bad review alerted.": found.alert_mails >= 2,  # noqa: PLR2004 - one each
        "The digest arrived.": found.digest_mails >= 1,
        "Negative mentions were found.": 0 < found.negative_mentions < found.mentions <= found.documents,
        "No customer got a mail twice.": found.duplicates == 0,
    }
    return [sentence for sentence, holds in promises.items() if not holds]


def _count(session: Session, model: Any, *where: sa.ColumnElement[bool]) -> int:  # noqa: ANN401 - any mapped class
    return session.scalar(sa.select(sa.func.count()).select_from(model).where(*where)) or 0
