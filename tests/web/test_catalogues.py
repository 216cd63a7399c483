"""Every language says everything, in as many forms as it has, and with the same places as the English."""

from __future__ import annotations

import re
from collections import defaultdict

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from service.web.catalogue import brought_up, path_of, sentences, template, written
from service.web.languages import ENGLISH, LOCALES, WORDS, languages, voice
from service.web.sentences import by_category

OTHERS = [lang for lang in languages() if lang != ENGLISH]
PLACES = re.compile(r"\{\w*\}")
# As far as numbers of comments, likes, characters and minutes go, and what French and Spanish have of their own.
NUMBERS = (*range(1_300), 5_000, 10_000, 1_000_000)


def catalogue(lang: str) -> Catalog:
    with path_of(lang).open("rb") as file:
        return read_po(file, locale=lang, abort_invalid=True)


def test_readers_are_spoken_to_in_six_languages() -> None:
    assert languages() == ("ar", "de", "en", "es", "fr", "uk")
    assert set(LOCALES) <= set(languages())


def test_the_template_for_translators_is_what_the_code_says() -> None:
    assert (WORDS / "messages.pot").read_bytes() == written(template())


@pytest.mark.parametrize("lang", OTHERS)
def test_a_language_has_every_sentence_and_no_other(lang: str) -> None:
    there = catalogue(lang)
    assert {message.id for message in there if message.id} == set(sentences())
    assert there.obsolete == {}
    assert [message.id for message in there if message.id and message.fuzzy] == []
    # As the command writes it: nothing moves when sentences are gathered again.
    assert path_of(lang).read_bytes() == written(brought_up(lang))


@pytest.mark.parametrize("lang", OTHERS)
def test_no_sentence_lacks_its_translation(lang: str) -> None:
    spoken = voice(lang)
    lacking = [one for one in sentences() if one not in spoken.sentences and one not in spoken.plurals]
    assert lacking == []
    same = {one for one, said in spoken.sentences.items() if said == one}
    # Words that are the same in both, and punctuation.
    assert same <= {"Name", "Error: {title}", "{field}: {fault}", "Spam"}


@pytest.mark.parametrize("lang", OTHERS)
def test_a_translation_has_the_places_of_the_english(lang: str) -> None:
    spoken = voice(lang)
    for sentence, said in spoken.sentences.items():
        assert sorted(PLACES.findall(said)) == sorted(PLACES.findall(sentence)), said
    numbers: dict[int, set[int]] = defaultdict(set)
    for n in NUMBERS:
        numbers[spoken.form(n)].add(n)
    for (one, _), forms in spoken.plurals.items():
        for at, said in enumerate(forms):
            lacks = set(PLACES.findall(one)) - set(PLACES.findall(said))
            assert set(PLACES.findall(said)) <= set(PLACES.findall(one)), said
            # "Two replies" needs no number; a form for many numbers does.
            assert not lacks or (lacks == {"{n}"} and len(numbers[at]) == 1), said


@pytest.mark.parametrize(("lang", "forms"), [("ar", 6), ("de", 2), ("es", 2), ("fr", 2), ("uk", 3)])
def test_a_language_has_as_many_forms_as_it_tells_apart(lang: str, forms: int) -> None:
    spoken = voice(lang)
    assert catalogue(lang).num_plurals == forms
    assert {spoken.form(n) for n in NUMBERS} == set(range(forms))
    assert {len(said) for said in spoken.plurals.values()} == {forms}


@pytest.mark.parametrize("lang", OTHERS)
def test_browsers_and_pages_choose_the_same_form_for_every_number(lang: str) -> None:
    spoken = voice(lang)
    forms = tuple(f"form {at}" for at in range(catalogue(lang).num_plurals))
    chosen = by_category(spoken, forms)
    for n in NUMBERS:
        assert chosen[spoken.locale.plural_form(n)] == forms[spoken.form(n)], n
