"""Why an item came back: our codes, the codes of the platforms, and the words a person reads. Pure.

The table is FIELD.md's. A platform's code is never thrown away: rows keep it beside ours, so a code that
is new tomorrow (Shopify's handles are no closed list) is `other` here and still readable there.
"""

import re
from enum import StrEnum

from feedback_service import i18n
from feedback_service.folding import fold


class Reason(StrEnum):
    """Our reason codes. `OTHER`: a reason we have no code for; `UNKNOWN`: no reason was given."""

    TOO_SMALL = "too_small"
    TOO_LARGE = "too_large"
    STYLE = "style"
    COLOR = "color"
    DEFECTIVE = "defective"
    QUALITY = "quality"
    DAMAGED_TRANSIT = "damaged_transit"
    NOT_AS_DESCRIBED = "not_as_described"
    WRONG_ITEM = "wrong_item"
    MISSING_PARTS = "missing_parts"
    INCOMPATIBLE = "incompatible"
    LATE = "late"
    UNDELIVERED = "undelivered"
    CHANGED_MIND = "changed_mind"
    ORDERED_WRONG = "ordered_wrong"
    BETTER_PRICE = "better_price"
    UNAUTHORISED = "unauthorised"
    OTHER = "other"
    UNKNOWN = "unknown"


LABELS: dict[Reason, str] = {
    Reason.TOO_SMALL: "Too small",
    Reason.TOO_LARGE: "Too large",
    Reason.STYLE: "Style not as expected",
    Reason.COLOR: "Colour not as expected",
    Reason.DEFECTIVE: "Faulty or not working",
    Reason.QUALITY: "Quality below expectations",
    Reason.DAMAGED_TRANSIT: "Damaged on the way",
    Reason.NOT_AS_DESCRIBED: "Different from the description",
    Reason.WRONG_ITEM: "Not the item that was ordered",
    Reason.MISSING_PARTS: "Parts were missing",
    Reason.INCOMPATIBLE: "Does not fit what I already have",
    Reason.LATE: "Arrived too late",
    Reason.UNDELIVERED: "Never arrived",
    Reason.CHANGED_MIND: "Changed my mind",
    Reason.ORDERED_WRONG: "Ordered by mistake",
    Reason.BETTER_PRICE: "Found it cheaper",
    Reason.UNAUTHORISED: "Order I did not place",
    Reason.OTHER: "Another reason",
    Reason.UNKNOWN: "No reason given",
}
"""The words for each code, in the source language: message ids of the catalogue `returns.po`."""

CUSTOMER_REASONS: tuple[Reason, ...] = (
    Reason.TOO_SMALL,
    Reason.TOO_LARGE,
    Reason.NOT_AS_DESCRIBED,
    Reason.QUALITY,
    Reason.DEFECTIVE,
    Reason.DAMAGED_TRANSIT,
    Reason.WRONG_ITEM,
    Reason.LATE,
    Reason.CHANGED_MIND,
    Reason.OTHER,
)
"""The short list a customer is offered (R35): ten at most, so that it is read and not skipped."""

# What platforms and people write, squashed to letters and digits. One line per code of ours.
_WORDS: dict[Reason, str] = {
    Reason.TOO_SMALL: "size-too-small too-small apparel-too-small jewelry-too-small trop-petit",
    Reason.TOO_LARGE: "size-too-large too-large too-big apparel-too-large jewelry-too-large trop-grand",
    Reason.STYLE: "style apparel-style did-not-like-fabric did-not-like",
    Reason.COLOR: "color colour did-not-like-color did-not-like-colour incorrect-color couleur",
    Reason.DEFECTIVE: (
        "defective damaged-or-defective damaged-or-defective-item bad-item warranty defective-within-warranty-period "
        "faulty defectueux endommage-ou-defectueux"
    ),
    Reason.QUALITY: (
        "quality quality-unacceptable quality-not-expected other-defects-or-damages poor-quality expired-item"
    ),
    Reason.DAMAGED_TRANSIT: "damaged-transit damaged-by-carrier damaged-by-fc damaged-during-transport",
    Reason.NOT_AS_DESCRIBED: (
        "not-as-described item-not-as-described bad-desc different-from-description did-not-match-description "
        "did-not-meet-expectations non-conforme"
    ),
    Reason.WRONG_ITEM: (
        "wrong-item received-the-wrong-item switcheroo different-from-what-was-ordered different-product extra-item "
        "incorrect-item incorrect-item-received"
    ),
    Reason.MISSING_PARTS: "missing-parts missing-parts-or-accessories",
    Reason.INCOMPATIBLE: "incompatible not-compatible part-not-compatible",
    Reason.LATE: "late arrived-late missed-estimated-delivery missed-estimated-delivery-date received-too-late",
    Reason.UNDELIVERED: "undelivered delivery-issue never-arrived",
    Reason.CHANGED_MIND: (
        "changed-mind changed-my-mind unwanted unwanted-item no-longer-needed no-longer-needed/wanted "
        "j'ai-change-d'avis changement-d'avis"
    ),
    Reason.ORDERED_WRONG: "ordered-wrong ordered-wrong-item misordered accidental-order",
    Reason.BETTER_PRICE: "better-price found-better-price better-price-available better-price-found",
    Reason.UNAUTHORISED: "unauthorised unauthorized unauthorized-purchase unauthorised-purchase",
    Reason.OTHER: "other other-reason autre",
    Reason.UNKNOWN: "unknown unknown-other-reason no-reason-given not-specified none n/a",
}
# Amazon writes the same code bare, with CR- (seller-fulfilled), RO_CR- (the buyer's form) or AMZ-PG-[APP-].
_PREFIX = re.compile(r"^(?:ro[-_ ])?(?:cr[-_ ]|amz[-_ ]pg[-_ ](?:app[-_ ])?)?")
_UNDELIVERABLE = "undeliverable"


def _squash(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text)


_CODES: dict[str, Reason] = {_squash(word): reason for reason, words in _WORDS.items() for word in words.split()}
_BY_VALUE: dict[str, Reason] = {reason.value: reason for reason in Reason}
_CODES |= {_squash(fold(text)): reason for reason, text in LABELS.items()}


def map_reason(raw: str | None) -> Reason:
    """Return our code for what a platform or a person wrote; case, spaces and hyphens do not matter.

    Nothing (None, blank, NO_REASON_GIVEN) is `UNKNOWN`; something we have no code for is `OTHER`.
    """
    folded = fold((raw or "").strip())
    code = _squash(_PREFIX.sub("", folded))
    if not code:
        return Reason.OTHER if folded and _squash(folded) else Reason.UNKNOWN
    if code.startswith(_UNDELIVERABLE):
        return Reason.UNDELIVERED
    return _CODES.get(code) or _CODES.get(_squash(folded), Reason.OTHER)


def label(reason: str, language: str) -> str:
    """Return the words for one of our codes in `language`; a code that is not ours reads as "another reason"."""
    return i18n.translations(language).gettext(LABELS[_BY_VALUE.get(reason, Reason.OTHER)])
