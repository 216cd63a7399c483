"""Words of a list, also in disguise; words that only hold one are left alone."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.checks.wordlist import BUILT_IN, Wordlist
from tests.checks.cases import case, marked

OURS = {"hold": ["weirbridge", "mud pie", "bucket*"], "built_in": False}


def check(**options: Any) -> Wordlist:
    return Wordlist({**OURS, **options})


@pytest.mark.parametrize(
    "text",
    [
        *("weirbridge", "That Weirbridge!", "WEIRBRIDGE", "(weirbridge)", "a weirbridge, b"),
        *(
            "w31rbr1dg3",
            "wéirbrïdge",
            "wеirbridgе",
            "ｗｅｉｒｂｒｉｄｇｅ",
            "we\u200cirbridge",
            "w e i r b r i d g e",
        ),
        *("w.e.i.r.b.r.i.d.g.e", "w-e-i-r-b-r-i-d-g-e", "weiiiiirbridge", "weirrrbriiidge", "𝖜𝖊𝖎𝖗bridge"),
        *("what a mud pie", "bucket", "buckets", "bucketful"),
    ],
)
def test_a_word_is_found_however_it_is_dressed(text: str) -> None:
    finding = check().run(case(text))
    assert finding.label == "offensive"
    assert finding.score >= 0.7
    assert finding.evidence


@pytest.mark.parametrize(
    "text",
    [
        *(
            "weirbridges",
            "overweirbridge",
            "weir bridge",
            "weird bridge",
            "mud. pie",
            "mud",
            "abucket",
            "b u c k e t"[:7],
        ),
        *("", "1000 2000", "w 3 1 r", "weirbridge7x"),
    ],
)
def test_a_word_inside_another_is_another_word(text: str) -> None:
    assert check().run(case(text)).score == 0


DRESSES = st.sampled_from(["plain", "upper", "leet", "accent", "lookalike", "spaced", "repeated"])


def dressed(word: str, dress: str) -> str:
    return {
        "plain": word,
        "upper": word.upper(),
        "leet": word.translate(str.maketrans("eio", "310")),
        "accent": word.translate(str.maketrans("ei", "éï")),
        "lookalike": word.translate(str.maketrans("eio", "еіо")),
        "spaced": " ".join(word),
        "repeated": word[0] + word[1] * 4 + word[2:],
    }[dress]


@given(
    DRESSES,
    st.sampled_from(["", "So ", "Ünï ", "日本 ", "(", "👩‍🔬 "]),
    st.sampled_from(["", " it is", "!", "."]),
)
def test_the_place_that_is_marked_is_the_word_as_it_was_typed(dress: str, before: str, after: str) -> None:
    typed = dressed("weirbridge", dress)
    if dress == "leet":
        # An exclamation mark beside it would be one more letter.
        after = after.replace("!", ".")
    text = before + typed + after
    finding = check().run(case(text))
    assert typed in marked(finding, text)


def test_more_places_weigh_more() -> None:
    scores = [check().run(case(" and ".join(["weirbridge"] * count))).score for count in (1, 2, 3, 9)]
    assert scores == sorted(scores)
    assert scores[0] == 0.7
    assert scores[-1] == 1.0


def test_an_editor_lets_words_pass_and_adds_others() -> None:
    assert check(allow=["Weirbridge"]).run(case("weirbridge")).score == 0
    assert check(hold=["# no comment", "", "  ferry  "]).run(case("the ferry")).score > 0
    assert check(hold=["# no comment"]).run(case("# no comment")).score == 0


def test_the_built_in_list_is_used_unless_an_editor_says_no() -> None:
    words = [line for line in BUILT_IN.read_text().splitlines() if line and not line.startswith("#")]
    assert len(words) > 20
    word = words[0].rstrip("*")
    assert Wordlist({}).run(case(word)).score > 0
    assert Wordlist({"built_in": False}).run(case(word)).score == 0
    # Towns and everyday words that hold one.
    for innocent in ("Scunthorpe", "classic", "Essex", "assess the grass", "cockpit", "Penistone"):
        assert Wordlist({}).run(case(innocent)).score == 0, innocent


def test_a_list_of_ten_thousand_words_costs_little() -> None:
    began = time.process_time()
    large = Wordlist({"hold": [f"word{number:05}x" for number in range(10_000)], "built_in": False})
    assert time.process_time() - began < 5
    text = "word07777x is one of them, and " + "the rest of this is not. " * 300
    began = time.process_time()
    for _ in range(20):
        assert large.run(case(text)).score == 0.7
    assert time.process_time() - began < 2
