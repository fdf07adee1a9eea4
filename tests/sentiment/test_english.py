"""What an English reader would say of texts about a shop. Each case is named for what makes it hard."""

import pytest

from feedback_service.sentiment.judgement import Label
from feedback_service.sentiment.scorer import Scorer

SCORER = Scorer(("en", "fr"))

NEGATIVE = {
    "one_word": "Terrible.",
    "never_arrived": "My order never arrived.",
    "still_waiting": "Still waiting for my refund.",
    "no_reply": "Emailed twice, no reply.",
    "not_yet_delivered": "It's been three weeks and it hasn't been delivered.",
    "no_refund": "Returned it in May, no refund.",
    "scam": "Total scam, avoid.",
    "wont_answer": "They won't answer the phone.",
    "on_hold": "On hold for two hours, then they hung up.",
    "broken": "The lamp came broken.",
    "stopped_working": "It stopped working after two days.",
    "doesnt_work": "Doesn't work.",
    "wrong_item": "They sent the wrong size.",
    "missing_parts": "Missing parts and no instructions.",
    "not_as_described": "Not as described.",
    "fell_apart": "The strap fell apart within a week.",
    "waste_of_money": "Waste of money.",
    "do_not_buy": "Do not buy from this shop!",
    "never_again": "Never again.",
    "would_not_recommend": "I would not recommend them to anyone.",
    "not_happy": "I am not happy with this.",
    "not_worth_it": "Not worth the price.",
    "too_late": "It arrived far too late for the birthday.",
    "charged_twice": "They charged me twice.",
    "refuse_refund": "They refuse to refund me.",
    "cancelled_without_reason": "Order cancelled without explanation.",
    "concession": "Nice design, but the quality is awful.",
    "however": "The website is great. However, the customer service is useless and rude.",
    "irony_thanks": "Thanks for nothing.",
    "irony_great_job": "Great job losing my parcel, again.",
    "threat": "You will hear from my lawyer.",
    "trading_standards": "Reported to trading standards.",
    "zero_stars": "I would give zero stars if I could.",
    "disappointed_misspelled": "very dissapointed",
    "capitals": "WORST SHOP EVER",
    "emoji": "😡😡",
    "html": "<p>The zip was <em>broken</em> &amp; nobody helped.</p>",
    "money_back": "I want my money back.",
    "where_is_it": "Where is my order?",
    "poor": "Poor quality, poor service.",
    "parcel_lost": "They lost my parcel and blame the courier.",
    "fake": "These trainers are fake.",
}

POSITIVE = {
    "one_word": "Excellent",
    "no_problems_or_complaints": "No problems or complaints",
    "no_complaints": "No complaints.",
    "no_issues": "Ordered twice without any issues.",
    "cant_complain": "Can't complain.",
    "cant_fault": "Can't fault them.",
    "not_bad": "Not bad at all.",
    "never_disappointed": "They never disappoint, never let me down.",
    "could_not_be_happier": "I couldn't be happier.",
    "highly_recommend": "Highly recommend.",
    "as_described": "Arrived on time, exactly as described.",
    "works": "Works perfectly.",
    "fast": "Fast delivery and friendly staff.",
    "solved": "The first one was faulty but they replaced it immediately and were so helpful.",
    "despite": "Despite a small delay I am very happy.",
    "better_than": "Much better than the other shop.",
    "thanks": "Thank you so much!",
    "concession": "A bit expensive but the quality is superb.",
    "emoji": "❤️👍",
    "stretched": "Soooo goooood",
    "buy_again": "Will buy again.",
}

NOT_NEGATIVE = {
    "empty": "",
    "fact": "It is a blue lamp.",
    "question": "Do you ship to Ireland?",
    "free_shipping": "Free shipping over 50 euros.",
    "quote": "> total scam, avoid\nNever had a problem with them myself.",
}


@pytest.mark.parametrize("text", NEGATIVE.values(), ids=NEGATIVE.keys())
def test_complaint_is_negative(text: str) -> None:
    assert SCORER.score(text).label is Label.NEGATIVE


@pytest.mark.parametrize("text", POSITIVE.values(), ids=POSITIVE.keys())
def test_praise_is_positive(text: str) -> None:
    assert SCORER.score(text).label is Label.POSITIVE


@pytest.mark.parametrize("text", NOT_NEGATIVE.values(), ids=NOT_NEGATIVE.keys())
def test_neither_is_not_negative(text: str) -> None:
    assert SCORER.score(text).label is not Label.NEGATIVE
