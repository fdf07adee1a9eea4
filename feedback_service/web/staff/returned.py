"""Returns: the list, and one return with its events, lines and survey."""

from datetime import datetime
from http import HTTPStatus

import sqlalchemy as sa
from flask import Blueprint, redirect, request, url_for
from sqlalchemy.orm import Session, selectinload
from werkzeug.wrappers import Response as AnyResponse

from feedback_service.alerts.models import Story
from feedback_service.bootstrap import Services
from feedback_service.errors import ConflictError, NotFoundError
from feedback_service.formats import zone
from feedback_service.mail.returned import came_back
from feedback_service.paging import paged
from feedback_service.returns import reasons
from feedback_service.returns.deadlines import (
    Withdrawal,
    days_late,
    policy_of,
    refund_due_on,
    refund_late,
    withdrawal_of,
)
from feedback_service.returns.models import Order, Return, ReturnState
from feedback_service.returns.products import product_of
from feedback_service.shops.models import AuditEntry, Shop
from feedback_service.surveys.letter import cause as survey_cause
from feedback_service.surveys.masking import mask
from feedback_service.surveys.models import Invitation
from feedback_service.surveys.not_sent import why_not_sent
from feedback_service.surveys.periodic_not_sent import PeriodicStanding
from feedback_service.surveys.reading import reasons_of
from feedback_service.surveys.replies import replies_to
from feedback_service.web import auth
from feedback_service.web.pages import language, notify, page, page_number
from feedback_service.web.staff import words

_WORDS = {
    "kind_word": words.mail_class,
    "event_word": words.return_event,
    "state_word": words.return_state,
    "reason_label": reasons.label,
    "product_of": product_of,
    "sign": words.sign,
    "not_sent_word": words.not_sent,
}


def add_views(pages: Blueprint, services: Services) -> None:
    """Add the list of returns and the page of one to `pages`."""
    _add_list(pages, services)
    _add_favour(pages, services)

    @pages.get("/returns/<int:return_id>")
    @auth.staff_only()
    def one_return(return_id: int) -> str:
        with services.database.reading() as db:
            returned = _find(db, return_id)
            invitation = db.scalar(sa.select(Invitation).where(Invitation.return_id == returned.id))
            now, shop = services.clock.now(), db.get_one(Shop, returned.shop_id)
            reason = why_not_sent(db, returned, now)
            return page(
                "staff/return.html",
                returned=returned,
                invitation=invitation,
                **_refund(shop, returned, now),
                withdrawal=_withdrawal(shop, returned),
                not_sent=words.not_sent(reason, language()) if reason else "",
                periodic=_periodic(services, db, shop, returned, now),
                stories=_stories_about(db, returned),
                replies=replies_to(db, returned.id),
                came_back=came_back(db, _causes(returned), _mails_of(invitation)),
                mask=mask,
                reasons_of=reasons_of,
                **_WORDS,
            )


def _add_list(pages: Blueprint, services: Services) -> None:
    @pages.get("/returns")
    @auth.staff_only()
    def returns() -> str:
        state = _wanted_state()
        with services.database.reading() as db:
            return page(
                "staff/returns.html",
                found=paged(db, _latest_first(state), page_number()),
                state=state,
                states=list(ReturnState),
                state_word=words.return_state,
                reason_label=reasons.label,
                product_of=product_of,
            )


def _add_favour(pages: Blueprint, services: Services) -> None:
    @pages.post("/returns/<int:return_id>/favour")
    @auth.staff_only()
    def accept_as_favour(return_id: int) -> AnyResponse:
        with services.database.writing() as db:
            _accept_as_favour(db, _find(db, return_id), services.clock.now())
        notify(words.favour(language()))
        return redirect(url_for("staff.one_return", return_id=return_id), HTTPStatus.SEE_OTHER)


def _accept_as_favour(session: Session, returned: Return, now: datetime) -> None:
    withdrawal = _withdrawal(session.get_one(Shop, returned.shop_id), returned)
    if withdrawal is None or not withdrawal.days_late or returned.closed_at is not None:
        sentence = "Only an open return that was asked for too late can be accepted as a favour."
        raise ConflictError(sentence)
    if returned.goodwill_at is None:
        returned.goodwill_at = now
        about = f"return:{returned.id}"
        session.add(AuditEntry(at=now, staff_id=auth.person().id, action="return.favour", subject=about, detail=""))


def _periodic(
    services: Services, session: Session, shop: Shop, returned: Return, now: datetime
) -> PeriodicStanding | None:
    """Return where the periodic survey of the customer stands; None where the shop has none, or nobody is known."""
    if not shop.nps_enabled or returned.customer is None:
        return None
    return services.periodic.standing(session, shop, returned.customer, now)


def _mails_of(invitation: Invitation | None) -> list[int]:
    mails = (invitation.mail_id, invitation.reminder_mail_id) if invitation else ()
    return [mail_id for mail_id in mails if mail_id is not None]


def _causes(returned: Return) -> list[str]:
    """Return the causes of the mails about a return (`returns.notices`, `surveys.letter`)."""
    return [survey_cause(returned.id), *(f"return:{returned.id}:{state.value}" for state in ReturnState)]


def _refund(shop: Shop, returned: Return, now: datetime) -> dict[str, object]:
    """Return until when the refund is in time (R9) and how many days late it is, for a return that is not closed."""
    tz = zone(shop.time_zone)
    due_on = None
    if returned.closed_at is None:
        due_on = refund_due_on(returned.requested_at, tz, received_at=returned.received_at, days=shop.refund_days)
    late = days_late(due_on, now, tz) if refund_late(due_on, now, tz) else 0
    return {"refund_due_on": due_on, "refund_days_late": late}


def _withdrawal(shop: Shop, returned: Return) -> Withdrawal | None:
    """Return how the return stands to the period of withdrawal (R5); None where the day of delivery is unknown."""
    delivered_at = returned.order.delivered_at if returned.order else None
    return withdrawal_of(returned.requested_at, delivered_at, policy_of(shop), zone(shop.time_zone))


def _wanted_state() -> ReturnState | None:
    try:
        return ReturnState(request.args.get("state", ""))
    except ValueError:
        return None


def _latest_first(state: ReturnState | None) -> sa.Select[Return]:
    query = (
        sa.select(Return)
        .where(Return.shop_id.in_(auth.person().shop_ids))
        .order_by(Return.requested_at.desc(), Return.id.desc())
        .options(selectinload(Return.lines), selectinload(Return.order).selectinload(Order.lines))
    )
    return query.where(Return.state == state) if state else query


def _find(session: Session, return_id: int) -> Return:
    there = sa.select(Return).where(Return.id == return_id, Return.shop_id.in_(auth.person().shop_ids))
    returned = session.scalar(
        there.options(selectinload(Return.order).selectinload(Order.lines), selectinload(Return.events))
    )
    if returned is None:
        sentence = f"There is no return {return_id}."
        raise NotFoundError(sentence)
    return returned


def _stories_about(session: Session, returned: Return) -> list[Story]:
    about = [Story.return_id == returned.id]
    if returned.order_id is not None:
        about.append(Story.order_id == returned.order_id)
    query = sa.select(Story).where(Story.shop_id == returned.shop_id, sa.or_(*about))
    return list(session.scalars(query.order_by(Story.opened_at.desc())))
