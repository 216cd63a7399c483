"""What the scorers give a probability for, in the order of every array of scores."""

LABELS = ("toxicity", "severe", "insult", "threat", "identity_attack", "obscene", "sexual", "spam")
