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
    "no_answer_on_the_phone": "Nobody ever picks up the phone.",
    "hours_on_hold": "been on hold 50 mins",
    "still_no_bag": "Day four and still no bag.",
    "where_is_my_refund": "It's been a month. Where is my refund?",
    "delayed_again": "Flight delayed again, third time this week.",
    "cancelled_flight": "You cancelled my flight and won't rebook me.",
    "lost_luggage": "@airline you lost my luggage and nobody can tell me where it is",
    "how_am_i_supposed": "How am I supposed to check in if your site is down?",
    "why_charged": "Why was I charged for a seat I never got?",
    "asked_three_times": "I have asked three times and nobody will give me an answer.",
    "hung_up": "Your agent just hung up on me.",
    "website_down": "Your website keeps crashing at checkout.",
    "cant_log_in": "I can't log in and the reset email never comes.",
    "wont_let_me": "The app won't let me change my address.",
    "left_outside": "The courier left the parcel in the rain and it is ruined.",
    "says_delivered": "Tracking says delivered. I have received nothing.",
    "wrong_address": "Delivered to the wrong address and they won't help.",
    "box_was_empty": "The box was empty.",
    "thanks_for_the_empty_box": "Thanks for the empty box, really useful.",
    "irony_champion": "Bravo, champion, the parcel is in another country.",
    "irony_well_done": "Well done, you managed to send the wrong item twice.",
    "irony_love": "Love waiting three weeks for a next day delivery.",
    "irony_fantastic": "Fantastic service, two hours on hold and then cut off.",
    "irony_quotes": 'So much for your "hassle-free returns".',
    "irony_another": "Another day, another delay.",
    "voucher_refused": "The voucher is refused at checkout although it is valid.",
    "hidden_subscription": "They signed me up for a subscription I never asked for.",
    "debited_not_shipped": "Money taken three weeks ago, item still not shipped.",
    "return_label": "Six days and no return label.",
    "return_refused": "They refused my return because the box was open.",
    "pay_return": "I had to pay the postage to return a faulty item.",
    "refund_partial": "Only half of my refund was paid.",
    "warranty_refused": "Broke after a month and they won't honour the warranty.",
    "price_rip_off": "A rip-off, half the price elsewhere.",
    "cheaper_elsewhere": "Found the same one much cheaper elsewhere, I feel cheated.",
    "smaller_than_shown": "Much smaller than shown in the picture.",
    "colour_wrong": "The colour is nothing like the photo.",
    "too_tight": "Way too tight, had to send it back.",
    "sizes_run_small": "Runs really small, even two sizes up did not fit.",
    "see_through": "The fabric is so thin you can see right through it.",
    "pilled": "It pilled after one wash.",
    "smells": "It smells of chemicals and gave me a headache.",
    "battery": "The battery dies after an hour.",
    "overheats": "The charger gets dangerously hot.",
    "leaks": "The bottle leaks.",
    "card_failed": "The card failed after two months and I lost all my photos.",
    "fake_capacity": "Says 64GB, only holds 8. Fake.",
    "freezes": "It freezes every ten minutes.",
    "too_slow": "Painfully slow.",
    "gave_up": "I gave up trying to set it up.",
    "bored": "I was bored after ten pages and never finished it.",
    "predictable": "Predictable plot and flat characters.",
    "expected_more": "I expected more from this author.",
    "overrated": "Overrated.",
    "cold_food": "The food was cold and the waiter ignored us.",
    "tasteless": "Bland, dry and overpriced.",
    "wont_be_back": "We won't be back.",
    "wait_an_hour": "We waited an hour to be seated, with a booking.",
    "dirty_room": "The room was dirty and the shower did not work.",
    "polite_complaint": "Good morning, I am afraid my parcel has still not arrived. Could you look into it?",
    "polite_second": "I am sorry to write again, but I have had no news of my refund since May.",
    "factual_dates": "Ordered 2 March, promised 5 March, today is 28 March.",
    "factual_missing": "Two of the four chairs were not in the box.",
    "factual_not_answered": "I wrote on Monday, on Wednesday and again today.",
    "praise_then_fault": "Lovely shop, friendly people, but my order never came.",
    "fault_then_praise": "It broke on the first day, although it looked beautiful.",
    "neither_nor": "Neither refund nor replacement.",
    "negated_praise": "Not impressed at all.",
    "negated_distance": "I can't say that I was very satisfied.",
    "double_negation": "It's not that I never complain, but this is the worst.",
    "last_time": "That was my last order with you.",
    "lost_a_customer": "You just lost a customer of ten years.",
    "go_public": "I will post this everywhere until you answer.",
    "small_claims": "Next stop small claims court.",
    "chargeback": "I have asked my bank for a chargeback.",
    "police": "I am going to the police about this.",
    "phone_typing": "ordred 3 wks ago nothin came no1 answers",
    "no_apostrophes": "doesnt work wont refund dont buy",
    "misspelled_received": "never recieved my order",
    "capitals_sentence": "I HAVE BEEN WAITING SINCE JUNE",
    "meh": "Meh, would not buy again.",
    "rubbish": "Rubbish.",
    "joke": "This company is a joke.",
    "shambles": "An absolute shambles.",
    "thumbs_down": "👎 never again",
    "long_story": (
        "I was really looking forward to this sofa. The shop assistant was kind and the order was easy. It was "
        "promised for May. In June I was told July. In July nobody answered any more. It is now September, I have "
        "paid in full and I am still sitting on the floor."
    ),
    "long_polite": (
        "Dear team, I have been a loyal customer for years and I usually love your products. This time the kettle "
        "arrived with a cracked lid. I sent photos as you asked, and then again. That was five weeks ago. I would "
        "like to know when I can expect a replacement or my money back."
    ),
}

