"""What a survey mail and page must state about personal data (R14): one text for both.

Controller, purpose, basis, retention and rights; the link to object stands beside it in the templates.
"""

from dataclasses import dataclass
from typing import Protocol

from feedback_service import i18n
from feedback_service.settings import Settings
from feedback_service.surveys.questions import Survey

_DAYS_PER_MONTH = 30.44
_LEAST_IN_MONTHS = 120


@dataclass(frozen=True, slots=True)
class Sentence:
    """One point of the notice: a short heading and what it says, both in the reader's language."""

    heading: str
    text: str


class Asker(Protocol):
    """Whom the notice is about: a shop, or as much of one as a page knows."""

    @property
    def name(self) -> str:
        """What customers call it."""

    @property
    def controller(self) -> str:
        """Legal name and address; empty where the name says it."""

    @property
    def reply_to(self) -> str:
        """The mailbox of its support; empty for the sender's address."""

    @property
    def sender_address(self) -> str:
        """The address its mail comes from."""


def sentences(
    shop: Asker,
    settings: Settings,
    language: str,
    *,
    has_consent: bool = False,
    survey: Survey = Survey.RETURN,
) -> tuple[Sentence, ...]:
    """Return the notice of a shop's surveys in `language`, in reading order.

    `has_consent`: this person is asked because of a stored consent, not by the shop's own interest (R11).
    """
    _ = i18n.translations(language).gettext
    interest = _("Our legitimate interest in good service (GDPR, Article 6(1)(f)).")
    consent = _("Your consent, which you may withdraw at any time (GDPR, Article 6(1)(a)).")
    rights = _(
        "You may at any time see, correct or erase your data, have their use restricted, or object to it: "
        "write to %(contact)s. You may also complain to a data protection authority (in France, the CNIL)."
    )
    purpose, keeping = _purpose_and_keeping(survey, settings, language)
    return (
        Sentence(_("Who asks"), shop.controller or shop.name),
        Sentence(_("What for"), purpose),
        Sentence(_("On what basis"), consent if has_consent else interest),
        Sentence(_("For how long"), keeping),
        Sentence(_("Your rights"), rights % {"contact": shop.reply_to or shop.sender_address}),
    )


def _purpose_and_keeping(survey: Survey, settings: Settings, language: str) -> tuple[str, str]:
    _ = i18n.translations(language).gettext
    if survey is Survey.RETURN:
        purpose = _("To find out how returns go and to improve them. Your answer is not published.")
        keeping = _(
            "We remove your address from our survey records %(address)s after your return was closed. "
            "We keep your answer for %(answer)s, then make it anonymous."
        )
    else:
        purpose = _("To find out whether customers would recommend us. Your answer is not published.")
        keeping = _(
            "We remove your address from our survey records %(address)s after this survey was sent. "
            "We keep your answer for %(answer)s, then make it anonymous."
        )
    spans = {"address": settings.retention_address_days, "answer": settings.retention_answer_days}
    return purpose, keeping % {name: _duration(days, language) for name, days in spans.items()}


def _duration(days: int, language: str) -> str:
    """Return a span in days, or in whole months where that reads better."""
    ngettext = i18n.translations(language).ngettext
    if days < _LEAST_IN_MONTHS:
        return ngettext("%(count)s day", "%(count)s days", days) % {"count": days}
    months = round(days / _DAYS_PER_MONTH)
    return ngettext("%(count)s month", "%(count)s months", months) % {"count": months}
