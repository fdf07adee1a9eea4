"""The managers' pages: figures, digests, surveys, how mails look, what was learned. Managers and admins only."""

from flask import Blueprint

from feedback_service.bootstrap import Services
from feedback_service.web.managers import dashboard, digests, learning, look, surveys


def blueprint(services: Services) -> Blueprint:
    """Return the managers' pages."""
    pages = Blueprint("managers", __name__)
    for part in (dashboard, digests, learning, look, surveys):
        part.add_views(pages, services)
    return pages
