"""How a customer's page is made: in the invitation's language and the shop's zone, with the notice (R14)."""

from flask import request, url_for

from feedback_service.bootstrap import Services
from feedback_service.surveys import notice
from feedback_service.surveys.models import Invitation
from feedback_service.web.customer.language import choices, chosen, language_of
from feedback_service.web.rendering import render


def page(services: Services, template: str, token: str, invitation: Invitation, **context: object) -> str:
    """Render `customer/<template>.html` for who got `invitation` by `token`; `invitation.shop` must be loaded."""
    language = language_of(request, invitation.language)
    return render(
        f"customer/{template}.html",
        language,
        time_zone=invitation.shop.time_zone,
        shop=invitation.shop,
        token=token,
        languages=choices(request),
        notice=notice.sentences(invitation.shop, services.settings, language),
        objection_url=url_for(".objection", token=token, l=chosen(request)),
        **context,
    )
