"""A longer comment is read once more where it matters, so that its length hides nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.policy_document import THRESHOLDS
from service.scoring.closer import (
    BETTER,
    LONG,
    LONGEST,
    MARGIN,
    SHARE,
    SHORTEST,
    SURE,
    Said,
    of_both,
    of_deep,
    parts,
    read_closely,
)
from service.scoring.labels import LABELS
from service.scoring.scorer import scorer

CALM = (
    "I have taken the ferry to work for eleven years now.",
    "The new timetable leaves out the boat at half past seven.",
    "That is the one that the nurses take, and the bakers.",
    "The council says that nobody came to the hearing, but it was on a Tuesday morning.",
    "A bridge would cost four times as much, if I read the tables right.",
    "My neighbour has counted the cars, and there were fewer than last year.",
    "Perhaps somebody from the paper could ask the harbour office about it.",
    "Until then I will take the bus, which leaves an hour earlier.",
    "It rains in there, by the way, and has done so since spring.",
    "Thank you for writing about it all the same.",
)
INSULTS = (
    "You are a pathetic idiot, and everybody knows it.",
    "What a worthless piece of garbage you are.",
    "Shut up, you stupid moron.",
)
PIECES = st.sampled_from(["word", "word.", "No!", '"Why?"', "\n", "\n\n", "…", "e.g.", "١٢", "🎉"])


def said(text: str) -> list[str]:
    return [text[start:end] for start, end in parts(text)]


def test_the_parts_of_a_longer_comment_are_its_sentences() -> None:
    assert said(" ".join(CALM)) == list(CALM)
    assert said("\n\n".join(CALM)) == list(CALM)


def test_a_short_comment_is_one_part() -> None:
    text = "Short. But two sentences!  "
    assert said(text) == [text]
    assert parts("") == [(0, 0)]


def test_a_short_sentence_goes_with_the_next_and_what_never_ends_is_cut() -> None:
    text = f"No. {' '.join(CALM)}"
    assert said(text)[0] == f"No. {CALM[0]}"
    assert [len(part.split()) for part in said("on and " * 50)] == [LONGEST, LONGEST, 100 - 2 * LONGEST]


@given(st.lists(PIECES, max_size=200))
def test_every_word_is_in_one_part_in_order(pieces: list[str]) -> None:
    text = " ".join(pieces)
    found = said(text)
    assert " ".join(found).split() == text.split()
    counts = [len(part.split()) for part in found]
    if len(text.split()) >= LONG:
        assert all(count <= LONGEST for count in counts)
        assert all(count >= SHORTEST for count in counts[:-1])


@pytest.mark.parametrize("insult", INSULTS)
@pytest.mark.parametrize("place", [0, 5, len(CALM)])
def test_an_insult_among_calm_sentences_is_held_wherever_it_stands(insult: str, place: int) -> None:
    calm, rude = scorer("both").score([" ".join(CALM), " ".join([*CALM[:place], insult, *CALM[place:]])])
    assert rude.scores["toxicity"] > THRESHOLDS["toxicity"]
    assert calm.scores["toxicity"] < 0.1
    alone, among = scorer("deep").score([" ".join(CALM), " ".join([*CALM[:place], insult, *CALM[place:]])])
    assert among.scores["toxicity"] > 5 * alone.scores["toxicity"]


def test_the_worst_part_is_read_by_itself_and_spam_is_of_the_whole() -> None:
    judge = scorer("both")
    assert judge._deep is not None
    link = "Cheap pills at http://best-pills.example/now !"
    texts = ["Short.", " ".join([*CALM[:7], INSULTS[0], *CALM[7:]]), " ".join([*CALM, link])]
    spam = LABELS.index("spam")
    for said, tier in zip(read_closely(judge._linear, judge._deep, texts), ("linear", "deep"), strict=True):
        one = judge._linear if tier == "linear" else judge._deep
        assert said.whole == pytest.approx(one.logits(texts), abs=1e-6)
        assert (said.part[0] == said.whole[0]).all()
        assert np.delete(said.part[1], spam) == pytest.approx(
            np.delete(one.logits(INSULTS[:1])[0], spam), abs=1e-6
        )
        assert (said.part[:, spam] == said.whole[:, spam]).all()


def logits(low: float, high: float) -> st.SearchStrategy[np.ndarray]:
    each = st.floats(low, high)
    return st.lists(each, min_size=len(LABELS), max_size=len(LABELS)).map(lambda row: np.array([row]))


SHARES = np.full(len(LABELS), 0.6)


@given(logits(-9, 9), logits(-9, 9), logits(-9, 9), logits(-9, 9))
def test_a_part_only_ever_adds_to_what_the_whole_says(
    linear: np.ndarray, linear_part: np.ndarray, deep: np.ndarray, deep_part: np.ndarray
) -> None:
    both = of_both(Said(linear, linear_part), Said(deep, deep_part), SHARES)
    assert (both >= SHARES * linear + (1 - SHARES) * deep - 1e-9).all()
    assert (of_deep(Said(deep, deep_part)) >= deep - 1e-9).all()


@given(logits(-9, 9), logits(-9, 9))
def test_a_comment_without_parts_says_what_its_whole_says(linear: np.ndarray, deep: np.ndarray) -> None:
    expected = SHARES * linear + (1 - SHARES) * deep
    assert of_both(Said(linear, linear), Said(deep, deep), SHARES) == pytest.approx(expected)
    assert of_deep(Said(deep, deep)) == pytest.approx(deep)


@given(logits(-9, 9), logits(-9, 9), logits(SURE, 9), logits(SURE, 9))
def test_a_whole_is_hardly_better_than_a_part_that_both_are_sure_of(
    linear: np.ndarray, deep: np.ndarray, linear_part: np.ndarray, deep_part: np.ndarray
) -> None:
    found = of_both(Said(linear, linear_part), Said(deep, deep_part), SHARES)
    assert (found >= SHARES * linear_part + (1 - SHARES) * deep_part - BETTER - 1e-9).all()


def test_of_what_one_tier_is_sure_of_alone_only_the_excess_counts_and_by_half() -> None:
    calm, sure = np.full((1, len(LABELS)), -5.0), np.full((1, len(LABELS)), 4.0)
    raised = -5.0 + SHARE * (9.0 - MARGIN)
    by_deep = of_both(Said(calm, calm), Said(calm, sure), SHARES)
    assert by_deep == pytest.approx(np.full_like(calm, 0.6 * -5.0 + 0.4 * raised))
    by_linear = of_both(Said(calm, sure), Said(calm, calm), SHARES)
    assert by_linear == pytest.approx(calm)


@given(logits(-9, 9), logits(-9, 9), logits(-9, 9), logits(-9, 9))
def test_no_hairs_breadth_decides(
    linear: np.ndarray, linear_part: np.ndarray, deep: np.ndarray, deep_part: np.ndarray
) -> None:
    hair = 1e-4
    before = of_both(Said(linear, linear_part), Said(deep, deep_part), SHARES)
    after = of_both(Said(linear, linear_part + hair), Said(deep, deep_part + hair), SHARES)
    assert np.abs(after - before).max() < 10 * hair


def test_evidence_of_a_longer_comment_is_the_word_though_the_whole_would_hardly_miss_it() -> None:
    text = " ".join([*CALM[:7], INSULTS[0], *CALM[7:]])
    first, *_ = scorer("both").evidence(text, "toxicity")
    assert text[first.start : first.end] in ("idiot", "pathetic")


@given(st.text(max_size=120), st.text(st.characters(categories=["Zs", "Cc", "Cf", "Po"]), max_size=20))
def test_evidence_lies_within_a_longer_comment_whatever_is_written(text: str, end: str) -> None:
    whole = " ".join([*CALM[:4], text, INSULTS[2], end, text]) + end
    for word in scorer("both").evidence(whole, "toxicity"):
        assert 0 <= word.start < word.end <= len(whole)


def test_a_longer_comment_scores_the_same_in_any_company() -> None:
    texts = [" ".join(CALM), "Short.", " ".join([*CALM[:4], INSULTS[1], *CALM[4:]]), " ".join(CALM * 9)]
    judge = scorer("both")
    assert judge.score(texts) == [one for text in texts for one in judge.score([text])]
    judge.make_ready(texts)
    assert judge.score(texts[2:3]) == judge.score(texts)[2:3]
    judge.make_ready([])
