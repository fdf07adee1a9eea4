"""From the scores of the sentences to one number: pure.

A text is as negative as what it blames outweighs what it praises. The divisor keeps length out of it: four sentences
of blame are surer than one, but not four times worse, and a long text of mixed feelings stays in the middle.
"""

import math
from collections.abc import Sequence

from feedback_service.sentiment.judgement import Label

_DAMPING = 4.0
_GROWTH = 1.2
_BLAME_WEIGHT = 1.5  # Politeness opens and closes even angry letters.
_LATER_WEIGHT = 0.8  # The first sentence, often a title, sums a text up.
_CEILING = 6.0  # One furious sentence does not outweigh all the others.
_ENOUGH = 30.0  # From here on only the proportion of blame and praise counts, however much more is said.
NEGATIVE_FROM = 0.5
POSITIVE_BELOW = 0.25


def balance(scores: Sequence[float]) -> float:
    """Return blame against praise of a text: about -5 (praise) to +6 (blame), 0 where nothing was said."""
    blame = praise = 0.0
    share = 1.0
    for score in scores:
        if score < 0:
            blame += share * min(_CEILING, -score)
        elif score > 0:
            praise += share * min(_CEILING, score)
        share = _LATER_WEIGHT
    blame *= _BLAME_WEIGHT
    said = blame + praise
    scale = min(1.0, _ENOUGH / said) if said else 1.0
    return scale * (blame - praise) / math.sqrt(_DAMPING + (scale * said) ** _GROWTH)


def label_of(negative: float) -> Label:
    """Return the label; between the two borders the scorer abstains."""
    if negative >= NEGATIVE_FROM:
        return Label.NEGATIVE
    return Label.POSITIVE if negative < POSITIVE_BELOW else Label.NEUTRAL
