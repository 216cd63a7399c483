"""Text that strangers type: bounded and canonical, and every script that people write left whole."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.domain.text import (
    BROKEN,
    EMPTY,
    MARKS_ON_ONE_BASE,
    STACKED,
    TextFault,
    normalise_line,
    normalise_text,
)

ANY = st.text(max_size=60)
ODD = st.text(
    alphabet=st.sampled_from(
        "aé \n\t\r\x00\x07\x1b\x7f\x85\u00a0\u00ad\u200b\u200c\u200d\u200e\u202e\u2066\u2069\ufeff\u0301\u0327"
        "\u2028\ufffc\ufdd0\ue000\ufe0f\U000e0041\U000e007f\U0001f3f4👩א"
    ),
    max_size=40,
)


def text_of(raw: str) -> str | None:
    try:
        return normalise_text(raw, maximum=10_000)
    except TextFault:
        return None


def is_bidi_control(character: str) -> bool:
    return "\u202a" <= character <= "\u202e" or "\u2066" <= character <= "\u2069"


@given(ANY | ODD)
@example("a\u200b\u0301\u202eb")
@example("\U000e0041\U000e0041a\U000e007f")
def test_what_is_canonical_stays_as_it_is(raw: str) -> None:
    once = text_of(raw)
    if once is not None:
        assert normalise_text(once, maximum=10_000) == once


@given(ANY | ODD)
def test_nothing_is_kept_that_hides_or_turns_round_what_is_read(raw: str) -> None:
    text = text_of(raw)
    if text is None:
        return
    assert unicodedata.is_normalized("NFC", text)
    assert text == text.strip()
    for character in text:
        assert (
            character == "\n"
            or unicodedata.category(character) not in ("Cc", "Cs", "Co", "Cn")
            or (
                # Code points of a later Unicode than this Python's are kept: they may be letters.
                unicodedata.category(character) == "Cn" and not "\ufdd0" <= character <= "\ufdef"
            )
        )
        assert not is_bidi_control(character)
        assert character not in "\u200b\u2060\ufeff\u00ad\u180e\ufffc"
    assert "\n\n\n" not in text
    assert not any(line != line.rstrip() for line in text.split("\n"))


@given(ANY | ODD)
def test_a_line_is_one_line(raw: str) -> None:
    try:
        line = normalise_line(raw, maximum=200)
    except TextFault:
        return
    assert "\n" not in line
    assert "  " not in line
    assert line == line.strip()
    assert normalise_line(line, maximum=200) == line


@pytest.mark.parametrize(
    "text",
    [
        "שָׁלוֹם, מַה נִּשְׁמַע?",  # Hebrew with vowels
        "بِسْمِ ٱللَّهِ ٱلرَّحْمَٰنِ",  # Arabic with marks
        "ที่นี่มีเรือข้ามฟาก",  # Thai
        "हिन्दी में टिप्पणी, क्ष त्र ज्ञ",  # Devanagari
        "Tiếng Việt có nhiều dấu",  # Vietnamese
        "می‌خواهم",  # Persian, with a joiner that changes the word
        "日本語、한국어、中文",
        "Ελληνικά και кириллица",
        "👨‍👩‍👧‍👦 family, 👩🏽‍🔬 scientist, ❤️ heart",
        "🏴󠁧󠁢󠁥󠁮󠁧󠁿 🇩🇪 🏳️‍🌈",  # a flag of tags, of letters, of joiners
        "naïve café – “quoted” … 50 €",
        "tabs\u00a0stay apart",
    ],
    ids=lambda text: text[:8],
)
def test_what_people_write_is_kept_to_the_letter(text: str) -> None:
    assert normalise_text(text, maximum=200) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("a\r\nb\rc\u2028d\x85e", "a\nb\nc\nd\ne"),
        ("one\n\n\n\n\ntwo", "one\n\ntwo"),
        ("trailing   \nspaces \t\n", "trailing\nspaces"),
        ("a\x00b\x1b[31mc", "ab[31mc"),
        ("adm\u200bin", "admin"),
        ("\u202egnirts\u202c", "gnirts"),
        ("e\u0301", "é"),
        ("x" + "\u200d" * 50 + "y", "x\u200dy"),
        ("z" + "\u0336" * 20, "z" + "\u0336" * MARKS_ON_ONE_BASE),
        ("lonely \U000e0061\U000e0062 tags", "lonely  tags"),
        ("private \ue000\U000f0000 use", "private  use"),
        ("BOM\ufeff", "BOM"),
    ],
    ids=lambda value: repr(value)[:24],
)
def test_what_only_disturbs_is_taken_out(raw: str, kept: str) -> None:
    assert normalise_text(raw, maximum=200) == kept


@pytest.mark.parametrize(
    "raw", ["", "  \n\t ", "\u200b\u200b", "\u2800\u2800", "\u200e\u200f", "\x00", "\u3164"]
)
def test_nothing_is_no_comment(raw: str) -> None:
    with pytest.raises(TextFault, match=EMPTY):
        normalise_text(raw, maximum=100)


def test_too_much_is_refused_and_never_cut() -> None:
    assert normalise_text("x" * 100, maximum=100) == "x" * 100
    with pytest.raises(TextFault, match="at most 100"):
        normalise_text("x" * 101, maximum=100)
    with pytest.raises(TextFault, match="at most 1,000"):
        # What would be taken out counts, too: looking at it costs time.
        normalise_text("\u200b" * 1_001, maximum=1_000)


def test_what_cannot_be_stored_is_refused() -> None:
    with pytest.raises(TextFault, match=BROKEN):
        normalise_text("half \ud83d of a pair", maximum=100)


def test_a_long_run_of_marks_is_refused_before_it_costs_time() -> None:
    hostile = "a" + "\u0301\u0327" * 32_000
    began = time.process_time()
    with pytest.raises(TextFault, match=STACKED):
        normalise_text(hostile, maximum=100_000)
    # Putting it into canonical form takes seconds; generous room for a slow machine.
    assert time.process_time() - began < 1.0
