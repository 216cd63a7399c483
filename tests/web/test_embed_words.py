"""The embed's words: its English is read from its scripts, and every other language has as much to say."""

from __future__ import annotations

import json
import re

import pytest

from service.web.embed import SOURCES, embed, words
from service.web.languages import ENGLISH, languages, voice
from service.web.problems import INTERNAL, KINDS
from service.web.sentences import PROBLEMS, for_the_embed, of_the_embed, of_the_service
from tests.web.conftest import House

OTHERS = [lang for lang in languages() if lang != ENGLISH]


def test_the_embeds_english_is_read_from_its_scripts_and_no_key_is_lost() -> None:
    there = of_the_embed()
    assert there["comments"] == ("{n} comment", "{n} comments")
    assert there["copied"] == "The link was copied."
    # A key that a script says and no script has would be shown to people as it is.
    for path in SOURCES.glob("*.js"):
        said = set(re.findall(r'\b(?:t|pieces)\("(\w+)"', path.read_text("utf-8")))
        assert said - set(there) == set(), path.name


def test_no_line_of_words_is_passed_over() -> None:
    lines = [
        line
        for path in SOURCES.glob("*.js")
        for block in re.findall(
            r"^const (?:english|words) = \{\n(.*?)^\}", path.read_text("utf-8"), re.M | re.S
        )
        for line in block.splitlines()
    ]
    assert len(lines) == len(of_the_embed()) > 60


@pytest.mark.parametrize("lang", OTHERS)
def test_the_embed_gets_all_that_it_may_have_to_say(lang: str) -> None:
    said = for_the_embed(voice(lang))
    kinds = {KINDS[problem].slug for problem in PROBLEMS} | {INTERNAL.slug}
    own = {one if isinstance(one, str) else one[1] for one in of_the_service()}
    keys = [*of_the_embed(), *kinds, *own, "dir"]
    # Three kinds of keys in one list: none may hide another.
    assert len(keys) == len(set(keys))
    assert set(said) == set(keys)
    for key, sentence in said.items():
        assert sentence, key
        if isinstance(sentence, dict):
            assert "other" in sentence
            assert set(sentence) <= {"zero", "one", "two", "few", "many", "other"}


def test_words_that_are_built_in_are_not_asked_for() -> None:
    assert sorted(words()) == [f"words/{lang}.json" for lang in OTHERS]


def test_words_are_of_the_scripts_version_and_kept_for_good(house: House) -> None:
    answer = house.client.get(f"/embed/{embed().version}/words/uk.json")
    assert answer.content_type == "application/json"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert json.loads(answer.data)["comments"]["few"] == "{n} коментарі"
    assert json.loads(house.client.get(f"/embed/{embed().version}/words/ar.json").data)["dir"] == "rtl"
    for odd in (
        f"{embed().version}/words/en.json",
        f"{embed().version}/words/xx.json",
        "0123456789abcdef/words/de.json",
    ):
        assert house.client.get(f"/embed/{odd}").status_code == 404
    assert 'languages = "ar de en es fr uk".split' in house.client.get("/embed.js").text


@pytest.mark.parametrize("lang", languages())
def test_what_stands_on_a_button_is_in_its_name(lang: str) -> None:
    """Who speaks to a browser says what is seen (WCAG 2.2, 2.5.3)."""
    spoken = voice(lang)
    for seen, name in (
        ("Reply", "Reply to {name}"),
        ("Share", "Share the comment by {name}"),
        ("Report", "Report the comment by {name}"),
    ):
        assert spoken.t(seen) in spoken.t(name, name="Odile")
    for n in (0, 1, 2, 5, 21, 100):
        likes = ("Like the comment by {name}: {n} like", "Like the comment by {name}: {n} likes")
        assert spoken.t("Like") in spoken.nt(*likes, n, name="Odile")
