"""Words cut into the pieces of a vocabulary: the longest that fit, and nothing lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.plain import plain
from service.scoring.scorer import WEIGHTS
from service.scoring.wordpieces import LONGEST_WORD, WordPieces

VOCABULARY = (WEIGHTS / "vocab.txt").read_text(encoding="utf-8").split("\n")


@pytest.fixture(scope="module")
def pieces() -> WordPieces:
    return WordPieces(WEIGHTS / "vocab.txt")


def spelled(pieces: WordPieces, reading: str) -> list[str]:
    return [VOCABULARY[number] for number in pieces.encode(reading)]


@pytest.mark.parametrize(
    ("reading", "cut"),
    [
        ("", []),
        ("what a bridge!", ["what", "a", "bridge", "!"]),
        ("unbelievably", ["un", "##bel", "##ie", "##va", "##bly"]),
        ("don't", ["don", "'", "t"]),
        ("a-b_c", ["a", "-", "b", "_", "c"]),
        ("北京", ["北", "京"]),
        ("\u200bx\u0007y", ["x", "##y"]),
        ("\U0001f600", ["[UNK]"]),
        ("x" * (LONGEST_WORD + 1), ["[UNK]"]),
    ],
)
def test_words_are_cut_as_the_vocabulary_has_them(pieces: WordPieces, reading: str, cut: list[str]) -> None:
    assert spelled(pieces, reading) == cut


@given(st.text(alphabet="abcdefghij klmnop'!?.", max_size=120))
def test_the_pieces_of_latin_text_spell_it(text: str) -> None:
    found = spelled(WordPieces(WEIGHTS / "vocab.txt"), text)
    assert "".join(piece.removeprefix("##") for piece in found) == "".join(text.split())


@given(st.text(max_size=200))
def test_any_text_is_cut(text: str) -> None:
    numbers = WordPieces(WEIGHTS / "vocab.txt").encode(plain(text).text)
    assert all(0 <= number < len(VOCABULARY) for number in numbers)


def test_the_library_cuts_the_same(pieces: WordPieces) -> None:
    """Held against the reference where it is installed (the dependency group ``training``)."""
    tokenizers = pytest.importorskip("tokenizers")
    library = tokenizers.BertWordPieceTokenizer(str(Path(WEIGHTS / "vocab.txt")), lowercase=True)
    for text in [
        "What a lovely bridge, isn't it?",
        "naïve café 北京 x\u200dy",
        "a" * 90,
        "1,234.5 €",
        "#hash_tag @you",
    ]:
        reading = plain(text).text
        assert pieces.encode(reading) == library.encode(reading, add_special_tokens=False).ids
