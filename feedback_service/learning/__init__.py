"""Learning: each shop's own rated texts and the verdicts of its staff make the judgement of its mentions better."""
