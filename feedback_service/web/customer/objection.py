"""Objecting to surveys: GET asks and changes nothing; POST, from the page or in one click, records it (R24)."""

from flask import Flask, request

from feedback_service.bootstrap import Services
from feedback_service.surveys import objections
from feedback_service.surveys.answers import closed
from feedback_service.surveys.invited import Invitations, ShopFace
from feedback_service.surveys.questions import Survey
from feedback_service.web.customer.language import reader_of
from feedback_service.web.customer.pages import Pages, Place


def register(app: Flask, services: Services, pages: Pages) -> None:
    """Add the objection's routes to the application."""
    view = ObjectionView(services, pages)
    app.add_url_rule("/u/<token>", "objection", view.ask, methods=["GET"])
    app.add_url_rule("/u/<token>", "object", view.record, methods=["POST"])


class ObjectionView:
    """The views; each opens one short transaction."""

    def __init__(self, services: Services, pages: Pages) -> None:
        self._services = services
        self._invitations = Invitations(services.database)
        self._pages = pages

    def ask(self, token: str) -> bytes:
        """Show a button: link scanners follow links, and nobody may be opted out by one."""
        invited = self._invitations.find_without_answer(token)
        if invited is None:
            raise closed()
        is_done = invited.objected_at is not None
        return self._page(
            invited.shop, invited.language, token, invited.survey, is_done=is_done, has_consent=invited.has_consent
        )

    def record(self, token: str) -> bytes:
        """Record the objection, as often as it comes. Any body will do: the token says all (RFC 8058)."""
        with self._services.database.writing() as session:
            invitation = objections.record(session, token, self._services.clock.now())
            shop, invited_in, survey = ShopFace.of(invitation.shop), invitation.language, invitation.survey
        return self._page(shop, invited_in, token, survey, is_done=True, has_consent=invitation.has_consent)

    def _page(self, shop: ShopFace, invited_in: str, token: str, survey: Survey, **context: bool) -> bytes:
        reader = reader_of(request, invited_in)
        return self._pages.kept("objection", shop, reader, Place(token), survey=survey, **context)
