"""What people type is cut into the same words as what is searched, and into nothing else."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.errors import InvalidSubmission
from service.domain.search import TERMS_MAX, Term, Words, read_words, searchable, words_of


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("Bridge", Words((Term(("bridge",), begins=True),))),
        ("the bridge", Words((Term(("the",)), Term(("bridge",), begins=True)))),
        ('"the bridge"', Words((Term(("the", "bridge")),))),
        ('ferry "the bridge', Words((Term(("ferry",)), Term(("the", "bridge"))))),
        ("bridge -ferry", Words((Term(("bridge",)),), (Term(("ferry",)),))),
        ('bridge -"old ferry"', Words((Term(("bridge",)),), (Term(("old", "ferry")),))),
        ("o'brien", Words((Term(("o", "brien"), begins=True),))),
        ("brückè AND", Words((Term(("brucke",)), Term(("and",), begins=True)))),
        ("a", Words((Term(("a",)),))),
        ("col:x* ^y", Words((Term(("col", "x")), Term(("y",))))),
    ],
)
def test_words_are_required_phrases_kept_and_the_last_may_be_a_beginning(typed: str, words: Words) -> None:
    assert read_words(typed) == words


@pytest.mark.parametrize("typed", ["", "!!!", "-spam", '""', "- -", "x " * (TERMS_MAX + 1), "x" * 201])
def test_who_asks_for_nothing_or_too_much_is_told_so(typed: str) -> None:
    with pytest.raises(InvalidSubmission) as caught:
        read_words(typed)
    assert caught.value.errors[0].pointer == "/q"


@given(st.text(max_size=60))
def test_what_is_searched_is_small_latin_letters_and_digits(text: str) -> None:
    assert re.fullmatch("[a-z0-9]*(?: [a-z0-9]+)*", searchable(text))


@given(st.text(alphabet="aqбжक预水1é", min_size=1, max_size=6), st.text(alphabet="aqбжक预水1é", max_size=6))
def test_different_letters_are_spelled_differently(one: str, other: str) -> None:
    from service.domain.folding import fold

    same = fold(one).text == fold(other).text
    assert (words_of(one) == words_of(other)) == same


def test_a_script_without_spaces_is_searched_character_by_character() -> None:
    assert len(words_of("水道預算")) == 4
    assert words_of("水道預算")[2:] == words_of("預算")


@given(st.text(max_size=200))
def test_whatever_is_typed_is_read_or_refused(typed: str) -> None:
    try:
        words = read_words(typed)
    except InvalidSubmission:
        return
    for term in (*words.required, *words.excluded):
        assert all(re.fullmatch("[a-z0-9]+", word) for word in term.words)
