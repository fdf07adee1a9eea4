"""The survey mail as a letter (R12-R14, R24): the shop asks, in the customer's language, about one return."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from feedback_service import i18n
from feedback_service.mail.letters import Letter
from feedback_service.mail.models import Audience
from feedback_service.returns.models import Return, ReturnState
from feedback_service.settings import Settings
from feedback_service.shops.models import Shop
from feedback_service.surveys import notice
from feedback_service.surveys.questionnaire import Questionnaire
from feedback_service.surveys.questions import Survey
from feedback_service.surveys.wording import first_question

TEMPLATE = "survey"
PRIORITY = 50


def cause(return_id: int) -> str:
    """Return the outbox's key of the survey of a return: the same return is never asked about twice."""
    return f"survey:{return_id}"


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is asked what: an address, a language, the link's token and the questionnaire."""

    recipient: str
    language: str
    token: str
    questionnaire: Questionnaire


def survey_letter(
    shop: Shop,
    returned: Return,
    asked: Asked,
    settings: Settings,
    headers: Mapping[str, str],
    expires_at: datetime,
) -> Letter:
    """Return the letter that asks about a return; after `expires_at` it is not sent any more."""
    language = asked.language
    context: dict[str, Any] = {
        "token": asked.token,
        "subject": asked.questionnaire.own_words("subject", language),
        "rating": first_question(asked.questionnaire, Survey.RETURN, language, shop.name),
        "what": what_came_back(returned, language),
        "closed_at": returned.closed_at,
        "was_replaced": returned.state is ReturnState.REPLACED,
        "valid_days": settings.survey_valid_days,
        "notice": notice.sentences(shop, settings, language),
    }
    return Letter(
        template=TEMPLATE,
        audience=Audience.CUSTOMER,
        cause=cause(returned.id),
        recipient=asked.recipient,
        language=language,
        shop=shop,
        context=context,
        headers=headers,
        priority=PRIORITY,
        expires_at=expires_at,
    )


def what_came_back(returned: Return, language: str) -> str:
    """Return in a few words which return is meant: its product, how many more, and the order's number."""
    catalogue = i18n.translations(language)
    products = [line.product or line.sku for line in returned.lines]
    more = len(products) - 1
    what = products[0] if products else catalogue.gettext("your item")
    if more > 0:
        text = catalogue.ngettext("%(product)s and %(count)s more item", "%(product)s and %(count)s more items", more)
        what = text % {"product": what, "count": more}
    number = returned.order.number if returned.order else ""
    return f"{what}, {catalogue.gettext('order %(number)s') % {'number': number}}" if number else what
