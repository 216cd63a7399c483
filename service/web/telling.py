"""What went wrong, in the language of whoever reads one of our pages."""

from __future__ import annotations

import math

from markupsafe import Markup

from service.domain.errors import GreenroomError, InvalidSubmission, RateLimited
from service.web.languages import Voice


def told_of(error: GreenroomError, spoken: Voice) -> str:
    """An error in a sentence or two; of several wrong fields the first. After too much, also when it works again."""
    if isinstance(error, InvalidSubmission):
        return spoken.told(error.errors[0].detail)
    if not isinstance(error, RateLimited):
        return spoken.told(error.detail)
    minutes = math.ceil(error.retry_after_seconds / 60)
    again = spoken.nt("It works again in {n} minute.", "It works again in {n} minutes.", minutes)
    return Markup("{} {}").format(spoken.told(error.detail), again)
