"""Answers: satisfaction, effort, and how many of the surveys sent were answered."""

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from feedback_service.mail.models import OutboxMail
from feedback_service.reports.figures import CES_FROM, CES_SCALE, CSAT_FROM, NPS_FROM, NPS_UNTIL, AnswerFigures, Span
from feedback_service.reports.spans import within
from feedback_service.reports.statistics import Rate, Score, mean, net_score, wilson
from feedback_service.surveys.models import Answer, Invitation
from feedback_service.surveys.questions import Survey


def answer_figures(session: Session, shop_id: int, span: Span) -> AnswerFigures:
    """Return CSAT and CES of the answers given in `span`, and the response to the surveys sent in it.

    Every answer counts, also one with signs of a machine: those are for staff to see, never a filter (R31).
    """
    ratings = _histogram(session, Answer.rating, shop_id, span)
    efforts = _histogram(session, Answer.effort, shop_id, span)
    return AnswerFigures(
        ratings=(ratings.get(1, 0), ratings.get(2, 0), ratings.get(3, 0), ratings.get(4, 0), ratings.get(5, 0)),
        csat=_from(ratings, CSAT_FROM),
        ces=_from(efforts, CES_FROM),
        ces_mean=mean(efforts, CES_SCALE),
        response=_response(session, shop_id, span),
        nps=_nps(_histogram(session, Answer.nps, shop_id, span)),
    )


def _histogram(session: Session, column: InstrumentedAttribute[int | None], shop_id: int, span: Span) -> dict[int, int]:
    rows = session.execute(
        sa.select(column, sa.func.count())
        .where(Answer.shop_id == shop_id, within(Answer.created_at, span), column.is_not(None))
        .group_by(column)
    )
    return {point: count for point, count in rows if point is not None}


def _from(histogram: dict[int, int], least: int) -> Rate:
    return wilson(sum(count for point, count in histogram.items() if point >= least), sum(histogram.values()))


def _nps(histogram: dict[int, int]) -> Score:
    promoters = sum(count for point, count in histogram.items() if point >= NPS_FROM)
    detractors = sum(count for point, count in histogram.items() if point <= NPS_UNTIL)
    return net_score(promoters, detractors, sum(histogram.values()))


def _response(session: Session, shop_id: int, span: Span) -> Rate:
    sent, given = session.execute(
        sa.select(sa.func.count(), sa.func.count(Invitation.answered_at))
        .select_from(Invitation)
        .join(OutboxMail, OutboxMail.id == Invitation.mail_id)
        .where(Invitation.shop_id == shop_id, Invitation.survey == Survey.RETURN, within(OutboxMail.sent_at, span))
    ).one()
    return wilson(given, sent)