POSITIVE = {
    "one_word_praise": "Excellent",
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
    "concession_praise": "A bit expensive but the quality is superb.",
    "emoji_praise": "❤️👍",
    "stretched": "Soooo goooood",
    "buy_again": "Will buy again.",
    "nothing_to_complain": "Nothing to complain about.",
    "not_a_single_problem": "Not a single problem in three years.",
    "no_problem_whatsoever": "No problems whatsoever.",
    "without_a_hitch": "Everything went without a hitch.",
    "faultless": "Faultless from start to finish.",
    "cant_praise_enough": "I can't praise them enough.",
    "couldnt_ask_for_more": "Couldn't ask for more.",
    "never_let_down": "Ten years and they have never let me down.",
    "exceeded": "Exceeded my expectations.",
    "feared_a_scam": "I was afraid it was a scam, but everything arrived as promised. Very happy.",
    "doubts_gone": "I had my doubts after reading some reviews, but mine works perfectly.",
    "solved_quickly": "There was a mix-up with my order, they sorted it out within an hour. Great service.",
    "replaced_free": "Arrived broken, replaced free of charge the next day. Excellent.",
    "won_back": "After a bad start they won me back: full refund and a kind phone call. Thank you.",
    "better_than_rival": "So much better than the big marketplace.",
    "cheaper_than_rival": "Cheaper and faster than anywhere else.",
    "not_expensive": "Good quality and not expensive.",
    "worth_every_penny": "Worth every penny.",
    "bargain": "What a bargain!",
    "early": "Came two days early, well packaged.",
    "easy_return": "Easy return, refund within two days.",
    "sincere_thanks": "@airline thank you so much for finding my bag, you are amazing",
    "shout_out": "Shout out to the lady at gate 12, she made my day.",
    "fits_like_a_glove": "Fits like a glove.",
    "true_to_size": "True to size and so comfortable.",
    "compliments": "I get compliments every time I wear it.",
    "does_the_job": "Does exactly what it says.",
    "couldnt_put_it_down": "I couldn't put it down.",
    "laughed": "Funny, moving and beautifully written.",
    "delicious": "Delicious food and lovely staff, we will be back.",
    "five_stars": "5 stars!",
    "capitals_praise": "ABSOLUTELY LOVE IT",
    "phone_typing_praise": "gr8 service thx so much",
    "small_regret": "Wish I had bought it sooner, it is brilliant.",
    "not_cheap_but": "Not cheap, but worth it.",
    "long_happy_end": (
        "My first parcel was lost by the courier and I was quite worried. I called, a very kind lady found the "
        "problem at once and sent a new one the same day. It arrived the next morning and the shoes are perfect. "
        "I will certainly order again. Thank you!"
    ),
}

NOT_NEGATIVE = {
    "empty": "",
    "fact": "It is a blue lamp.",
    "question": "Do you ship to Ireland?",
    "free_shipping": "Free shipping over 50 euros.",
    "opening_hours": "What are your opening hours on Saturday?",
    "in_stock": "When will the blue one be back in stock?",
    "which_size": "I am 5'4, which size should I take?",
    "how_to_return": "How do I return an item?",
    "instalments": "Can I pay in instalments?",
    "ordered_today": "Ordered today.",
    "news_strike": "The strike may delay parcels in the north, the ministry said.",
    "news_court": "The court will publish its decision on Friday.",
    "horror_film": "A horror film about a killer in a small town.",
    "dm": "I sent you a DM.",
    "price": "It costs 49 pounds.",
    "address_in_a_link": "https://example.com/worst-scam-ever",
    "ok": "It's ok.",
    "average": "Average, nothing more.",
    "returned_wrong_choice": "I returned it because I had chosen the wrong colour.",
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


SAID = {name: text for name, text in (NEGATIVE | POSITIVE).items() if "&" not in text}  # Entities have a case.


@pytest.mark.parametrize("text", SAID.values(), ids=SAID.keys())
def test_capitals_and_spaces_do_not_change_the_label(text: str) -> None:
    label = SCORER.score(text, "en").label
    assert SCORER.score(text.upper(), "en").label is label
    assert SCORER.score(f"  {text.replace(' ', '  ')}\n", "en").label is label
