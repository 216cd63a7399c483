"""The gallery of looks: there where the demo is, and its text is what dresses it."""

from __future__ import annotations

import re
from html import unescape

import pytest

from service.web.gallery import LOOKS, RULES, Look, blocks
from tests.web.conftest import STORY, House, Opener
from tests.web.test_pages import Page, inert

PROPERTIES = {"accent", "text", "surface", "border", "radius", "space", "font"}
PARTS = {"comment", "author", "badge", "form", "button"}


def test_every_look_has_rules_and_all_rules_are_shown(house: House) -> None:
    text = RULES.read_text("utf-8")
    keys = [look.key for look in LOOKS]
    assert list(blocks()) == keys == re.findall(r"^\.(\w+) \{$", text, re.MULTILINE)
    answer = house.client.get("/demo/gallery")
    shown = re.findall(r"<pre><code>(.*?)</code></pre>", answer.text, re.DOTALL)
    assert [unescape(one) for one in shown] == [look.rules for look in LOOKS]
    # Nothing in the file is left over: word by word, it is the blocks and the comment above them.
    words = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL).split()
    assert words == " ".join(f".{look.key} {{ {look.rules} }}" for look in LOOKS).split()


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.key)
def test_a_look_is_made_of_what_the_embed_documents(look: Look) -> None:
    rules = look.rules
    assert set(re.findall(r"--greenroom-(\w+)", rules)) <= PROPERTIES
    assert set(re.findall(r"::part\((\w+)\)", rules)) <= PARTS
    selectors = re.findall(r"^(\S.*?)[,{]", rules, re.MULTILINE)
    assert all(one.startswith("greenroom-comments") for one in selectors)


def test_the_page_is_ours_alone_and_shows_the_demos_story(house: House) -> None:
    page = inert(house.client.get("/demo/gallery"))
    elements = page.all("greenroom-comments")
    assert len(elements) == len(LOOKS)
    assert {one["url"] for one in elements} == {f"{house.settings.public_url}/demo/"}
    for one, look in zip(elements, LOOKS, strict=True):
        assert (one.get("theme"), one.get("lang"), one.get("dir")) == (look.theme, look.lang, look.dir)
    assert all(attributes.get("style") is None for _, attributes in page.elements)


def test_the_story_leads_to_the_gallery_and_back(house: House) -> None:
    assert "/demo/gallery" in [one["href"] for one in Page(house.client.get("/demo/")).all("a")]
    assert "/demo/" in [one["href"] for one in Page(house.client.get("/demo/gallery")).all("a")]


def test_where_the_demo_is_off_there_is_no_gallery(open_daily: Opener) -> None:
    house = open_daily(demo="off")
    for path in ("/demo/", "/demo/gallery"):
        answer = house.client.get(path, headers={"Accept-Language": "de"})
        assert answer.status_code == 404
        assert answer.headers["Content-Language"] == "de"
    assert house.client.get(f"/daily/frame?url={STORY}").status_code == 200
