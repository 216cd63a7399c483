"""Every form of a conversation is kept and given out by the same rules as the first."""

from __future__ import annotations

import gzip

import pytest

from tests.web.conftest import STORY, House
from tests.web.feeds import SITE, THREAD
from tests.web.stage import put_on_stage

CACHE = "public, max-age=0, s-maxage=5, must-revalidate"
FORMS = {
    f"/v1/threads?site=daily&url={STORY}": "application/json",
    f"/v1/threads.html?site=daily&url={STORY}": "text/html; charset=utf-8",
    f"/v1/threads.jsonld?site=daily&url={STORY}": "application/ld+json",
    THREAD: "application/atom+xml",
    SITE: "application/atom+xml",
}


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_every_form_is_told_apart_by_a_strong_tag_of_its_own(house: House, path: str, encoding: str) -> None:
    put_on_stage(house, [None, 0])
    headers = {"Accept-Encoding": encoding, "Origin": "https://daily.example"}
    full = house.client.get(path, headers=headers)
    assert full.content_type == FORMS[path]
    assert full.headers["Cache-Control"] == CACHE
    assert full.headers["Vary"] == "Origin, Accept-Encoding"
    assert full.headers["X-Content-Type-Options"] == "nosniff"
    assert full.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert full.headers["Access-Control-Allow-Origin"] == "https://daily.example"
    plain = house.client.get(path)
    assert (gzip.decompress(full.data) if encoding else full.data) == plain.data
    assert (full.headers["ETag"] == plain.headers["ETag"]) == (not encoding)
    kept = house.client.get(path, headers={**headers, "If-None-Match": full.headers["ETag"]})
    assert (kept.status_code, kept.data) == (304, b"")
    for name in ("ETag", "Cache-Control", "Vary"):
        assert kept.headers[name] == full.headers[name]
    assert "Content-Type" not in kept.headers
    house.approved("One more.")
    again = house.client.get(path, headers={**headers, "If-None-Match": full.headers["ETag"]})
    assert again.status_code == 200
    assert again.headers["ETag"] != full.headers["ETag"]


def test_no_two_forms_share_a_tag_or_are_taken_for_each_other(house: House) -> None:
    put_on_stage(house, [None, 0])
    # Twice: the second time they come from what is kept.
    for _ in range(2):
        answers = [house.client.get(path) for path in FORMS]
        assert [answer.content_type for answer in answers] == list(FORMS.values())
        assert len({answer.headers["ETag"] for answer in answers}) == len(FORMS)
        assert len({answer.data[:9] for answer in answers}) == 4


@pytest.mark.parametrize("path", FORMS)
def test_a_problem_is_a_problem_in_every_form(house: House, path: str) -> None:
    wrong = {"site=daily": "site=nowhere"} if path == SITE else {"site=daily": "site=nowhere", STORY: "x"}
    for right, other in wrong.items():
        answer = house.client.get(path.replace(right, other))
        assert answer.status_code == (404 if other == "site=nowhere" else 422)
        assert answer.content_type == "application/problem+json"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "ETag" not in answer.headers
