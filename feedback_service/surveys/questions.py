"""The questions: their wording and scales (R33-R35). English is the source text; catalogues translate.

Five at most: one rating, one effort item, reasons, one free text, and whether we may write back. Only the
first one is required. NPS is a survey of its own, sent from time to time (R34).
"""

from dataclasses import dataclass
from enum import StrEnum

from feedback_service.returns.reasons import CUSTOMER_REASONS, Reason

TEXT_LENGTH = 2000
OTHER_LENGTH = 200


class Item(StrEnum):
    """One question; the value names it in forms, in a shop's own words and in what is stored."""

    RATING = "rating"
    EFFORT = "effort"
    REASONS = "reasons"
    TEXT = "text"
    CONTACT = "contact"
    NPS = "nps"


class Survey(StrEnum):
    """What is asked about: one return, or from time to time the shop as a whole."""

    RETURN = "return"
    PERIODIC = "periodic"


@dataclass(frozen=True, slots=True)
class Scale:
    """A question answered by a number from `low` to `high`; only the ends carry words."""

    text: str
    low: int
    high: int
    low_label: str
    high_label: str

    @property
    def values(self) -> range:
        """The numbers one may choose, in reading order."""
        return range(self.low, self.high + 1)


# R34: CSAT, reported as the share of 4-5; "%(shop)s" is filled in where a text names the shop.
RATING = Scale(
    text="Overall, how satisfied are you with how your return was handled?",
    low=1,
    high=5,
    low_label="Not satisfied at all",
    high_label="Very satisfied",
)
# R34: CES 2.0, reported as the share of 5-7 and the mean.
EFFORT = Scale(
    text="%(shop)s made it easy for me to return my item.",
    low=1,
    high=7,
    low_label="Strongly disagree",
    high_label="Strongly agree",
)
# R34: NPS, reported as the share of 9-10 minus the share of 0-6; periodic only.
NPS = Scale(
    text="How likely are you to recommend %(shop)s to a friend or colleague?",
    low=0,
    high=10,
    low_label="Not at all likely",
    high_label="Extremely likely",
)
SCALES: dict[Item, Scale] = {Item.RATING: RATING, Item.EFFORT: EFFORT, Item.NPS: NPS}

# R35, to the word.
REASONS_TEXT = (
    "If you like, tell us what made you return the item. Your answer helps us improve; it does not affect your refund."
)
OTHER_TEXT = "Another reason, in your own words"
FREE_TEXT = "Is there anything you would like to add?"
# R17: the hint stands beside the field, not inside it, where it would vanish on typing.
FREE_TEXT_HINT = "Please leave out names, health details and bank details."
CONTACT_TEXT = "%(shop)s may write to me about this answer."
CONTACT_HINT = "Only to the address that this survey was sent to, and only about this answer."

# What a customer may tick: the short list of the returns room, so that answers and returns compare.
OFFERED_REASONS: tuple[Reason, ...] = CUSTOMER_REASONS
