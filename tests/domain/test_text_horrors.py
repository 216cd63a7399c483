"""Text made to spill, to grow or to cost: what people write beside it stays whole."""

from __future__ import annotations

import contextlib
import time
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.domain.text import MARKS_ON_ONE_BASE, STACKED, TextFault, normalise_line, normalise_text

JOINERS = "\u200c\u200d\u200e\u200f\u061c"
MARKS = "\u0301\u0327\u0334\u0336\u0489"


def towers(text: str) -> list[int]:
    """How many marks stand on each base; what cannot be seen is no base of its own."""
    heights = [0]
    for character in text:
        if unicodedata.category(character) in ("Mn", "Me") and not "\ufe00" <= character <= "\ufe0f":
            heights[-1] += 1
        elif character not in JOINERS and not "\ufe00" <= character <= "\ufe0f":
            heights.append(0)
    return heights


@given(st.text(alphabet=st.sampled_from("za \n" + MARKS + JOINERS + "\ufe0f\u200b\u034f"), max_size=60))
@example("z" + ("\u0336" * 4 + "\u200d") * 3)
def test_no_letter_carries_a_tower_of_marks_whatever_is_put_between_them(raw: str) -> None:
    try:
        text = normalise_text(raw, maximum=60)
    except TextFault:
        return
    assert max(towers(text)) <= MARKS_ON_ONE_BASE
    assert normalise_text(text, maximum=60) == text


@pytest.mark.parametrize("joiner", JOINERS, ids=lambda joiner: f"U+{ord(joiner):04X}")
def test_a_long_tower_is_refused_although_joiners_stand_in_it(joiner: str) -> None:
    with pytest.raises(TextFault, match=STACKED):
        normalise_text("z" + ("\u0336\u0337\u0338\u0334" + joiner) * 100, maximum=1_000)


@pytest.mark.parametrize(
    "text",
    [
        "လှုံ့ဆော်",  # Burmese: four marks on one letter
        "བསྒྲུབས་ཧཱུྃ",  # Tibetan: letters and vowels in one stack
        "ភាសាខ្មែរ",  # Khmer
        "ශ්‍රී ලංකා",  # Sinhala: a joiner after a mark
        "മലയാളത്തില്‍",  # Malayalam: the older form of a final letter
        "র‍্যাব",  # Bengali: a joiner before a mark
        "בְּרֵאשִׁ֖ית בָּרָ֣א",  # Hebrew with vowels and cantillation
        "1️⃣ 👁️‍🗨️ ❤️‍🔥 🏴‍☠️",  # keycap, and emoji of selector and joiner
        "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f Scotland",
    ],
    ids=ascii,
)
def test_scripts_that_stack_and_join_are_kept_to_the_letter(text: str) -> None:
    assert normalise_text(text, maximum=100) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(
    "letter", ["\ufb2c", "\u0958", "\U0001d160"], ids=lambda letter: f"U+{ord(letter):04X}"
)
def test_a_text_that_grows_past_the_bound_in_canonical_form_is_refused(letter: str) -> None:
    # Letters that canonical composition takes apart. A text that had grown could not be edited any more.
    size = len(unicodedata.normalize("NFC", letter))
    assert size > 1
    for normalise in (normalise_text, normalise_line):
        with pytest.raises(TextFault, match="at most 100"):
            normalise(letter * 100, maximum=100)
        assert len(normalise(letter * (100 // size), maximum=100)) == 100 // size * size


@given(st.text(max_size=40))
def test_what_was_taken_in_can_be_sent_again(raw: str) -> None:
    for normalise in (normalise_text, normalise_line):
        try:
            once = normalise(raw, maximum=20)
        except TextFault:
            continue
        assert len(once) <= 20
        assert normalise(once, maximum=20) == once


def test_no_noncharacter_and_no_control_is_kept_of_all_that_there_are() -> None:
    nowhere = [chr(plane << 16 | low) for plane in range(17) for low in (0xFFFE, 0xFFFF)]
    nowhere += [chr(code) for code in range(0xFDD0, 0xFDF0)]
    controls = [chr(code) for code in (*range(9), *range(0xE, 0x20), *range(0x7F, 0x85), *range(0x86, 0xA0))]
    turning = [chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))]
    for character in (*nowhere, *controls, *turning):
        assert normalise_text(f"a{character}b", maximum=10) == "ab", f"U+{ord(character):04X}"
        assert normalise_line(f"a{character}b", maximum=10) == "ab", f"U+{ord(character):04X}"


@pytest.mark.parametrize(
    "piece",
    [
        *(
            "\u200b",
            "\u200d",
            "a\u200b\u0301",
            "\ufe0f\u200d",
            "a \u200d",
            "\u202ea\u202c",
            "\u034f",
            "\u2800",
        ),
        *(
            "z" + "\u0301" * 29 + "\u200d",
            "\u00e9" + " " * 50,
            " \n",
            "\u00a0\n\u200d",
            "\ufb2c",
            "\U0001f3f4",
        ),
        *("\U0001f3f4" + "\U000e0041" * 9, "\r\u2028", "\u1100\u1161\u11a8", "\u0344", "\u0f73\u0f75"),
    ],
    ids=ascii,
)
def test_no_flood_of_the_largest_size_costs_more_than_a_moment(piece: str) -> None:
    hostile = "é" + piece * (20_000 // len(piece))
    began = time.process_time()
    with contextlib.suppress(TextFault):
        normalise_text(hostile, maximum=20_001)
    # Each takes some hundredths of a second; room for a slow machine, and none for the square of the length.
    assert time.process_time() - began < 0.5
