"""Text as it sounds: whatever it is dressed up in, and always with the place that it came from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.folding import fold, unleet


@pytest.mark.parametrize(
    ("dressed", "plain"),
    [
        ("WeirBridge", "weirbridge"),
        ("Wéïrbrîdge", "weirbridge"),
        ("ｗｅｉｒbridge", "weirbridge"),
        ("𝓦𝓮𝓲𝓻bridge", "weirbridge"),
        ("wеirbridgе", "weirbridge"),  # two Cyrillic letters
        ("wεirbridge", "weirbridge"),  # a Greek one
        ("we\u200bir\u00adbridge", "weirbridge"),
        ("w\u0336e\u0336ir", "weir"),
        ("straße", "strasse"),
        ("ﬁne", "fine"),
        ("日本語", "日本語"),
    ],
)
def test_letters_that_look_like_others_are_those(dressed: str, plain: str) -> None:
    assert fold(dressed).text == plain


@given(st.text(max_size=60))
def test_every_folded_character_knows_where_it_came_from(text: str) -> None:
    folded = fold(text)
    if folded.offsets is None:
        assert folded.text == text.lower()
        return
    assert len(folded.offsets) == len(folded.text)
    assert list(folded.offsets) == sorted(folded.offsets)
    for place in range(len(folded.text)):
        start, end = folded.original(place, place + 1)
        assert 0 <= start < end <= len(text)


@given(st.text(alphabet="abcxyzАвеéßﬁ\u200b ", min_size=1, max_size=30))
def test_a_span_of_the_folded_text_leads_to_the_words_that_were_typed(text: str) -> None:
    folded = fold(text)
    if folded.text.strip():
        start, end = folded.original(0, len(folded.text))
        # What was typed there folds to the same again.
        assert fold(text[start:end]).text == folded.text


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("w31rbr1dg3", "weirbridge"),
        ("f3rry $h1p", "ferry ship"),
        ("in 2026 for 1000 €", "in 2026 for 1000 €"),
        ("$100 and 7.10", "$100 and 7.10"),
        ("c@t", "cat"),
        ("what!", "what!"),
        ("wh!at", "whiat"),
        ("stop ! now", "stop ! now"),
        ("", ""),
    ],
)
def test_digits_inside_words_are_letters_and_numbers_stay_numbers(typed: str, meant: str) -> None:
    assert unleet(typed) == meant


@given(st.text(alphabet="ab01345!|$@ .", max_size=40))
def test_reading_digits_as_letters_moves_nothing(text: str) -> None:
    spoken = unleet(text)
    assert len(spoken) == len(text)
    assert all(one == two or one in "013457@$!|" for one, two in zip(text, spoken, strict=True))
