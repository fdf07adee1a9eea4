"""Hooks: addresses that other services call of their own accord, each with its own proof of who calls.

Only what is switched on is loaded: proofs by signature bring cryptography, which takes room in every process.
"""

import importlib

from flask import Blueprint

from feedback_service.bootstrap import Services
from feedback_service.settings import Settings


def blueprint(services: Services) -> Blueprint:
    """Return the hooks that are switched on."""
    hooks = Blueprint("hooks", __name__, url_prefix="/hooks")
    for part in ("websub", *providers_on(services.settings)):
        importlib.import_module(f"feedback_service.web.hooks.{part}").add_views(hooks, services)
    return hooks


def providers_on(settings: Settings) -> list[str]:
    """Return the mail providers whose hooks are switched on, by their names in addresses and settings."""
    switches = {
        "postmark": settings.hook_postmark_secret.get_secret_value(),
        "mailjet": settings.hook_mailjet_secret.get_secret_value(),
        "brevo": settings.hook_brevo_secret.get_secret_value(),
        "ses": settings.hook_ses_topics,
        "sendgrid": settings.hook_sendgrid_key,
        "mailgun": settings.hook_mailgun_key.get_secret_value(),
    }
    return [provider for provider, switch in switches.items() if switch]
