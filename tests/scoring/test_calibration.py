"""What a site's decisions make of a probability: little from few, an honest one from many, the order never touched."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.scoring.calibration import (
    FEWEST,
    FEWEST_OF_EACH,
    HIGHEST_SLOPE,
    LOWEST_SLOPE,
    Numbers,
    Pair,
    calibrated,
    cross_fitted,
    fit,
)
from service.scoring.measures import calibration_error

scores = st.integers(0, 10**6).map(lambda n: n / 10**6)
pairs = st.tuples(st.floats(LOWEST_SLOPE, HIGHEST_SLOPE), st.floats(-9, 9))


def chances(logits: Numbers) -> Numbers:
    made: Numbers = 1 / (1 + np.exp(-logits))
    return made


def site(
    count: int, *, slope: float = 1.0, shift: float = 0.0, seed: int = 1, often: float = -2.0
) -> tuple[Numbers, Numbers]:
    """Logits of the models and what people decide at a site where sigmoid(slope · logit + shift) is the truth."""
    draw = np.random.default_rng(seed)
    logits = draw.normal(often, 2.5, count)
    return logits, (draw.random(count) < chances(slope * logits + shift)).astype(float)


def read(logits: Numbers, pair: Pair | None) -> Numbers:
    assert pair is not None
    return np.array([calibrated(score, pair) for score in chances(logits).tolist()])


@pytest.mark.parametrize(("slope", "shift"), [(1.0, 2.0), (1.0, -2.5), (0.4, 0.0), (1.8, 1.5)])
def test_at_a_site_unlike_the_sources_a_probability_becomes_an_honest_one(slope: float, shift: float) -> None:
    asked, truths = site(2000, slope=slope, shift=shift, seed=2)
    before = calibration_error(truths, chances(asked))
    after = calibration_error(truths, read(asked, fit(*site(500, slope=slope, shift=shift))))
    assert before > 0.08
    assert after < 0.06


def test_few_decisions_change_little_where_the_shipped_calibration_is_right() -> None:
    for seed in range(8):
        logits, truths = site(FEWEST, seed=seed)
        pair = fit(logits, truths)
        assert np.abs(read(logits, pair) - chances(logits)).mean() < 0.06


def test_the_same_news_from_more_decisions_moves_a_probability_further() -> None:
    logits, truths = site(FEWEST, shift=2.0)
    moved = []
    for times in (1, 4, 40):
        pair = fit(np.tile(logits, times), np.tile(truths, times))
        assert pair is not None
        moved.append(pair[1])
    assert 0 < moved[0] < moved[1] < moved[2] < 2.5


def test_below_a_hundred_decisions_the_shipped_calibration_stands() -> None:
    logits, truths = site(FEWEST)
    assert fit(logits, truths) is not None
    assert fit(logits[1:], truths[1:]) is None
    assert fit(np.zeros(0), np.zeros(0)) is None


@pytest.mark.parametrize("of_each", [0, 1, FEWEST_OF_EACH - 1])
@pytest.mark.parametrize("rare", [0.0, 1.0])
def test_decisions_that_are_all_alike_or_nearly_calibrate_nothing(of_each: int, rare: float) -> None:
    logits, _ = site(400)
    truths = np.full(400, 1 - rare)
    truths[:of_each] = rare
    assert fit(logits, truths) is None


@given(pairs, scores, scores)
def test_the_order_of_comments_is_never_changed(pair: Pair, one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 0 <= calibrated(low, pair) <= calibrated(high, pair) <= 1


@given(scores)
def test_the_pair_of_one_and_nought_changes_no_probability(score: float) -> None:
    assert calibrated(score, (1.0, 0.0)) == pytest.approx(score, abs=1.1e-5)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.floats(-3, 3), st.floats(-6, 6), st.integers(FEWEST, 300))
def test_whatever_people_decide_a_higher_score_stays_the_higher_probability(
    seed: int, slope: float, shift: float, count: int
) -> None:
    pair = fit(*site(count, slope=slope, shift=shift, seed=seed))
    if pair is None:
        return
    assert LOWEST_SLOPE <= pair[0] <= HIGHEST_SLOPE
    made = [calibrated(step / 50, pair) for step in range(51)]
    assert made == sorted(made)


def test_decisions_against_all_that_the_models_say_turn_nothing_round() -> None:
    logits, truths = site(600)
    pair = fit(logits, 1 - truths)
    assert pair is not None
    assert pair[0] == LOWEST_SLOPE


def test_a_score_that_parts_all_decisions_becomes_no_certainty() -> None:
    logits = np.linspace(-0.5, 0.5, 400)
    pair = fit(logits, (logits > 0).astype(float))
    assert pair is not None
    assert 1 < pair[0] <= HIGHEST_SLOPE
    assert 0.001 < calibrated(0.4, pair) < calibrated(0.6, pair) < 0.999


def test_the_same_decisions_give_the_same_pair_in_any_order() -> None:
    logits, truths = site(500, shift=1.0)
    order = np.random.default_rng(3).permutation(500)
    assert fit(logits, truths) == fit(logits[order], truths[order])
    assert fit(logits, truths) == fit(logits, truths >= 0.5)


@pytest.mark.parametrize("logit", [-11.5, 0.0, 11.5])
def test_scores_that_are_all_the_same_come_to_the_share_of_decisions(logit: float) -> None:
    truths = np.array([1.0] * 600 + [0.0] * 1400)
    pair = fit(np.full(2000, logit), truths)
    assert read(np.full(1, logit), pair)[0] == pytest.approx(0.3, abs=0.03)


def test_a_figure_after_calibration_is_of_decisions_that_it_was_not_fitted_to() -> None:
    logits, truths = site(1000, shift=2.0)
    found = cross_fitted(chances(logits), truths)
    assert found is not None
    assert calibration_error(truths, found) < 0.06 < calibration_error(truths, chances(logits))
    for number in range(0, 1000, 100):
        other = truths.copy()
        other[number] = 1 - other[number]
        again = cross_fitted(chances(logits), other)
        assert again is not None
        assert again[number] == found[number]
        assert (again != found).any()


@pytest.mark.parametrize("of_each", [FEWEST_OF_EACH, 2 * FEWEST_OF_EACH - 1])
def test_there_is_no_figure_after_calibration_where_a_half_is_too_small(of_each: int) -> None:
    logits, _ = site(1000)
    assert cross_fitted(chances(logits), np.array([1.0] * of_each + [0.0] * (1000 - of_each))) is None
    logits, truths = site(2 * FEWEST - 1, often=0.0)
    assert cross_fitted(chances(logits), truths) is None
