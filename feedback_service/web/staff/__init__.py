"""The staff's pages: inbox, stories, returns, answers, sources and the mail that goes out and comes back."""

from flask import Blueprint

from feedback_service.bootstrap import Services
from feedback_service.web.staff import (
    answers,
    inbox,
    login,
    mail_in,
    mails,
    new_source,
    returned,
    review,
    sources,
    story,
)

_PARTS = (login, inbox, story, review, returned, answers, sources, new_source, mails, mail_in)


def blueprint(services: Services) -> Blueprint:
    """Return the staff's pages."""
    pages = Blueprint("staff", __name__)
    for part in _PARTS:
        part.add_views(pages, services)
    return pages
