"""Reasons: FIELD.md's table, in any spelling, and nothing unknown lost in silence."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_service import i18n
from feedback_service.returns.reasons import CUSTOMER_REASONS, LABELS, Reason, label, map_reason

_TABLE = {
    Reason.TOO_SMALL: "SIZE_TOO_SMALL, too-small, APPAREL_TOO_SMALL, AMZ-PG-APP-TOO-SMALL",
    Reason.TOO_LARGE: "SIZE_TOO_LARGE, too-big, APPAREL_TOO_LARGE, AMZ-PG-APP-TOO-LARGE",
    Reason.STYLE: "STYLE, style, APPAREL_STYLE, AMZ-PG-APP-STYLE",
    Reason.COLOR: "COLOR, color, DID_NOT_LIKE_COLOR",
    Reason.DEFECTIVE: (
        "DEFECTIVE, damaged-or-defective, AMZ-PG-BAD-ITEM, WARRANTY, Defective within warranty period, CR-DEFECTIVE"
    ),
    Reason.QUALITY: "quality, QUALITY_UNACCEPTABLE, Other defects or damages, RO_CR-QUALITY_UNACCEPTABLE",
    Reason.DAMAGED_TRANSIT: "DAMAGED_BY_CARRIER, DAMAGED_BY_FC, Damaged during transport",
    Reason.NOT_AS_DESCRIBED: "NOT_AS_DESCRIBED, item-not-as-described, AMZ-PG-BAD-DESC, Different from description",
    Reason.WRONG_ITEM: "WRONG_ITEM, received-the-wrong-item, SWITCHEROO, Different from what was ordered",
    Reason.MISSING_PARTS: "MISSING_PARTS, Missing parts or accessories",
    Reason.INCOMPATIBLE: "incompatible, NOT_COMPATIBLE, PART_NOT_COMPATIBLE",
    Reason.LATE: "arrived-late, MISSED_ESTIMATED_DELIVERY, Missed estimated delivery date",
    Reason.UNDELIVERED: "delivery-issue, UNDELIVERABLE_REFUSED, UNDELIVERABLE_UNKNOWN, UNDELIVERABLE_X, NEVER_ARRIVED",
    Reason.CHANGED_MIND: "UNWANTED, changed-my-mind, UNWANTED_ITEM, No longer needed/wanted, J’ai changé d’avis",
    Reason.ORDERED_WRONG: "ORDERED_WRONG_ITEM, MISORDERED, Accidental order",
    Reason.BETTER_PRICE: "FOUND_BETTER_PRICE, Better price available",
    Reason.UNAUTHORISED: "UNAUTHORIZED_PURCHASE, Unauthorized purchase",
    Reason.OTHER: "OTHER, other-reason, the-handle-of-tomorrow, AMZ-PG-SOMETHING-NEW, Ça gratte",
    Reason.UNKNOWN: "UNKNOWN, unknown, NO_REASON_GIVEN, CR-NO_REASON_GIVEN",
}


_CASES = [(text, reason) for reason, texts in _TABLE.items() for text in texts.split(", ")]


@pytest.mark.parametrize(("raw", "reason"), _CASES, ids=[raw for raw, _ in _CASES])
def test_codes_and_texts_of_the_platforms_map_to_ours(raw: str, reason: Reason) -> None:
    assert map_reason(raw) is reason
    assert map_reason(raw.upper()) is reason
    assert map_reason(f"  {raw.lower()} ") is reason
    assert map_reason(raw.replace("_", " ").replace("-", "_")) is reason


@pytest.mark.parametrize("reason", Reason)
def test_our_own_codes_and_labels_map_to_themselves(reason: Reason) -> None:
    assert map_reason(reason.value) is reason
    assert map_reason(LABELS[reason]) is reason


@pytest.mark.parametrize("nothing", [None, "", "  ", "-", "--"])
def test_no_reason_is_unknown_and_not_other(nothing: str | None) -> None:
    assert map_reason(nothing) is Reason.UNKNOWN


@given(st.text())
def test_any_text_maps_to_one_of_our_codes(text: str) -> None:
    assert isinstance(map_reason(text), Reason)


def test_every_reason_has_words_in_english_and_french() -> None:
    assert set(LABELS) == set(Reason)
    for reason in Reason:
        assert label(reason, "en") == LABELS[reason]
        assert label(reason, "fr") != LABELS[reason]
    assert label("changed_mind", "fr") == "J’ai changé d’avis"
    assert label("a code of last year", "en") == "Another reason"
    assert i18n.translations("fr").gettext("Too small") == "Trop petit"


def test_customers_are_offered_a_short_list_that_ends_with_another_reason() -> None:
    assert len(CUSTOMER_REASONS) <= 10
    assert CUSTOMER_REASONS[-1] is Reason.OTHER
    assert Reason.UNKNOWN not in CUSTOMER_REASONS


@pytest.mark.shared
def test_real_codes_of_the_platforms_are_known(shared: Path) -> None:
    real = json.loads((shared / "data/shop_webhooks/return_reasons.json").read_text(encoding="utf-8"))
    amazon = real["amazon_fba_customer_returns_reason"]["values"]
    seller = real["amazon_seller_fulfilled_return_reason_code"]["values"]
    shopify = real["shopify_ReturnReason_legacy_enum"]["values"]
    handles = [item["handle"] for item in real["shopify_ReturnReasonDefinition_general"]["values"]]
    without_a_code = {"EXCESSIVE_INSTALLATION", "OTHER", "other-reason"}
    for raw in [*amazon, *seller, *shopify, *handles]:
        reason = map_reason(raw)
        assert (reason is Reason.OTHER) == (raw in without_a_code), raw
    for raw in seller:
        assert map_reason(f"RO_{raw}") is map_reason(raw)
