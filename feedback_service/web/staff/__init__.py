"""The staff's pages: sign-in, inbox, stories, review, returns, answers, sources."""

from flask import Blueprint

from feedback_service.bootstrap import Services
from feedback_service.web.staff import answers, inbox, login, mail_in, new_source, returned, review, sources, story


def blueprint(services: Services) -> Blueprint:
    """Return the staff's pages."""
    pages = Blueprint("staff", __name__)
    for part in (login, inbox, story, review, returned, answers, sources, new_source, mail_in):
        part.add_views(pages, services)
    return pages
