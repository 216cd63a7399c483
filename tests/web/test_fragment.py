"""Pieces for a publisher's page: the comments as HTML and as linked data, inert whatever strangers wrote."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote

import nh3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.adapters.sanitizer import REL, TAGS
from service.domain.site import Site
from tests.adapters.test_sanitizer import MARKDOWN, PAYLOADS
from tests.web.conftest import ADDRESS, STORY, House, open_house
from tests.web.stage import close_story, flattened, put_on_stage
from tests.web.test_pages import OUT

PUBLIC = "http://127.0.0.1:8080"
FRAGMENT, LINKED = "/v1/threads.html", "/v1/threads.jsonld"
# What the template makes, with the attributes of each; in a body stands what the sanitizer lets through.
OURS: dict[str, set[str]] = {
    **{tag: set() for tag in (*TAGS, "h2", "ol", "li", "header", "b", "bdi")},
    "section": {"class", "aria-labelledby"},
    "h2": {"id"},
    "article": {"id"},
    "a": {"href", "rel"},
    "time": {"datetime"},
    "div": {"dir"},
}
SCRIPT = re.compile(r'<script type="application/ld\+json">(.*)</script>\n?', re.DOTALL)


class Fragment(HTMLParser):
    """A fragment as a browser reads it, checked to hold the elements and attributes of the template alone."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.scripts: list[str] = []
        self._in_script = False
        self.feed(html)
        self.close()
        for tag, attributes in self.elements:
            if tag == "script":
                assert attributes == {"type": "application/ld+json"}
                continue
            assert set(attributes) <= OURS[tag], (tag, attributes)
            if tag == "a":
                address = attributes["href"] or ""
                assert address.startswith(("https://", "http://", "#greenroom-")), address

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._in_script = tag == "script"
        if self._in_script:
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.scripts[-1] += data
        else:
            self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    handle_decl = handle_pi = unknown_decl = handle_comment

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def asked(house: House, path: str, url: str = STORY, **query: Any) -> Any:
    answer = house.client.get(path, query_string={"site": "daily", "url": url, **query})
    assert answer.status_code == 200, answer.text
    return answer


def fragment(house: House, url: str = STORY, **query: Any) -> Fragment:
    """A fragment, checked to be inert by two parsers, and to end with the linked data."""
    answer = asked(house, FRAGMENT, url, **query)
    assert answer.content_type == "text/html; charset=utf-8"
    found = Fragment(answer.text)
    [script] = found.scripts
    assert script.encode() == asked(house, LINKED, url, **query).data
    [written] = SCRIPT.findall(answer.text)
    assert "<" not in written
    # The other parser builds a tree as browsers do: what it writes of this is the same, so nothing left its place.
    visible = SCRIPT.sub("", answer.text)
    assert answer.text.startswith(visible)
    again = nh3.clean(visible, tags=set(OURS), attributes=OURS, link_rel=None, url_schemes={"http", "https"})
    assert Fragment(again).elements == Fragment(visible).elements
    assert Fragment(again).text == Fragment(visible).text
    return found


def linked(house: House, url: str = STORY, **query: Any) -> dict[str, Any]:
    answer = asked(house, LINKED, url, **query)
    assert answer.content_type == "application/ld+json"
    found: dict[str, Any] = json.loads(answer.data)
    return found


# --- what is in it ---------------------------------------------------------------------------------------------------


def test_a_fragment_holds_the_conversation_as_it_stands(either_house: House) -> None:
    made = put_on_stage(either_house, [None, 0, 1, None])
    either_house.decide(str(made[1]), "reject", reasons=["other"])
    found = fragment(either_house)
    assert [one["id"] for one in found.all("article")] == [f"greenroom-{one}" for one in made]
    assert "3 comments" in found.text
    assert "This comment was removed." in found.text
    assert "Comment 1." not in found.text
    for tag in ("html", "head", "body", "style", "link", "title"):
        assert not found.all(tag)
    assert len(found.all("time")) == len(found.all("bdi")) == 3
    assert found.all("a")[-1]["href"] == f"{PUBLIC}/daily/t?url={quote(STORY, safe='')}"
    assert "Read and write comments" in found.text
    close_story(either_house)
    assert "Comments are closed" in fragment(either_house).text


def test_a_fragment_of_nothing_says_so_and_leads_to_the_form(house: House) -> None:
    found = fragment(house)
    assert "No comments yet" in found.text
    assert not found.all("ol")
    assert len(found.all("a")) == 1


def test_what_is_linked_in_a_comment_is_vouched_for_by_nobody(house: House) -> None:
    house.approved("See https://example.org/x and [this](https://example.org/y).")
    links = [one for one in fragment(house).all("a") if "example.org" in (one["href"] or "")]
    assert [one["rel"] for one in links] == [REL, REL]


@pytest.mark.parametrize("query", [{}, {"sort": "newest"}])
def test_a_fragment_leads_on_to_our_own_page(house: House, query: dict[str, str]) -> None:
    made = put_on_stage(house, [None, None, None])
    found = fragment(house, limit=2, **query)
    shown = [one["id"] for one in found.all("article")]
    [following] = [one["href"] or "" for one in found.all("a") if one.get("rel") == "next"]
    assert following.startswith(f"{PUBLIC}/daily/t?")
    shown += re.findall(
        r'<article class="comment" id="([^"]+)"', house.client.get(following[len(PUBLIC) :]).text
    )
    assert sorted(filter(None, shown)) == [f"greenroom-{one}" for one in made]
    assert not [one for one in fragment(house, limit=3).all("a") if one.get("rel") == "next"]


