"""Mails to staff, each in the language of its reader: the alert of a story, and what is to be known of a source."""

from collections.abc import Mapping
from typing import Any

from feedback_service import i18n
from feedback_service.alerts.cards import card_of, suggested_reply
from feedback_service.alerts.evidence import clipped
from feedback_service.alerts.models import Story
from feedback_service.alerts.severity import Assessment
from feedback_service.alerts.writing_back import may_write
from feedback_service.links import Links
from feedback_service.mail.letters import Letter
from feedback_service.mail.models import Audience
from feedback_service.mail.outbox import URGENT
from feedback_service.shops.models import Shop, Staff
from feedback_service.sources.models import Source

NOTICE = 20
"""The priority of what staff should know soon: after alerts, before what customers get."""
_LONGEST_NAME = 80


def language_of(staff: Staff) -> str:
    """Return the language in which a member of staff is written to."""
    return i18n.staff_language(staff.language)


def staff_letter(
    template: str, shop: Shop, staff: Staff, context: Mapping[str, Any], *, cause: str, priority: int = NOTICE
) -> Letter:
    """Return a mail to one member of staff, in that person's language."""
    return Letter(
        template=template,
        audience=Audience.STAFF,
        cause=cause,
        recipient=staff.email,
        language=language_of(staff),
        shop=shop,
        context=dict(context),
        priority=priority,
    )


def source_context(source: Source, links: Links) -> dict[str, Any]:
    """Return what every mail about a source says of it: its name, its address, and where all of them stand."""
    name = clipped(source.title or source.url.partition("://")[2], _LONGEST_NAME)
    return {"source": name, "source_url": source.url, "sources_url": links.sources()}


def alert_letter(story: Story, shop: Shop, staff: Staff, found: Assessment, *, cause: str, story_url: str) -> Letter:
    """Return the alert of a story to one member of staff, in that person's language."""
    reply, reply_language = suggested_reply(story)
    context = {
        "card": card_of(story, found, language_of(staff)),
        "story_url": story_url,
        "order_number": story.order.number if story.order else "",
        "returned": story.returned,
        "may_write": may_write(story),
        "reply": reply,
        "reply_language": reply_language,
    }
    return staff_letter("story_alert", shop, staff, context, cause=cause, priority=URGENT)
