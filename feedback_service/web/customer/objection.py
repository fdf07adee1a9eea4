"""Objecting to surveys: GET asks and changes nothing; POST, from the page or in one click, records it (R24)."""

from feedback_service.bootstrap import Services
from feedback_service.surveys import objections
from feedback_service.surveys.answers import closed
from feedback_service.surveys.invited import Invitations, ShopFace
from feedback_service.surveys.questions import Survey
from feedback_service.web.customer.language import Reader, reader_of
from feedback_service.web.customer.pages import Pages, Place
from feedback_service.web.customer.serving import Request, Response


class ObjectionView:
    """The views; each opens one short transaction."""

    def __init__(self, services: Services, pages: Pages) -> None:
        self._services = services
        self._invitations = Invitations(services.database)
        self._pages = pages

    def ask(self, request: Request, token: str) -> Response:
        """Show a button: link scanners follow links, and nobody may be opted out by one."""
        invited = self._invitations.find_without_answer(token)
        if invited is None:
            raise closed()
        reader, is_done = reader_of(request, invited.language), invited.objected_at is not None
        return self._page(invited.shop, reader, token, invited.survey, is_done=is_done, has_consent=invited.has_consent)

    def record(self, request: Request, token: str) -> Response:
        """Record the objection, as often as it comes. Any body will do: the token says all (RFC 8058)."""
        with self._services.database.writing() as session:
            invitation = objections.record(session, token, self._services.clock.now())
            shop, survey, has_consent = ShopFace.of(invitation.shop), invitation.survey, invitation.has_consent
        reader = reader_of(request, invitation.language)
        return self._page(shop, reader, token, survey, is_done=True, has_consent=has_consent)

    def _page(self, shop: ShopFace, reader: Reader, token: str, survey: Survey, **context: bool) -> Response:
        return Response(self._pages.kept("objection", shop, reader, Place(token), survey=survey, **context))
