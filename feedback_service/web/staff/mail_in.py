"""What came back of the mails that were sent, and what the operator must do about it."""

import sqlalchemy as sa
from flask import Blueprint

from feedback_service.bootstrap import Services
from feedback_service.mail.incoming.kinds import MailClass
from feedback_service.mail.models import IncomingMail
from feedback_service.mail.returned import PAUSE_AT, returned_mail
from feedback_service.paging import paged
from feedback_service.web import auth
from feedback_service.web.pages import page, page_number
from feedback_service.web.staff import words


def add_views(pages: Blueprint, services: Services) -> None:
    """Add the page to `pages`."""

    @pages.get("/mail-in")
    @auth.staff_only()
    def mail_in() -> str:
        shop_ids = auth.person().shop_ids
        latest = (
            sa.select(IncomingMail)
            .where(IncomingMail.shop_id.in_(shop_ids))
            .order_by(IncomingMail.came_at.desc(), IncomingMail.id.desc())
            .options(sa.orm.joinedload(IncomingMail.mail))
        )
        with services.database.reading() as db:
            return page(
                "staff/mail_in.html",
                returned=returned_mail(db, shop_ids, services.clock.now()),
                found=paged(db, latest, page_number()),
                kinds=[kind for kind in MailClass if kind is not MailClass.NONE],
                kind_word=words.mail_class,
                channel_word=words.mail_channel,
                complaints_matter_at=PAUSE_AT,
            )
