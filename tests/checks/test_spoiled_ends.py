"""A long run that ends otherwise than an expression hopes costs no more than one that ends well.

An expression that repeats is quick where the run is all there is: it matches at once. What is slow is the run with
something else behind it, which is tried again from every place in it.
"""

from __future__ import annotations

import re

import pytest

from service.domain.text import normalise_text
from tests.checks.test_time import PROCESS_SECONDS, WORST, best_of_three, expressions

# A sign, a letter and a control character: each ends some class of characters.
SPOILT = [text[:-1] + end for text in WORST for end in ("!", "a", "\x00")]


@pytest.mark.parametrize(("name", "expression"), expressions(), ids=[name for name, _ in expressions()])
def test_no_expression_is_slow_on_a_run_that_ends_otherwise(name: str, expression: re.Pattern[str]) -> None:
    for text in SPOILT:
        for act in (expression.findall, expression.fullmatch):
            assert best_of_three(lambda act=act, text=text: act(text)) < PROCESS_SECONDS, (name, text[:20])  # type: ignore[misc]


@pytest.mark.parametrize("blank", [" ", "\t", "\u3000"], ids=["spaces", "tabs", "wide spaces"])
def test_spaces_inside_the_longest_text_cost_nothing(blank: str) -> None:
    # As long as a site may allow; this is done within the request, before anything else is known of it.
    text = "Well\n" + blank * 19_990 + "said"
    assert best_of_three(lambda: normalise_text(text, maximum=20_000)) < PROCESS_SECONDS
