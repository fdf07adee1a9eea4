"""The staff's pages: sign-in, inbox, stories, returns, answers, sources."""

from flask import Blueprint

from feedback_service.bootstrap import Services
from feedback_service.web.staff import login


def blueprint(services: Services) -> Blueprint:
    """Return the staff's pages."""
    pages = Blueprint("staff", __name__)
    login.add_views(pages, services)
    return pages
