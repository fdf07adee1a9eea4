"""The weekly digests: the list, and one as a page with exactly the figures of the mail."""

import sqlalchemy as sa
from flask import Blueprint
from sqlalchemy.orm import joinedload

from feedback_service.bootstrap import Services
from feedback_service.digest.builder import from_json
from feedback_service.digest.models import Digest
from feedback_service.digest.paper import paper
from feedback_service.errors import NotFoundError
from feedback_service.paging import paged
from feedback_service.shops.models import Role
from feedback_service.web import auth
from feedback_service.web.pages import language, page, page_number

_PER_PAGE = 26  # Half a year of weeks, of one shop.


def add_views(pages: Blueprint, services: Services) -> None:
    """Add the list of digests and the page of one to `pages`."""

    @pages.get("/digests")
    @auth.staff_only(Role.MANAGER, Role.ADMIN)
    def digests() -> str:
        query = (
            sa.select(Digest)
            .where(Digest.shop_id.in_(auth.person().shop_ids))
            .order_by(Digest.week_on.desc(), Digest.shop_id)
            .options(joinedload(Digest.shop))
        )
        with services.database.reading() as db:
            found = paged(db, query, page_number(), _PER_PAGE)
        papers = [(row, paper(from_json(row.contents), row.shop, language(), services.links)) for row in found.rows]
        return page("managers/digests.html", papers=papers, found=found)

    @pages.get("/digests/<int:digest_id>")
    @auth.staff_only(Role.MANAGER, Role.ADMIN)
    def one_digest(digest_id: int) -> str:
        with services.database.reading() as db:
            digest = db.get(Digest, digest_id, options=[joinedload(Digest.shop)])
        if digest is None or digest.shop_id not in auth.person().shop_ids:
            sentence = f"There is no digest {digest_id}."
            raise NotFoundError(sentence)
        in_words = paper(from_json(digest.contents), digest.shop, language(), services.links)
        return page("managers/digest.html", digest=digest, paper=in_words)
