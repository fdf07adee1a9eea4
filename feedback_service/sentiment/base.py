"""What the base scorer of a language learned from the texts written for this project, and how it is calibrated.

`training` writes the two files of a language, `weights/<code>.bin` and `weights/<code>.json`; a language without them
is judged by its rules alone.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from feedback_service.sentiment.linear import LinearModel

FOLDER = Path(__file__).parent / "weights"


@dataclass(frozen=True, slots=True)
class Calibration:
    """From the balance of the rules and the logit of the learned words to the logit of "negative".

    Attributes:
        steepness: of the balance.
        share: of the learned logit; 0 leaves it out.
        middle: what is left when neither says anything.
    """

    steepness: float = 1.5
    share: float = 0.0
    middle: float = -1.05

    def logit(self, balance: float, learned: float) -> float:
        """Return the logit of the probability that a text is negative."""
        return self.steepness * balance + self.share * learned + self.middle


@dataclass(frozen=True, slots=True)
class Base:
    """What was learned of one language."""

    calibration: Calibration
    model: LinearModel | None


@cache
def load_base(language: str) -> Base:
    """Return what was learned of `language`; the rules alone where nothing was."""
    path = FOLDER / f"{language}.json"
    if not path.exists():
        return Base(Calibration(), None)
    kept = json.loads(path.read_text(encoding="utf-8"))
    calibration = Calibration(kept["steepness"], kept["share"], kept["middle"])
    return Base(calibration, LinearModel.from_bytes(path.with_suffix(".bin").read_bytes()))
