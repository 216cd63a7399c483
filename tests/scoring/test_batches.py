"""What is summed for a batch at once is what is summed for each of it alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.scoring.features import BUCKETS, LONGEST, buckets, sums_of
from service.scoring.linear import Linear
from service.scoring.scorer import WEIGHTS

WEIGHED = np.random.default_rng(7).integers(-16_000, 16_000, (BUCKETS, 8), dtype=np.int16)
readings = st.lists(
    st.one_of(
        st.text(alphabet="ab c'éÿ1 ", max_size=40),
        st.text(max_size=60),
        st.sampled_from(["", " ", "a", "the bridge of the council", "x" * (LONGEST - 1), "ab " * 2_000]),
    ),
    max_size=12,
)


@given(readings)
def test_a_batch_adds_up_to_what_each_of_it_does_alone(batch: list[str]) -> None:
    alone = []
    for reading in batch:
        found = buckets(reading)
        alone.append((WEIGHED.take(found, axis=0).sum(axis=0, dtype=np.int32).tolist(), len(found)))
    assert [(added.tolist(), count) for added, count in sums_of(batch, WEIGHED)] == alone


@pytest.fixture(scope="module")
def linear() -> Linear:
    return Linear(WEIGHTS / "linear.npz")


@given(st.lists(st.text(max_size=80), min_size=1, max_size=8))
def test_scores_are_the_same_to_the_bit_whether_a_batch_was_made_ready_or_not(
    linear: Linear, texts: list[str]
) -> None:
    linear.make_ready([])
    before = linear.logits(texts)
    linear.make_ready(texts)
    assert np.array_equal(linear.logits(texts), before)
    # What was not made ready is summed as ever.
    linear.make_ready(texts[1:])
    assert np.array_equal(linear.logits(texts), before)
