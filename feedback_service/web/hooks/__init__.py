"""Hooks: addresses that other services call of their own accord, each with its own proof of who calls."""

from flask import Blueprint

from feedback_service.bootstrap import Services
from feedback_service.web.hooks import brevo, mailgun, mailjet, postmark, sendgrid, ses, websub


def blueprint(services: Services) -> Blueprint:
    """Return the hooks."""
    hooks = Blueprint("hooks", __name__, url_prefix="/hooks")
    for part in (websub, postmark, mailjet, brevo, ses, sendgrid, mailgun):
        part.add_views(hooks, services)
    return hooks
