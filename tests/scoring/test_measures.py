"""Figures about models, held against their definitions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.scoring.measures import calibration_error, interval, pr_auc, recall_at, roc_auc

pairs = st.lists(st.tuples(st.booleans(), st.integers(0, 6)), min_size=2, max_size=40)


@given(pairs)
def test_roc_auc_is_the_chance_that_a_positive_ranks_above_a_negative(given: list[tuple[bool, int]]) -> None:
    truth = np.array([float(t) for t, _ in given])
    scores = np.array([s / 6 for _, s in given])
    positives, negatives = scores[truth >= 0.5], scores[truth < 0.5]
    found = roc_auc(truth, scores)
    if not len(positives) or not len(negatives):
        assert math.isnan(found)
        return
    wins = sum((p > n) + (p == n) / 2 for p in positives for n in negatives)
    assert found == pytest.approx(wins / len(positives) / len(negatives))


def test_pr_auc_of_a_perfect_order_is_one_and_of_none_the_share_of_positives() -> None:
    truth = np.array([1.0, 1.0, 0.0, 0.0])
    assert pr_auc(truth, np.array([0.9, 0.8, 0.2, 0.1])) == 1
    assert pr_auc(truth, np.full(4, 0.5)) == 0.5
    assert math.isnan(pr_auc(np.zeros(3), np.array([0.1, 0.2, 0.3])))


def test_recall_at_five_percent_takes_no_more_false_alarms_than_that() -> None:
    truth = np.array([0.0] * 100 + [1.0] * 10)
    scores = np.concatenate([np.arange(100) / 100, [0.99, 0.97, 0.96, 0.945, 0.93, 0.5, 0.4, 0.3, 0.2, 0.1]])
    assert recall_at(truth, scores) == pytest.approx(0.3)


def test_calibration_error_is_nothing_for_honest_scores_and_all_for_lies() -> None:
    truth = np.array([1.0, 0.0] * 50)
    assert calibration_error(truth, np.full(100, 0.5)) == pytest.approx(0)
    assert calibration_error(truth, 1 - truth) == pytest.approx(1)


def test_an_interval_holds_the_figure_and_is_the_same_each_time() -> None:
    draw = np.random.default_rng(3)
    truth = (draw.random(300) < 0.4).astype(float)
    scores = np.clip(truth * 0.3 + draw.random(300) * 0.7, 0, 1)
    low, high = interval(roc_auc, truth, scores)
    assert low < roc_auc(truth, scores) < high
    assert (low, high) == interval(roc_auc, truth, scores)
