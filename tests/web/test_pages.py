"""Pages for people: whatever strangers wrote is words on them, whichever way it came in; files are what they say."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from click.testing import CliRunner
from werkzeug.test import TestResponse

from service.cli.commands import greenroom
from service.domain.site import Site
from service.web.pages import STATIC
from tests.adapters.test_sanitizer import PAYLOADS
from tests.web.conftest import ADDRESS, STORY, House, open_house
from tests.web.sending import Page
from tests.web.stage import flattened, put_on_stage

PUBLIC = "http://127.0.0.1:8080"
# Each leaves the place that it is put in, and makes an element or an attribute of this name where it can.
OUT = (
    "<x-out>",
    '"><x-out a="',
    "'><x-out a='",
    '" x-out="1',
    "' x-out='1",
    " x-out=1 ",
    "</title></textarea></script></style></template><x-out>",
    "--><x-out><!--",
    "]]><x-out>",
    "&lt;x-out&gt;",
    "&quot; x-out=&quot;",
    "&#34;&#62;&#60;x-out&#62;",
    "\\u003cx-out\\u003e",
    "{{ '<x-out>' | safe }}{% raw %}",
    "<x-out\t/><x-out\n>",
    "<svg><x-out></svg><math><x-out>",
    "javascript:xout()//<x-out>",
    "＜x-out＞",
)
# For what is part of an address, and what its rules let in.
OUT_OF_ADDRESSES = (
    "'x-out='1",
    "&quot;x-out=&quot;1",
    "&#39;x-out=&#39;1",
    "%22%3E%3Cx-out%3E",
    "(javascript:xout())",
)


def inert(answer: TestResponse) -> Page:
    """The page, checked to hold nothing that a stranger made, and to forbid it besides."""
    page = Page(answer)
    for tag, attributes in page.elements:
        assert "x-out" not in tag, answer.text
        for name, value in attributes.items():
            assert "x-out" not in name, answer.text
            assert not name.startswith("on"), f"{tag} {name}"
            assert name != "style"
            if name in ("href", "src", "action", "formaction", "xlink:href"):
                assert re.match(r"https?://|/(?!/)|#|$", value or ""), f"{tag} {name}={value}"
        if tag == "script":
            assert (attributes.get("src") or "").startswith(("/static/", PUBLIC + "/embed.js"))
        assert tag not in ("style", "iframe", "object", "embed", "base")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Frame-Options"] == "DENY"
    return page


# --- every way in, every way out -------------------------------------------------------------------------------------


def fields(out: str, number: int) -> dict[str, str]:
    """A submission that tries to leave its place with every field that it has."""
    return {
        "url": f"https://daily.example/{number}/{OUT_OF_ADDRESSES[number % len(OUT_OF_ADDRESSES)]}",
        "title": f"T {out}",
        "thread": f"{number} {out}",
        "text": f"{out}\n\n**{out}** `{out}` [{out}](https://ok.example/{out})\n> {out}",
        "name": f"N {out}"[:60],
    }


def as_json(typed: dict[str, str], **changes: str) -> dict[str, Any]:
    author = {"name": typed["name"], "email": ADDRESS}
    return {**{name: typed[name] for name in ("url", "title", "thread", "text")}, "author": author, **changes}


def by_json(house: House, typed: dict[str, str]) -> str:
    return str(house.post(**as_json(typed))["id"])


def by_form(house: House, typed: dict[str, str]) -> str:
    before = {row["id"] for row in house.stored()}
    answer = house.client.post("/v1/comments", data={**typed, "site": "daily", "email": ADDRESS})
    assert answer.status_code == 303, answer.text
    return str(next(row["id"] for row in house.stored() if row["id"] not in before))


def by_edit(house: House, typed: dict[str, str]) -> str:
    made = house.post(**as_json(typed, text="Harmless at first."))
    house.decide(made["id"])
    own = {"Authorization": f"Bearer {made['edit_token']}"}
    answer = house.client.patch(f"/v1/comments/{made['id']}", json={"text": typed["text"]}, headers=own)
    assert answer.status_code == 202
    return str(made["id"])


@pytest.fixture
def typed_commands(sqlite_url: str, tmp_path: Path) -> Callable[..., str]:
    """Runs a command on the database of the house; its output."""
    environment = {"GREENROOM_DATABASE_URL": sqlite_url, "GREENROOM_DATA_DIR": str(tmp_path)}
    quiet = {name: None for name in os.environ if name.startswith("GREENROOM_")}

    def run(*words: str) -> str:
        result = CliRunner(env={**quiet, **environment}).invoke(greenroom, words)
        assert result.exit_code == 0, result.output
        return result.output

    return run


@pytest.mark.parametrize("way", [by_json, by_form, by_edit], ids=lambda way: way.__name__)
def test_whatever_came_in_is_words_on_every_page(
    house: House, typed_commands: Callable[..., str], way: Callable[[House, dict[str, str]], str]
) -> None:
    for number, out in enumerate(OUT):
        typed = fields(out, number)
        made = way(house, typed)
        house.decide(made)
        query = {"url": typed["url"]}
        page = inert(house.client.get("/daily/t", query_string={**query, "reply_to": made}))
        # It is not only harmless: it is all there, as it was typed.
        assert " ".join(typed["name"].split()) in page.text
        assert page.values["url"] == page.link("canonical")
        assert page.values["title"] == " ".join(typed["title"].split())
        assert page.values["parent_id"] == made
        external = quote(" ".join(typed["thread"].split()), safe="")
        by_id = inert(house.client.get(f"/daily/t/{external}"))
        assert by_id.link("canonical") == page.link("canonical")
        assert by_id.values["thread"] == " ".join(typed["thread"].split())
    for path in ("/demo/", "/moderation", "/docs", "/docs/problems"):
        inert(house.client.get(path))
    exported = typed_commands("export", "--site", "daily").split("\n")
    assert len(exported) == len(OUT) + 1
    assert [json.loads(line)["author"]["name"][:1] for line in exported[:-1]] == ["N"] * len(OUT)


def test_every_known_attack_is_words_on_the_page_of_a_thread(house: House) -> None:
    for number, payload in enumerate(PAYLOADS):
        url = f"https://daily.example/{number}"
        author = {"name": payload[:60].replace("@", "a"), "email": ADDRESS}
        house.approved(payload, url=url, author=author, title=payload)
        page = inert(house.client.get("/daily/t", query_string={"url": url}))
        linked = [one["href"] or "" for one in page.all("a") if one.get("rel") == "nofollow ugc noopener"]
        assert all(address.startswith(("https://", "http://")) for address in linked)


def test_a_sites_name_is_words_on_every_page(house: House, typed_commands: Callable[..., str]) -> None:
    name = "".join(OUT[:6])[:90] + "\n\x1b[31m"
    assert typed_commands("site", "set", "daily", "--name", name) == "site daily is set\n"
    listed = typed_commands("site", "list")
    assert len(listed.splitlines()) == 1
    assert listed.strip().replace("\t", "").isprintable()
    again = open_house(str(house.database.url), house.settings.data_dir)
    page = inert(again.client.get("/daily/t", query_string={"url": STORY}))
    assert OUT[1] in page.text
    again.close()


def test_a_tokens_name_is_one_line(house: House, typed_commands: Callable[..., str]) -> None:
    typed_commands("token", "create", "ada\nmallory\tread\x1b[31m" + OUT[0])
    listed = typed_commands("token", "list").splitlines()
    assert len(listed) == 2
    assert all(line.count("\t") == 3 for line in listed)
    refused = CliRunner(env={"GREENROOM_DATABASE_URL": str(house.database.url)}).invoke(
        greenroom, ["token", "create", " \n "]
    )
    assert refused.exit_code == 1
    assert "this is no name" in refused.output


def test_what_a_query_says_is_on_no_page(house: House) -> None:
    house.approved()
    for out in OUT:
        query = {"url": STORY, "reply_to": out, "result": out, "title": out, "site": out, "error": out}
        page = inert(house.client.get("/daily/t", query_string=query))
        assert "x-out" not in page.text.lower()
        answer = house.client.get("/daily/t", query_string={"url": f"{STORY}?{out}#{out}"})
        if answer.content_type == "application/problem+json":
            assert "x-out" not in answer.text
        else:
            assert inert(answer).link("canonical") == STORY


def test_a_refused_form_is_inert_in_every_field(house: House) -> None:
    for number, out in enumerate(OUT):
        typed = {
            **fields(out, number),
            "email": out,
            "key": out,
            "opened": out,
            "return_to": out,
            "parent_id": out,
        }
        answer = house.client.post("/v1/comments", data={**typed, "site": "daily"})
        assert answer.status_code == 422
        page = inert(answer)
        for name in ("name", "email", "text", "title", "thread"):
            assert page.values[name] == typed[name]


def test_json_that_holds_markup_is_never_taken_for_a_page(house: House) -> None:
    made = house.approved(OUT[0] + "</script>", author={"name": OUT[0], "email": ADDRESS})
    for path in (
        f"/v1/threads?site=daily&url={STORY}",
        f"/v1/admin/comments/{made}",
        "/v1/admin/comments?status=approved",
    ):
        answer = house.client.get(path, headers={**house.admin, "Accept": "text/html"})
        assert answer.content_type == "application/json"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"


# --- the page of a thread --------------------------------------------------------------------------------------------


def test_the_page_leads_search_engines_to_the_story(house: House) -> None:
    house.approved(thread="story-1")
    for path in (
        f"/daily/t?url={STORY}",
        f"/daily/t?url={STORY}%3Futm%3D1%23x&sort=newest",
        "/daily/t/story-1",
    ):
        for headers in ({}, {"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example"}):
            page = Page(house.client.get(path, headers=headers))
            assert page.link("canonical") == STORY
            assert "evil" not in str(page.elements)


@pytest.mark.parametrize("query", ["", "&sort=newest", "&view=flat", "&view=flat&sort=newest"])
def test_show_more_leads_through_the_whole_conversation(house: House, query: str) -> None:
    made = put_on_stage(house, [None, 0, None, None, 3, None, None])
    path: str | None = f"/daily/t?url={quote(STORY, safe='')}&limit=2{query}"
    seen: list[str] = []
    pages = 0
    while path is not None:
        page = Page(house.client.get(path))
        pages += 1
        assert pages < 10, "the pages have no end"
        seen += [(one["id"] or "").removeprefix("greenroom-") for one in page.all("article")]
        following = page.link("next")
        assert (following is not None) == ("Show more comments" in page.text)
        path = following and following.removeprefix(PUBLIC)
    assert pages >= 3
    document = house.thread(**dict(part.split("=") for part in query.split("&") if part)).get_json()
    assert seen == [node["id"] for node in flattened(document["comments"])]
    assert len(seen) == len(made)


def test_a_reply_is_written_below_what_it_answers(house: House) -> None:
    made = str(house.approved(author={"name": "Grace", "email": ADDRESS}))
    page = Page(house.client.get("/daily/t", query_string={"url": STORY, "reply_to": made}))
    assert "Leave a Reply to Grace" in page.text
    answer = house.client.post(
        "/v1/comments", data={**page.values, "name": "Ada", "email": ADDRESS, "text": "I agree."}
    )
    assert answer.status_code == 202
    assert str(house.stored()[-1]["parent_id"]) == made
    for unknown in ("x", "", "01a21405-46d2-740c-a65d-d4e903ec2b03"):
        plain = Page(house.client.get("/daily/t", query_string={"url": STORY, "reply_to": unknown}))
        assert "parent_id" not in plain.values


def test_the_longest_text_fits_in_a_form_in_every_script(house: House) -> None:
    house.add_site(Site("long", "The Long", ("https://long.example",), text_max=20_000))
    for letter in ("x", "й", "漢", "😀"):
        form = {"site": "long", "url": "https://long.example/a", "name": "Ada", "email": ADDRESS}
        answer = house.client.post("/v1/comments", data={**form, "text": letter * 20_000})
        assert answer.status_code == 303, letter
    assert {len(row["source"]) for row in house.stored()} == {20_000}


@pytest.mark.parametrize("path", ["/nowhere/t?url=" + STORY, "/daily/t?url=https://evil.example/"])
def test_a_page_that_is_not_there_says_so_in_words(house: House, path: str) -> None:
    answer = house.client.get(path)
    assert answer.status_code == 404
    page = inert(answer)
    assert "Not found" in page.text
    assert "evil" not in answer.text


# --- files -----------------------------------------------------------------------------------------------------------

TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
FILES = sorted(path for path in STATIC.iterdir() if path.is_file())


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_file_is_what_it_says_and_may_be_kept(house: House, file: Path) -> None:
    answer = house.client.get(f"/static/{file.name}")
    assert answer.status_code == 200
    assert answer.data == file.read_bytes()
    assert answer.content_type.replace("; charset=utf-8", "") == TYPES[file.suffix].replace(
        "; charset=utf-8", ""
    )
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    again = house.client.get(f"/static/{file.name}", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    answer.close()
    again.close()


def test_a_file_is_kept_for_good_under_its_own_version_only(house: House) -> None:
    versioned = {
        address
        for path in ("/demo/", "/moderation", "/docs", f"/daily/t?url={STORY}")
        for _, attributes in Page(house.client.get(path)).elements
        for address in (attributes.get("href"), attributes.get("src"))
        if address and address.startswith("/static/")
    }
    assert len(versioned) >= 5
    for address in versioned:
        answer = house.client.get(address)
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        answer.close()
        # Otherwise anybody could have a cache keep this one under the address of the next.
        for other in (
            urlsplit(address).path + "?v=0123456789ab",
            address + "&v=x",
            urlsplit(address).path + "?v",
        ):
            answer = house.client.get(other)
            expected = address.partition("v=")[2] == re.split("[&=]", other.partition("v=")[2])[0]
            assert ("immutable" in answer.headers["Cache-Control"]) == expected, other
            answer.close()
