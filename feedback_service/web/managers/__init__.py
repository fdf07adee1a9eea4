"""The managers' pages: the figures, weekly digests, what was learned, how mails look. Managers and admins only."""

from flask import Blueprint

from feedback_service.bootstrap import Services
from feedback_service.web.managers import dashboard, digests, learning, look


def blueprint(services: Services) -> Blueprint:
    """Return the managers' pages."""
    pages = Blueprint("managers", __name__)
    for part in (dashboard, digests, learning, look):
        part.add_views(pages, services)
    return pages