def test_linked_data_says_of_the_story_how_many_comments_it_has_and_what_they_are(
    either_house: House,
) -> None:
    first = either_house.post("A *bridge* is <a promise>.\n\nIs it?", title="A stranger's title")
    either_house.decide(first["id"])
    reply = either_house.approved("It is.", parent_id=first["id"], author={"name": "Grace", "email": ADDRESS})
    own = {"Authorization": f"Bearer {first['edit_token']}"}
    either_house.client.patch(
        f"/v1/comments/{first['id']}", json={"text": "A *bridge* is <a promise>.\n\nNo?"}, headers=own
    )
    either_house.decide(first["id"])
    [node] = either_house.thread().get_json()["comments"]
    assert linked(either_house) == {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "@id": STORY,
        "commentCount": 2,
        "comment": [
            {
                "@type": "Comment",
                "@id": f"{STORY}#greenroom-{first['id']}",
                "text": "A bridge is <a promise>.\n\nNo?",
                "author": {"@type": "Person", "name": "Ada"},
                "datePublished": node["created_at"],
                "dateModified": node["edited_at"],
                "comment": [
                    {
                        "@type": "Comment",
                        "@id": f"{STORY}#greenroom-{reply}",
                        "text": "It is.",
                        "author": {"@type": "Person", "name": "Grace"},
                        "datePublished": node["replies"][0]["created_at"],
                    }
                ],
            }
        ],
    }


def test_linked_data_keeps_a_place_for_what_is_gone_and_says_nothing_of_it(house: House) -> None:
    made = put_on_stage(house, [None, 0])
    house.decide(str(made[0]), "reject", reasons=["other"])
    [gone] = linked(house)["comment"]
    assert set(gone) == {"@type", "@id", "creativeWorkStatus", "comment"}
    assert gone["creativeWorkStatus"] == "Deleted"
    assert gone["comment"][0]["text"] == "Comment 1."


def test_an_id_that_nobody_gave_is_a_story_of_which_nothing_is_known(house: House) -> None:
    found = json.loads(house.client.get(f"{LINKED}?site=daily&thread=unheard").data)
    assert found == {
        **{"@context": "https://schema.org", "@type": "NewsArticle"},
        **{"commentCount": 0, "comment": []},
    }


def test_every_link_is_of_our_public_address(sqlite_url: str, tmp_path: Path) -> None:
    house = open_house(sqlite_url, tmp_path, public_url="https://talk.example")
    house.add_site(Site("daily", "The Daily", ("https://daily.example",)))
    put_on_stage(house, [None, None])
    query = {"site": "daily", "url": STORY, "limit": 1}
    forged = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    found = Fragment(house.client.get(FRAGMENT, query_string=query, headers=forged).text)
    ours = [one["href"] or "" for one in found.all("a") if not (one["href"] or "").startswith("#")]
    assert len(ours) == 2
    assert all(address.startswith("https://talk.example/daily/t?") for address in ours)
    house.close()


# --- whatever readers write ------------------------------------------------------------------------------------------


def nodes_of(described: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for node in described.get("comment", []):
        found += [node, *nodes_of(node)]
    return found


@pytest.mark.parametrize("payload", [*PAYLOADS, *OUT])
def test_an_attack_string_is_words_in_a_page_of_the_publishers(house: House, payload: str) -> None:
    author = {"name": payload[:60].replace("@", "a"), "email": ADDRESS}
    first = house.approved(payload, author=author, title=payload)
    house.approved(payload, author=author, parent_id=str(first))
    found = fragment(house)
    assert len(found.all("article")) == 2
    names = {node["author"]["name"] for node in flattened(house.thread().get_json()["comments"])}
    described = nodes_of(linked(house))
    assert {node["author"]["name"] for node in described} == names
    for name in names:
        assert found.text.count(name) >= 2
    [text] = {node["text"] for node in described}
    # The same words, wherever markup stood between them; of a link the address stands behind its words.
    words = re.sub(r"\s", "", re.sub(r" \(https?://[^)]*\)", "", text))
    assert words in re.sub(r"\s", "", found.text) or "](" in payload


@given(MARKDOWN | st.text(st.characters(), max_size=80), st.text(st.characters(), max_size=40))
@settings(max_examples=60)
def test_whatever_readers_send_stays_in_its_place(house: House, text: str, name: str) -> None:
    url = f"https://daily.example/{house.database.writes}"
    sent = house.submission(text, url=url, author={"name": name, "email": ADDRESS})
    answer = house.client.post("/v1/comments", json=sent)
    if answer.status_code != 202:
        assert answer.status_code == 422
        return
    house.decide(answer.get_json()["id"])
    found = fragment(house, url)
    [node] = linked(house, url)["comment"]
    assert node["author"]["name"] == house.stored()[-1]["author_name"]
    assert node["author"]["name"] in found.text
    assert len(found.all("article")) == 1
