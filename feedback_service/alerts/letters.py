"""The alert mail: why it fired, where, who is behind it, and what one might answer."""

from feedback_service import i18n
from feedback_service.alerts.cards import card_of, suggested_reply
from feedback_service.alerts.models import Story
from feedback_service.alerts.severity import Assessment
from feedback_service.mail.letters import Letter
from feedback_service.mail.models import Audience
from feedback_service.shops.models import Shop, Staff

_PRIORITY = 10


def alert_letter(story: Story, shop: Shop, staff: Staff, found: Assessment, *, cause: str, story_url: str) -> Letter:
    """Return the alert of a story to one member of staff, in that person's language."""
    language = i18n.best_language(staff.language, i18n.LANGUAGES, i18n.SOURCE_LANGUAGE)
    reply, reply_language = suggested_reply(story)
    return Letter(
        template="story_alert",
        audience=Audience.STAFF,
        cause=cause,
        recipient=staff.email,
        language=language,
        shop=shop,
        context={
            "card": card_of(story, found, language),
            "story_url": story_url,
            "order_number": story.order.number if story.order else "",
            "returned": story.returned,
            "reply": reply,
            "reply_language": reply_language,
        },
        priority=_PRIORITY,
    )
