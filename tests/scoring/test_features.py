"""Hashed n-grams: the same as counting them one by one, whatever the text."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from service.domain.plain import plain
from service.scoring.features import _BASE, BUCKETS, _bucket, buckets, grams

texts = st.text(alphabet=st.sampled_from("abc dé'1.\U0001f600 "), max_size=60)


def by_hand(reading: str) -> set[int]:
    """The same n-grams without numpy: one at a time, from the definition."""
    framed = f" {reading} "

    def hashed(piece: str) -> int:
        value = 0
        for character in piece:
            value = (value * _BASE + ord(character)) % 2**64
        return int(_bucket(np.array([value], np.uint64), len(piece))[0])

    return {
        hashed(framed[at : at + n])
        for n in (3, 4, 5)
        for at in range(len(framed) - n + 1)
        if " " not in framed[at + 1 : at + n - 1]
    }


@given(texts)
def test_runs_of_characters_are_those_within_words(text: str) -> None:
    found = grams(text)
    runs = found.ends - found.starts  # clipped at the ends of the text, so words are told apart by hand
    assert len(found.buckets) == len(runs)
    assert by_hand(text) <= set(found.buckets.tolist())


@given(texts)
def test_the_same_words_fall_into_the_same_buckets_wherever_they_stand(text: str) -> None:
    alone = set(buckets("bridge").tolist())
    assert alone <= set(buckets(f"{text} bridge").tolist()) or not text.isprintable()
    assert alone <= set(buckets(f"bridge {text}").tolist())


@given(st.text(max_size=200))
def test_any_text_has_buckets_within_bounds(text: str) -> None:
    found = buckets(plain(text).text)
    assert (found < BUCKETS).all()
    assert len(set(found.tolist())) == len(found)


def test_pairs_of_words_know_their_order() -> None:
    assert set(buckets("new york").tolist()) != set(buckets("york new").tolist())
