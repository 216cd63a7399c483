"""Which texts are taken for English: what readers of English papers write, in disguise too; other languages are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.scoring.scorer import WEIGHTS
from service.scoring.tongue import LEAST, English, words_of
from service.web.languages import ENGLISH, languages, voice

SHORTEST = min(words for words, _ in LEAST)
SAID = (
    "The council should have asked the people who take the ferry before it voted on the timetable.",
    "lol no way they paid that much for a bridge nobody wants",
    "Great reporting! More of this please, and fewer stories about who wore what at the gala.",
    "My grandmother crossed that river every day of her life, and she never once complained about the cold.",
    "Buy cheap followers now, visit our shop for the best deals and get rich working from home",
    "WHO VOTED FOR THIS??? WE DID NOT!!! THEY NEVER LISTEN TO US AND THEY NEVER WILL",
    "He's right, though: if it can't be repaired for less than that, it isn't worth it, and we all know it.",
)
DISGUISED = (
    "y o u   a r e a total 1d10t and everybody in this town knows it by now",
    "уоu аrе а dіsgrасе tо thіs tоwn аnd уоu shоuld bе аshаmеd оf уоursеlf",
    "Y0u sh0uld b3 4sh4m3d of wh4t y0u wr0te ab0ut the f3rry and its p3ople",
    "yoooou shouuuuld be so ashaaaamed of what you wrote about the people here",
)
FOREIGN = (
    "Die Brücke ist wirklich schön geworden, und ich freue mich jeden Tag darauf, mit der Fähre zu fahren.",
    "Je trouve que le conseil municipal aurait dû demander leur avis aux habitants avant de voter.",
    "No entiendo por qué el ayuntamiento no preguntó antes a los vecinos que usan el barco todos los días.",
    "Я вважаю, що міська рада мала спершу запитати людей, які щодня користуються поромом.",
    "أعتقد أنه كان على المجلس أن يسأل الناس الذين يستخدمون العبّارة كل يوم قبل التصويت.",
    "我认为市议会在投票之前应该先征求每天乘坐渡轮的居民的意见 谢谢 大家 的 支持 和 理解 再见",
)


@pytest.fixture(scope="module")
def english() -> English:
    return English(WEIGHTS / "english.txt")


@pytest.mark.parametrize("text", SAID + DISGUISED)
def test_what_is_written_in_english_is_taken_for_english(english: English, text: str) -> None:
    assert english.may_be(text)


@pytest.mark.parametrize("text", FOREIGN)
def test_other_languages_are_not(english: English, text: str) -> None:
    assert not english.may_be(text)


@pytest.mark.parametrize("lang", [lang for lang in languages() if lang != ENGLISH])
def test_most_sentences_of_our_own_catalogues_are_told_from_english(english: English, lang: str) -> None:
    said = [text for text in voice(lang).sentences.values() if len(list(words_of(text))) >= 10]
    foreign = [text for text in said if not english.may_be(text)]
    assert len(said) > 20
    assert len(foreign) >= 0.85 * len(said)


def test_the_english_of_our_own_pages_is_english(english: English) -> None:
    long = [text for text in voice("de").sentences if len(list(words_of(text))) >= SHORTEST]
    assert len(long) > 50
    assert [text for text in long if not english.may_be(text)] == []


@given(st.lists(st.text("abcdefghijklmnopqrstuvwxyzäéßøżñ", min_size=1, max_size=8), max_size=SHORTEST - 1))
def test_of_a_few_words_in_latin_letters_nothing_is_said(words: list[str]) -> None:
    assert English(WEIGHTS / "english.txt").may_be(" ".join(words))


@pytest.mark.parametrize(
    "text",
    [
        "Ненавиджу",
        "Ненавиджу вас усіх",
        "أكرهكم",
        "我恨你们",
        "मुझे तुमसे नफरत है",
        "Σας μισώ",
        "Я тебе знайду, Mike",
    ],
)
def test_letters_that_english_does_not_have_tell_it_from_the_first_word_on(
    english: English, text: str
) -> None:
    assert not english.may_be(text)


@pytest.mark.parametrize(
    "text", ["Ich bringe dich um!", "Va te faire foutre, connard", "Halt endlich deine Fresse"]
)
def test_of_four_words_one_at_least_is_common_in_english(english: English, text: str) -> None:
    assert not english.may_be(text)
    assert english.may_be(f"you {' '.join(text.split()[:3])}")


@pytest.mark.parametrize(
    "text", ["Bravo, Θ!", "Merci, Макрон and Zelensky", "Gross naïveté, señor Müller, you know", "уоu іdіоt"]
)
def test_a_foreign_name_or_a_disguise_makes_no_english_text_foreign(english: English, text: str) -> None:
    assert english.may_be(text)


@pytest.mark.parametrize(
    "text",
    [
        "https://example.org/a/very/long/path?of=nothing",
        "1 22 333 12:30 42 % 3.141 £64,000 WWW.EXAMPLE.ORG/x",
        "🎉🎉🎉 :-) !!! ??? ...",
        "",
    ],
)
def test_links_numbers_and_signs_are_no_words(text: str) -> None:
    assert list(words_of(text)) == []


@given(st.text(max_size=400))
def test_whatever_is_written_has_an_answer(text: str) -> None:
    english = English(WEIGHTS / "english.txt")
    assert english.may_be(f"\n{text} \t") == english.may_be(text)
