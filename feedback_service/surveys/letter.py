"""The survey mail as a letter (R12-R14, R24): the shop asks, in the customer's language, about one return."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from feedback_service import i18n
from feedback_service.mail.letters import Letter
from feedback_service.mail.models import Audience
from feedback_service.returns.models import Return, ReturnState
from feedback_service.returns.products import product_of
from feedback_service.settings import Settings
from feedback_service.shops.models import Shop
from feedback_service.surveys import notice
from feedback_service.surveys.models import Invitation
from feedback_service.surveys.questionnaire import Questionnaire
from feedback_service.surveys.questions import Survey
from feedback_service.surveys.wording import first_question

PRIORITY = 50
_ONE_DAY = timedelta(days=1)


def cause(return_id: int) -> str:
    """Return the outbox's key of the survey of a return: the same return is never asked about twice."""
    return f"survey:{return_id}"


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is asked what.

    Attributes:
        recipient: the address; `language` is the one it is written to in, `token` that of the link.
        subject: the subject line of a trial; empty for the shop's own or ours.
        has_consent: the person is asked on the ground of a stored consent (R11).
    """

    recipient: str
    language: str
    token: str
    questionnaire: Questionnaire
    subject: str = ""
    has_consent: bool = False


def survey_letter(
    shop: Shop,
    returned: Return,
    asked: Asked,
    settings: Settings,
    headers: Mapping[str, str],
    expires_at: datetime,
) -> Letter:
    """Return the letter that asks about a return; after `expires_at` it is not sent any more."""
    subject = asked.subject or asked.questionnaire.own_words("subject", asked.language)
    context = _context(shop, asked, settings, Survey.RETURN) | _about(returned, asked.language)
    return _letter("survey", cause(returned.id), shop, asked, context | {"subject": subject}, headers, expires_at)


def reminder_letter(
    shop: Shop,
    invitation: Invitation,
    asked: Asked,
    settings: Settings,
    headers: Mapping[str, str],
    expires_at: datetime,
) -> Letter:
    """Return the one reminder of a survey; `invitation.returned` must be loaded, with its order and lines."""
    assert invitation.returned is not None  # noqa: S101 - says it to the type checker: only returns have reminders
    context = _context(shop, asked, settings, Survey.RETURN) | _about(invitation.returned, asked.language)
    context |= {"open_until": invitation.expires_at - _ONE_DAY}  # the last day that is whole
    return _letter("survey_reminder", f"survey-reminder:{invitation.id}", shop, asked, context, headers, expires_at)


def periodic_cause(customer_id: int, on: date) -> str:
    """Return the outbox's key of a periodic survey: nobody gets two on one day, whoever writes them."""
    return f"survey-periodic:{customer_id}:{on}"


def periodic_letter(
    shop: Shop, cause: str, asked: Asked, settings: Settings, headers: Mapping[str, str], expires_at: datetime
) -> Letter:
    """Return the letter of the periodic survey: would you recommend us?"""
    context = _context(shop, asked, settings, Survey.PERIODIC)
    context["subject"] = asked.questionnaire.own_words("nps_subject", asked.language)
    return _letter("survey_periodic", cause, shop, asked, context, headers, expires_at)


def what_came_back(returned: Return, language: str) -> str:
    """Return in a few words which return is meant: its product, how many more, and the order's number.

    A return of which neither is known goes by its own number.
    """
    catalogue = i18n.translations(language)
    products = [product_of(returned, line) for line in returned.lines]
    what, more = products[:1], len(products) - 1
    if more > 0:
        text = catalogue.ngettext("%(product)s and %(count)s more item", "%(product)s and %(count)s more items", more)
        what = [text % {"product": products[0], "count": more}]
    if returned.order and returned.order.number:
        what.append(catalogue.gettext("order %(number)s") % {"number": returned.order.number})
    return ", ".join(what) or returned.external_id


def _context(shop: Shop, asked: Asked, settings: Settings, survey: Survey) -> dict[str, Any]:
    return {
        "subject": "",
        "token": asked.token,
        "rating": first_question(asked.questionnaire, survey, asked.language, shop.name),
        "valid_days": settings.survey_valid_days,
        "notice": notice.sentences(shop, settings, asked.language, has_consent=asked.has_consent, survey=survey),
    }


def _about(returned: Return, language: str) -> dict[str, Any]:
    return {
        "what": what_came_back(returned, language),
        "closed_at": returned.closed_at,
        "was_replaced": returned.state is ReturnState.REPLACED,
    }


def _letter(
    template: str,
    cause: str,
    shop: Shop,
    asked: Asked,
    context: Mapping[str, Any],
    headers: Mapping[str, str],
    expires_at: datetime,
) -> Letter:
    return Letter(
        template=template,
        audience=Audience.CUSTOMER,
        cause=cause,
        recipient=asked.recipient,
        language=asked.language,
        shop=shop,
        context=context,
        headers=headers,
        priority=PRIORITY,
        expires_at=expires_at,
    )
