"""What a scorer reads: disguises off, and every character's way back to the text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.plain import READ_MAX, plain


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("You 1d10t", "you idiot"),
        ("an @sshole", "an asshole"),
        ("sh!t happens", "shit happens"),
        ("what a j.e.r.k, j e r k", "what a jerk, jerk"),
        ("d-u-m-b", "dumb"),
        ("sооо lаmе", "soo lame"),  # Cyrillic
        ("ｓｔｕｐｉｄ", "stupid"),  # full width
        ("s\u200btu\u2060pid", "stupid"),
        ("stu\u0301pid\u0336", "stupid"),
        ("loooooser!!!!", "looser!!"),
        ("fish &amp; chips &#33;", "fish & chips !"),
        ("read https://www.news.example/a/b?c=d now", "read link ww news example now"),
        ("@anna you are right", " anna you are right"),
        ("Straße, naïve café", "strasse, naive cafe"),
    ],
)
def test_disguises_come_off(typed: str, read: str) -> None:
    assert plain(typed).text == read


@pytest.mark.parametrize(
    "typed",
    [
        "the 1st of may at 10am",
        "covid19 took 100 days",
        "$5k for 1080p",
        "3d and 4k",
        "call 55 0100",
        "stop!",
    ],
)
def test_digits_that_are_digits_stay(typed: str) -> None:
    assert plain(typed).text == typed


@given(st.text(max_size=300))
def test_every_character_leads_back_into_the_text(text: str) -> None:
    reading = plain(text)
    for place in range(len(reading.text)):
        start, end = reading.original(place, place + 1)
        assert 0 <= start < end <= len(text)


@given(st.text(alphabet="ab1!.@ -&;#x", max_size=200))
def test_places_follow_each_other(text: str) -> None:
    reading = plain(text)
    starts = [reading.original(place, place + 1)[0] for place in range(len(reading.text))]
    assert starts == sorted(starts)


def test_of_a_long_text_the_beginning_and_the_end_are_read() -> None:
    text = "begin " + "x y " * 5_000 + "finish"
    reading = plain(text)
    assert reading.text.startswith("begin")
    assert reading.text.endswith("finish")
    assert len(reading.text) <= READ_MAX
    assert reading.original(len(reading.text) - 6, len(reading.text)) == (len(text) - 6, len(text))


@pytest.mark.parametrize(
    "piece",
    [
        "a.",
        "a ",
        "@",
        "!",
        "1a",
        "&#3",
        "http://",
        "\u0301",
        "\u200b",
        "\U0001f1e6",
        "ﷺ",
        "a!",
        "aaaa ",
        "www.a",
    ],
)
def test_hostile_texts_are_read_in_linear_time(piece: str) -> None:
    def seconds(size: int) -> float:
        text = piece * (size // len(piece))
        started = time.process_time()
        plain(text)
        return time.process_time() - started

    seconds(1_000)
    # Ten kilobytes, of which some are read: far from what a quadratic step would take.
    assert min(seconds(10_000) for _ in range(3)) < 0.5
