"""What the scorers give a probability for, in the order of every array of scores, and which of them may answer."""

from typing import Literal

Tier = Literal["linear", "deep", "both"]
TIERS: tuple[Tier, ...] = ("linear", "deep", "both")
LABELS = ("toxicity", "severe", "insult", "threat", "identity_attack", "obscene", "sexual", "spam")


def untaught(label: str) -> str:
    """The label of the model's own word where a site's lessons changed it: kept, because a site learns against it."""
    return f"{label}_untaught"


UNTAUGHT = untaught("spam")
