"""What an author changed, word by word: nothing is lost, and no text makes it slow."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.diff import Change, difference


def told(before: str, after: str) -> list[tuple[str, str]]:
    return [(piece.change.value, piece.text) for piece in difference(before, after)]


def test_a_word_that_was_changed_is_shown_among_those_that_stayed() -> None:
    assert told("The old bridge is falling down.", "The new bridge is falling down.") == [
        ("same", "The "),
        ("gone", "old "),
        ("new", "new "),
        ("same", "bridge is falling down."),
    ]
    assert told("橋は古い。", "橋は新しい。") == [
        ("same", "橋は"),
        ("gone", "古"),
        ("new", "新し"),
        ("same", "い。"),
    ]
    assert told("Same.", "Same.") == [("same", "Same.")]
    assert told("", "Words.") == [("new", "Words.")]
    assert told("", "") == []


# Few words, so that there is much to find; and any text at all.
words = st.lists(st.sampled_from(["the ", "bridge ", "a", "\n\n", " ", "橋", "é", "x. "]), max_size=60).map(
    "".join
)


@given(st.one_of(words, st.text(max_size=200)), st.one_of(words, st.text(max_size=200)))
def test_applying_the_difference_gives_both_texts_back(before: str, after: str) -> None:
    pieces = difference(before, after)
    assert "".join(piece.text for piece in pieces if piece.change is not Change.NEW) == before
    assert "".join(piece.text for piece in pieces if piece.change is not Change.GONE) == after
    assert all(one.change is not other.change for one, other in pairwise(pieces))
    assert all(piece.text for piece in pieces)


MOST = 20_000
HOSTILE = {
    "one word again and again": ("a " * (MOST // 2), "b " + "a " * (MOST // 2 - 2) + "c"),
    "two words in turn": ("a x " * (MOST // 4), "y a " * (MOST // 4)),
    "many words, all of them common": (
        " ".join(str(n % 40) for n in range(MOST // 3)),
        " ".join(str(n * 7 % 40) for n in range(MOST // 3)),
    ),
    "one word without end": ("a" * MOST, "b" * MOST),
    "no word": (" \n" * (MOST // 2), "\n " * (MOST // 2)),
    "no spaces": ("橋は" * (MOST // 2), "は橋" * (MOST // 2)),
    "nothing alike": (
        " ".join(str(n) for n in range(MOST // 6)),
        " ".join(str(n) for n in range(MOST // 6, MOST // 3)),
    ),
    "turned round": (
        " ".join(str(n) for n in range(MOST // 6)),
        " ".join(str(n) for n in range(MOST // 6, 0, -1)),
    ),
}


@pytest.mark.parametrize("texts", HOSTILE.values(), ids=HOSTILE)
def test_no_text_makes_the_difference_slow(texts: tuple[str, str]) -> None:
    before, after = (text[:MOST] for text in texts)
    begun = time.process_time()
    pieces = difference(before, after)
    # Of this process's own time; a matcher that is left alone takes minutes for some of these.
    assert time.process_time() - begun < 5
    assert "".join(piece.text for piece in pieces if piece.change is not Change.NEW) == before
    assert "".join(piece.text for piece in pieces if piece.change is not Change.GONE) == after


def test_a_long_ordinary_text_is_still_compared_word_by_word() -> None:
    before = " ".join(
        f"Sentence {n} says what the bridge is to the town and why it has to stay." for n in range(250)
    )
    after = before.replace("Sentence 100 says", "Sentence 100 denies").replace("Sentence 7 says what ", "")
    assert len(before) > 15_000
    changed = [piece for piece in difference(before, after) if piece.change is not Change.SAME]
    assert sum(len(piece.text) for piece in changed) < 100
