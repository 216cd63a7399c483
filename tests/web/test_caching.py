"""What readers and caches may keep: a tag for each form of an answer, and nothing that is only for some."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from service.domain.site import Site
from tests.conftest import wait_until
from tests.web.asks import PUBLIC, READ
from tests.web.conftest import STORY, House, open_house
from tests.web.stage import close_story, put_on_stage

THREADS = "/v1/threads"
QUERY = {"site": "daily", "url": STORY}
CACHE = "public, max-age=0, s-maxage=5, must-revalidate"


def ask(house: House, **headers: str) -> TestResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return house.client.get(THREADS, query_string=QUERY, headers=named)


@pytest.fixture
def second(database_url: str, either_house: House, tmp_path: Path) -> Iterator[House]:
    """Another process on the database of ``either_house``."""
    opened = open_house(database_url, tmp_path)
    yield opened
    opened.close()


# --- the tag ---------------------------------------------------------------------------------------------------------


def test_each_form_of_an_answer_has_a_strong_tag_of_its_own(house: House) -> None:
    house.approved()
    plain, zipped = ask(house), ask(house, Accept_Encoding="gzip")
    assert "Content-Encoding" not in plain.headers
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(zipped.data) == plain.data
    tags = {plain.headers["ETag"], zipped.headers["ETag"]}
    assert len(tags) == 2
    for tag in tags:
        assert tag.startswith('"')
        assert tag.endswith('"')
        assert "," not in tag


def test_tags_differ_where_answers_do(house: House) -> None:
    put_on_stage(house, [None, 0, None])
    asked = [
        house.client.get(THREADS, query_string={**QUERY, **more})
        for more in ({}, {"view": "flat"}, {"sort": "newest"}, {"limit": 1}, {"url": STORY + "x"})
    ]
    assert len({answer.headers["ETag"] for answer in asked}) == len({answer.data for answer in asked}) == 5
    # The same conversation asked for in another way is the same answer.
    same = house.client.get(THREADS, query_string={**QUERY, "view": "tree", "sort": "oldest", "limit": 100})
    assert same.headers["ETag"] == asked[0].headers["ETag"]


def test_the_tag_is_the_same_in_every_process_and_after_a_restart(
    either_house: House, second: House, database_url: str, tmp_path: Path
) -> None:
    made = either_house.approved()
    either_house.approved("I agree.", parent_id=str(made))
    first = ask(either_house, Accept_Encoding="gzip")
    assert ask(second, Accept_Encoding="gzip").headers["ETag"] == first.headers["ETag"]
    again = open_house(database_url, tmp_path)
    answer = ask(again, Accept_Encoding="gzip", If_None_Match=first.headers["ETag"])
    again.close()
    assert answer.status_code == 304


def approve(house: House) -> None:
    house.approved("One more.")


def remove(house: House) -> None:
    [node] = house.thread().get_json()["comments"]
    house.decide(node["id"], "reject", reasons=["other"])


def close(house: House) -> None:
    close_story(house)


@pytest.mark.parametrize("change", [approve, remove, close], ids=lambda change: change.__name__)
def test_a_change_that_readers_see_is_seen_by_every_process_within_moments(
    either_house: House, second: House, change: Callable[[House], None]
) -> None:
    either_house.approved()
    before = ask(second)
    change(either_house)
    wait_until(lambda: ask(second).headers["ETag"] != before.headers["ETag"], seconds=5)
    kept = before.headers["ETag"]
    after = ask(second, If_None_Match=kept)
    assert after.status_code == 200
    assert after.data != before.data
    wait_until(lambda: ask(either_house).data == after.data, seconds=5)


def test_a_setting_of_the_site_that_readers_see_is_seen_within_seconds(house: House) -> None:
    before = ask(house)
    assert before.get_json()["email_required"] is True
    house.add_site(Site("daily", "The Daily", ("https://daily.example",), email_required=False))
    wait_until(lambda: ask(house).headers["ETag"] != before.headers["ETag"], seconds=10)
    assert ask(house).get_json()["email_required"] is False


def test_an_edit_that_was_let_through_changes_the_tag(house: House) -> None:
    made = house.post()
    house.decide(made["id"])
    before = ask(house).headers["ETag"]
    own = {"Authorization": f"Bearer {made['edit_token']}"}
    house.client.patch(f"/v1/comments/{made['id']}", json={"text": "Another text."}, headers=own)
    assert ask(house).headers["ETag"] == before
    house.decide(made["id"])
    assert ask(house).headers["ETag"] != before


# --- asking whether something has changed ----------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["", "gzip"])
@pytest.mark.parametrize(
    "written",
    ["{tag}", "W/{tag}", '"x", {tag}', '{tag},"x"', 'W/"x" , W/{tag}', "*", " * ", '"a", "b",{tag}'],
)
def test_what_has_not_changed_is_not_sent_again(house: House, written: str, encoding: str) -> None:
    house.approved()
    full = ask(house, Accept_Encoding=encoding)
    seen = written.format(tag=full.headers["ETag"])
    answer = ask(house, Accept_Encoding=encoding, If_None_Match=seen)
    assert (answer.status_code, answer.data) == (304, b"")
    # RFC 9110, section 15.4.5: what a 200 would have said of keeping it, and nothing of a body that is not there.
    for name in ("ETag", "Cache-Control", "Vary"):
        assert answer.headers[name] == full.headers[name]
    for name in ("Content-Length", "Content-Type", "Content-Encoding"):
        assert name not in answer.headers
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("written", ['"x"', "{bare}", '"{bare}x"', '"x{bare}"', '""', "", "x", '"*"', "**"])
def test_what_was_never_given_out_gets_the_answer(house: House, written: str) -> None:
    house.approved()
    full = ask(house)
    seen = written.format(bare=full.headers["ETag"].strip('"'))
    assert ask(house, If_None_Match=seen).data == full.data


def test_whoever_kept_another_form_gets_this_one(house: House) -> None:
    house.approved()
    plain, zipped = ask(house), ask(house, Accept_Encoding="gzip")
    assert ask(house, If_None_Match=zipped.headers["ETag"]).data == plain.data
    answer = ask(house, Accept_Encoding="gzip", If_None_Match=plain.headers["ETag"])
    assert answer.data == zipped.data


def test_a_head_is_answered_like_a_get_without_its_body(house: House) -> None:
    house.approved()
    for encoding in ("", "gzip"):
        headers = {"Accept-Encoding": encoding}
        head = house.client.head(THREADS, query_string=QUERY, headers=headers)
        full = ask(house, Accept_Encoding=encoding)
        assert (head.status_code, head.data) == (200, b"")
        for name in ("ETag", "Cache-Control", "Vary", "Content-Type", "Content-Length"):
            assert head.headers[name] == full.headers[name]
        kept = {**headers, "If-None-Match": full.headers["ETag"]}
        assert house.client.head(THREADS, query_string=QUERY, headers=kept).status_code == 304


# --- how it is packed ------------------------------------------------------------------------------------------------

PACKED = {
    "": False,
    "gzip": True,
    "GZIP": True,
    "x-gzip": True,
    "gzip, deflate, br": True,
    "br;q=1.0, gzip;q=0.8, *;q=0.1": True,
    "gzip;q=0.001": True,
    "gzip;q=1": True,
    "deflate, gzip ; q=0.5": True,
    "identity": False,
    "br": False,
    "deflate": False,
    "gzip;q=0": False,
    "gzip;q=0.0": False,
    "gzip;q=0.000": False,
    "gzip ; q=0": False,
    "gzip;Q=0": False,
    "gzip;\tq=0": False,
    "gzip;q=0, identity": False,
    "br, gzip;q=0": False,
    "br, gzip;q=0, *": False,
    "notgzip": False,
    "gzipped": False,
    "*;q=0": False,
    "gzip;q=nonsense": False,
}


@pytest.mark.parametrize("accepts", PACKED)
def test_an_answer_is_packed_for_whoever_can_unpack_it(house: House, accepts: str) -> None:
    house.approved()
    answer = ask(house, Accept_Encoding=accepts)
    assert answer.headers["Vary"] == "Origin, Accept-Encoding"
    assert (answer.headers.get("Content-Encoding") == "gzip") is PACKED[accepts]
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert answer.content_type == "application/json"


# --- what caches may do ----------------------------------------------------------------------------------------------


def test_shared_caches_may_keep_a_thread_for_moments_and_counts_for_a_minute(house: House) -> None:
    assert ask(house).headers["Cache-Control"] == CACHE
    counts = house.client.get("/v1/counts", query_string=QUERY)
    assert counts.headers["Cache-Control"] == "public, max-age=60"
    assert counts.headers["Vary"] == "Origin, Accept-Encoding"


def test_nothing_else_is_kept_by_anybody(house: House) -> None:
    kept = (*(f"public.{name}" for name in READ), "public.preflight", "health.contract")
    files = ("pages.static_file", "embed.script", "embed.part", "pages.front")
    for name, asks in PUBLIC.items():
        for one in asks:
            answer = house.client.open(**one.of(house.post()["id"]))
            answer.close()
            if name not in (*kept, *files) or answer.status_code >= 400:
                assert answer.headers["Cache-Control"] == "no-store", name


def test_a_problem_is_not_kept_where_an_answer_would_be(house: House) -> None:
    for query in ({"site": "nowhere", "url": STORY}, {"site": "daily", "url": "https://evil.example/"}):
        answer = house.client.get(THREADS, query_string=query)
        assert answer.status_code in (403, 404)
        assert answer.headers["Cache-Control"] == "no-store"
        assert "ETag" not in answer.headers


def test_what_somebody_asks_beside_the_question_changes_no_answer(house: House) -> None:
    house.approved()
    usual = ask(house)
    for name, value in (
        ("X-Forwarded-Host", "evil.example"),
        ("X-Forwarded-Proto", "gopher"),
        ("X-Original-URL", "/v1/admin/me"),
        ("X-Http-Method-Override", "DELETE"),
        ("Accept-Language", "de"),
        ("Accept", "text/html"),
        ("Cookie", "a=b"),
        ("User-Agent", "x"),
        ("Range", "bytes=0-5"),
        ("If-Modified-Since", "Wed, 25 Nov 2036 09:00:00 GMT"),
    ):
        answer = house.client.get(THREADS, query_string=QUERY, headers={name: value})
        assert (answer.status_code, answer.data) == (200, usual.data), name
        assert answer.headers["ETag"] == usual.headers["ETag"]
    odd = house.client.get(THREADS, query_string={**QUERY, "utm_source": "x", "callback": "alert"})
    assert odd.data == usual.data
