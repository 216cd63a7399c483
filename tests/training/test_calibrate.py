"""How much each tier says where both do, fitted on what training never saw."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.scoring.labels import LABELS
from training.calibrate import LEAST, MOST, calibration, shares
from training.data import Examples, joined

COUNT = 400


def development(source: str = "jigsaw_wiki") -> Examples:
    """Texts of which a fourth is all of what can be asked."""
    labels = np.zeros((COUNT, len(LABELS)), np.float32)
    labels[::4] = 1.0
    return Examples([""] * COUNT, labels, np.ones_like(labels), [source] * COUNT, [{}] * COUNT)


def said(noise: float, seed: int) -> np.ndarray:
    """Logits that tell the fourth from the rest, the worse the more noise."""
    draw = np.random.default_rng(seed)
    return (development().labels - 0.5) * 3 + draw.normal(0, noise, (COUNT, len(LABELS)))


def test_the_tier_that_knows_better_says_more_and_neither_is_silenced() -> None:
    good, bad = said(0.8, 1), said(4.0, 2)
    assert set(shares(good, bad, development()).values()) == {MOST}
    assert set(shares(bad, good, development()).values()) == {LEAST}
    assert 0 < LEAST < 0.5 < MOST < 1


def test_tiers_that_know_as_much_say_as_much() -> None:
    one, other = said(1.5, 1), said(1.5, 2)
    found = shares(one, other, development())
    assert all(share == pytest.approx(0.5, abs=0.1) for share in found.values())
    assert set(shares(one, one, development()).values()) == {0.5}


def test_a_label_that_no_source_was_asked_for_has_the_mean_and_stays_as_it_is() -> None:
    unknown = development("davidson")
    assert set(shares(said(1, 1), said(1, 2), unknown).values()) == {0.5}
    assert set(map(tuple, calibration(said(1, 1), unknown).values())) == {(1.0, 0.0)}


@given(st.floats(0, 6), st.floats(0, 6))
def test_shares_are_within_their_bounds_whatever_the_tiers_say(one: float, other: float) -> None:
    found = shares(said(one, 3), said(other, 4), development())
    assert list(found) == list(LABELS)
    assert all(LEAST <= share <= MOST for share in found.values())


def test_where_wikipedia_was_asked_it_alone_decides() -> None:
    wiki, others = development(), development("openai_moderation_half")
    both = joined(wiki, *[others] * 5)
    good, bad = said(0.8, 1), said(4.0, 2)
    linear, deep = np.vstack([good, *[bad] * 5]), np.vstack([bad, *[good] * 5])
    assert set(shares(linear, deep, both).values()) == {MOST}
    both.labels[:COUNT] = np.nan
    assert set(shares(linear, deep, both).values()) == {LEAST}
