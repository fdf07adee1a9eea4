"""Answers: what customers say after a return, latest first."""

import sqlalchemy as sa
from flask import Blueprint, request
from sqlalchemy.orm import selectinload

from feedback_service.bootstrap import Services
from feedback_service.paging import paged
from feedback_service.surveys.masking import mask
from feedback_service.surveys.models import Answer
from feedback_service.surveys.reading import reasons_of
from feedback_service.web import auth
from feedback_service.web.pages import page, page_number
from feedback_service.web.staff import words

_LOW = 2
_HIGH = 4


def add_views(pages: Blueprint, services: Services) -> None:
    """Add the list of answers to `pages`."""

    @pages.get("/answers")
    @auth.staff_only()
    def answers() -> str:
        which = request.args.get("which", "")
        query = (
            sa.select(Answer)
            .where(Answer.shop_id.in_(auth.person().shop_ids))
            .order_by(Answer.created_at.desc(), Answer.id.desc())
            .options(selectinload(Answer.returned), selectinload(Answer.asked))
        )
        if which == "low":
            query = query.where(Answer.rating <= _LOW)
        elif which == "high":
            query = query.where(Answer.rating >= _HIGH)
        with services.database.reading() as db:
            return page(
                "staff/answers.html",
                found=paged(db, query, page_number()),
                which=which,
                reasons_of=reasons_of,
                sign=words.sign,
                mask=mask,
            )
