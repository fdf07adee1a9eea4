"""Objecting to surveys: GET asks and changes nothing; POST, from the page or in one click, records it (R24)."""

from flask import Flask

from feedback_service.bootstrap import Services
from feedback_service.surveys import objections
from feedback_service.web.customer.pages import page


def register(app: Flask, services: Services) -> None:
    """Add the objection's routes to the application."""
    view = ObjectionView(services)
    app.add_url_rule("/u/<token>", "objection", view.ask, methods=["GET"])
    app.add_url_rule("/u/<token>", "object", view.record, methods=["POST"])


class ObjectionView:
    """The views; each opens one short transaction."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def ask(self, token: str) -> str:
        """Show a button: link scanners follow links, and nobody may be opted out by one."""
        with self._services.database.reading() as session:
            invitation = objections.find(session, token)
        return page(self._services, "objection", token, invitation, is_done=invitation.objected_at is not None)

    def record(self, token: str) -> str:
        """Record the objection, as often as it comes. Any body will do: the token says all (RFC 8058)."""
        with self._services.database.writing() as session:
            invitation = objections.record(session, token, self._services.clock.now())
        return page(self._services, "objection", token, invitation, is_done=True)
