"""VADER's English word weights, through its package.

Only its weights: its own reading lower-cases the whole text for each scored word and knows no phrase of more than
three words, and it judged shop reviews worse than `reading` does with the same weights (figures: docs/sentiment.md).
"""

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

_SHARE = 0.7  # People rated these words out of any context; ours were chosen for what is written about shops.


def word_weights() -> dict[str, float]:
    """Return VADER's weights of what is one plain word in lower case (about 7,000), on our scale."""
    lexicon: dict[str, float] = SentimentIntensityAnalyzer().lexicon
    return {word: weight * _SHARE for word, weight in lexicon.items() if word.isalpha() and word.islower()}
