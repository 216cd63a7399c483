"""What the scorers give a probability for, in the order of every array of scores."""

LABELS = ("toxicity", "severe", "insult", "threat", "identity_attack", "obscene", "sexual", "spam")
# The model's own word on spam where a site's lessons changed it: kept, because a site learns against it.
UNTAUGHT = "spam_untaught"
