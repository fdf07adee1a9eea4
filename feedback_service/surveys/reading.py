"""An answer as staff read it, by the questionnaire that it was given to: later changes of the words change nothing."""

from feedback_service.returns.reasons import Reason
from feedback_service.surveys.models import Answer
from feedback_service.surveys.questionnaire import SHIPPED, Questionnaire, from_json
from feedback_service.surveys.wording import reason_label


def asked_of(answer: Answer) -> Questionnaire:
    """Return the questionnaire that an answer was given to; the shipped one where that is not there any more."""
    stored = answer.asked
    return from_json(stored.contents, stored.version) if stored else SHIPPED


def reasons_of(answer: Answer, language: str) -> tuple[str, ...]:
    """Return the reasons ticked, in words; another one is told in the customer's own (masked when it was stored)."""
    asked = asked_of(answer)
    return tuple(
        f"{reason_label(asked, code, language)} – {answer.other_reason}"
        if code == Reason.OTHER.value and answer.other_reason
        else reason_label(asked, code, language)
        for code in answer.reasons
    )
