"""The questions: their wording and scales (R33-R35). English is the source text; catalogues translate.

Five at most: one rating, one effort item, reasons, one free text. Only the rating is required.
"""

from dataclasses import dataclass

from feedback_service.returns.reasons import CUSTOMER_REASONS, Reason

TEXT_LENGTH = 2000


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
# R35, to the word.
REASONS_TEXT = (
    "If you like, tell us what made you return the item. Your answer helps us improve; it does not affect your refund."
)
FREE_TEXT = "Is there anything you would like to add?"
# R17: the hint stands beside the field, not inside it, where it would vanish on typing.
FREE_TEXT_HINT = "Please leave out names, health details and bank details."

# What a customer may tick: the short list of the returns room, so that answers and returns compare.
OFFERED_REASONS: tuple[Reason, ...] = CUSTOMER_REASONS
