"""The comments in a frame: who may frame them, what the page says, and what nobody can make it say."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from click.testing import CliRunner
from werkzeug.test import TestResponse

from service.cli.embed import command
from service.domain.site import Site
from service.web.answers import PAGE_POLICY
from service.web.languages import ENGLISH, languages, voice
from tests.web.conftest import STORY, House
from tests.web.stage import put_on_stage
from tests.web.test_pages import OUT, Page

DOCUMENT = Path(__file__).parents[2] / "docs" / "embed.md"
OURS = {"GREENROOM_PUBLIC_URL": "https://talk.example.org"}
WORDS = "Read and write comments"


def frame(house: House, site: str = "daily", accepted: str | None = None, **query: str) -> TestResponse:
    headers = {"Accept-Language": accepted} if accepted else {}
    asked = query or {"url": STORY}
    return house.client.get(f"/{site}/frame", query_string=asked, headers=headers)


def element(answer: TestResponse) -> dict[str, str | None]:
    """The attributes of the comments on the page; checks on the way that nothing else was made of what was asked."""
    assert answer.status_code == 200, answer.text
    page = Page(answer)
    assert [tag for tag, _ in page.elements if tag not in USUAL] == []
    for tag, attributes in page.elements:
        assert not [
            name for name in attributes if "x-out" in name or name.startswith("on") or name == "style"
        ]
        if tag == "script":
            assert (attributes.get("src") or "").startswith(("/static/frame.js?v=", "/embed.js"))
        if tag == "base":
            assert attributes == {"target": "_top"}
    [found] = page.all("greenroom-comments")
    return found


USUAL = {
    *("html", "head", "meta", "title", "base", "link", "body", "main", "greenroom-comments", "a", "script"),
}


def ancestors(answer: TestResponse) -> str:
    policy = answer.headers["Content-Security-Policy"]
    rest, _, found = policy.partition("; frame-ancestors ")
    # All else is as on every page of ours.
    assert f"{rest}; frame-ancestors 'none'" == PAGE_POLICY
    return found


# --- who may frame it ----------------------------------------------------------------------------------------------


def test_pages_of_the_sites_origins_may_frame_it_and_no_others(house: House) -> None:
    house.add_site(Site("two", "Two", ("https://www.two.example", "http://m.two.example:8080")))
    answer = frame(house)
    assert ancestors(answer) == "https://daily.example"
    assert "X-Frame-Options" not in answer.headers
    both = frame(house, "two", url="http://m.two.example:8080/story")
    assert ancestors(both) == "https://www.two.example http://m.two.example:8080"


def test_where_no_origin_is_registered_nobody_may_frame_it(house: House) -> None:
    put_on_stage(house, [None], external_id="old")
    house.add_site(Site("daily", "The Daily", ()))
    answer = frame(house, thread="old")
    assert answer.status_code == 200
    assert ancestors(answer) == "'none'"


def test_the_page_of_the_thread_is_still_framed_by_nobody(house: House) -> None:
    answer = house.client.get("/daily/t", query_string={"url": STORY})
    assert answer.headers["Content-Security-Policy"] == PAGE_POLICY
    assert answer.headers["X-Frame-Options"] == "DENY"


def test_the_frame_sets_no_cookie_and_is_kept_by_no_cache(house: House) -> None:
    answer = frame(house)
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "same-origin"


# --- which story ---------------------------------------------------------------------------------------------------


def test_the_element_is_told_its_story_and_the_page_around_it(house: House) -> None:
    answer = frame(house, url=f"{STORY}?utm_source=letter#foot", title="A budget", theme="dark")
    assert element(answer) == {
        "site": "daily",
        "url": STORY,
        "page": STORY,
        "theme": "dark",
        "loading": "eager",
    }
    page = Page(answer)
    assert {"property": "og:title", "content": "A budget"} in page.all("meta")
    assert {"name": "color-scheme", "content": "dark"} in page.all("meta")
    [link] = page.all("a")
    assert link["href"] == f"{house.settings.public_url}/daily/t?url={quote(STORY, safe='')}"
    assert (link["target"], link["rel"]) == ("_blank", "noopener")


def test_a_publishers_own_id_goes_along_and_is_enough_once_the_story_is_known(house: House) -> None:
    assert element(frame(house, url=STORY, thread="budget 1"))["thread"] == "budget 1"
    unknown = frame(house, thread="budget 1")
    assert unknown.status_code == 422
    assert unknown.get_json()["errors"][0]["pointer"] == "/url"
    put_on_stage(house, [None], external_id="budget 1")
    known = element(frame(house, thread="budget 1"))
    assert (known["url"], known["page"], known["thread"]) == (STORY, STORY, "budget 1")


def test_a_story_that_moved_is_told_its_new_address(house: House) -> None:
    put_on_stage(house, [None], external_id="7")
    moved = "https://daily.example/moved"
    found = element(frame(house, url=moved, thread="7"))
    assert (found["url"], found["page"]) == (moved, moved)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nowhere/frame?url=https://daily.example/", 404),
        ("/daily/frame?url=https://evil.example/", 404),
        ("/daily/frame?url=https://daily.example.evil.example/", 404),
        ("/daily/frame?url=https://daily.example@evil.example/", 422),
        ("/daily/frame?url=javascript:alert(1)", 422),
        ("/daily/frame", 422),
    ],
)
def test_what_the_page_of_a_thread_refuses_is_refused_here_alike(
    house: House, path: str, status: int
) -> None:
    answer = house.client.get(path)
    as_page = house.client.get(path.replace("/frame", "/t"))
    assert (answer.status_code, as_page.status_code) == (status, status)
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert "evil" not in answer.text
    if status == 404:
        assert answer.data == as_page.data
        assert answer.headers["X-Frame-Options"] == "DENY"


# --- what it says --------------------------------------------------------------------------------------------------


def test_nothing_that_an_address_says_leaves_its_place_or_is_shown(house: House) -> None:
    for out in OUT:
        query = {
            "url": STORY,
            "title": out,
            "thread": out,
            "theme": out,
            "lang": out,
            "site": out,
            "page": out,
        }
        answer = house.client.get("/daily/frame", query_string=query)
        found = element(answer)
        assert found["thread"] == " ".join(out.split())
        assert (found["page"], found.get("theme")) == (STORY, None)
        page = Page(answer)
        [title] = [one["content"] for one in page.all("meta") if one.get("property") == "og:title"]
        assert title == out
        assert "x-out" not in page.text
    asked = quote("https://daily.example/'x-out='1&quot;x-out=&quot;", safe="")
    assert "x-out" in str(element(house.client.get(f"/daily/frame?url={asked}"))["url"])


def test_a_sites_name_is_words_in_the_frame(house: House) -> None:
    house.add_site(Site("odd", OUT[6], ("https://odd.example",)))
    element(frame(house, "odd", url="https://odd.example/"))


def test_without_a_title_the_story_gets_none_from_the_frame(house: House) -> None:
    assert [one for one in Page(frame(house)).all("meta") if "property" in one] == []


@pytest.mark.parametrize("lang", languages())
def test_the_frame_speaks_as_it_is_asked_or_as_the_browser_says(house: House, lang: str) -> None:
    spoken = voice(lang)
    for answer in (frame(house, url=STORY, lang=lang), frame(house, accepted=lang)):
        assert answer.headers["Content-Language"] == lang
        assert f'<html lang="{lang}" dir="{spoken.dir}">' in answer.text
        assert spoken.t(WORDS) in answer.text
        assert lang == ENGLISH or WORDS not in answer.text
    [link] = Page(frame(house, url=STORY, lang=lang)).all("a")
    assert str(link["href"]).endswith(f"&lang={lang}")


# --- what a publisher writes ---------------------------------------------------------------------------------------


def printed(*words: str) -> str:
    found = CliRunner().invoke(command, words, env=OURS)
    assert found.exit_code == 0, found.output
    return found.output


def test_the_command_prints_what_the_documentation_shows() -> None:
    page, _, script = printed("daily", "--frame").partition("\n\n")
    blocks = re.findall(r"^```(html|js)\n(.*?)^```$", DOCUMENT.read_text(), re.DOTALL | re.MULTILINE)
    assert ("html", page + "\n") in blocks
    assert ("js", script) in blocks
    assert 'src="https://talk.example.org/daily/frame?url=ADDRESS-OF-THE-STORY"' in page


def test_the_printed_address_is_one_that_answers(house: House) -> None:
    found = re.search(r'src="https://talk\.example\.org(/\S+)"', printed("daily", "--frame"))
    assert found is not None
    path = found[1].replace("ADDRESS-OF-THE-STORY", quote(STORY, safe=""))
    assert element(house.client.get(path))["url"] == STORY


def test_a_frame_has_no_script_of_ours_that_could_be_pinned() -> None:
    refused = CliRunner().invoke(command, ["daily", "--frame", "--pinned"], env=OURS)
    assert refused.exit_code == 2
    assert "--pinned" in refused.output


def test_the_frame_speaks_to_the_storys_page_alone_and_hears_nobody(house: House) -> None:
    """What a browser shows of this is in tests/browser/test_frame.py; here it is read."""
    [source] = [one["src"] for one in Page(frame(house)).all("script") if "frame" in str(one["src"])]
    answer = house.client.get(str(source))
    text = answer.get_data(as_text=True)
    answer.close()
    assert re.findall(r"postMessage\(([^)]*)\)", text) == ["said, story"]
    assert '"message"' not in text
    assert "onmessage" not in text


def test_a_form_of_the_frame_may_be_sent_to_us(house: House) -> None:
    ours = {"Origin": house.settings.public_url, "Sec-Fetch-Site": "same-origin"}
    answer = house.client.post("/v1/comments", json=house.submission(), headers=ours)
    assert answer.status_code == 202
    read = house.client.get(f"/v1/threads?{urlencode({'site': 'daily', 'url': STORY})}")
    assert read.status_code == 200
