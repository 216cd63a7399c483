"""Feeds: what is shown, for readers of feeds, and not a byte of anything else."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.domain.site import Site
from service.reading import LATEST, Asked
from service.web.atom import NEVER, thread_feed
from tests.adapters.test_sanitizer import MARKDOWN, PAYLOADS, assert_harmless
from tests.conftest import wait_until
from tests.web.conftest import ADDRESS, STORY, House, open_house
from tests.web.feeds import BOTH, SITE, THREAD, Feed, feed
from tests.web.hiding import Way, each_way, send
from tests.web.stage import close_story, put_on_stage
from tests.web.test_pages import OUT, Page

OTHER = "https://daily.example/other"
PUBLIC = "http://127.0.0.1:8080"


def ids(found: Feed) -> list[UUID]:
    return [UUID(one.id.removeprefix("urn:uuid:")) for one in found.entries]


def test_a_feed_tells_of_each_comment_who_wrote_what_where_and_when(either_house: House) -> None:
    made = either_house.approved("A bridge is a *promise* & <more>.", title="The “budget”")
    for path in BOTH:
        [entry] = feed(either_house, path).entries
        [shown] = either_house.thread().get_json()["comments"]
        assert (entry.id, entry.link) == (f"urn:uuid:{made}", f"{STORY}#greenroom-{made}")
        assert (entry.name, entry.title) == ("Ada", "Ada on The “budget”")
        # Escaped once: the content is HTML, and the same as everywhere.
        assert entry.html == shown["html"] == "<p>A bridge is a <em>promise</em> &amp; &lt;more&gt;.</p>"
        assert entry.published == shown["created_at"] <= entry.updated
        assert entry.in_reply_to == {"ref": STORY, "href": STORY}


def test_the_newest_come_first_and_say_what_they_answer(either_house: House) -> None:
    made = put_on_stage(either_house, [None, 0, 1, None])
    for path in BOTH:
        found = feed(either_house, path)
        assert ids(found) == made[::-1]
        answered = [one.in_reply_to for one in reversed(found.entries)]
        assert answered[0] == answered[3] == {"ref": STORY, "href": STORY}
        for answer, above in zip(answered[1:3], made[:2], strict=True):
            assert answer == {"ref": f"urn:uuid:{above}", "href": f"{STORY}#greenroom-{above}"}
    replies = feed(either_house).links["replies"]
    assert replies["{http://purl.org/syndication/thread/1.0}count"] == "4"
    assert b"<thr:total>4</thr:total>" in either_house.client.get(THREAD).data


def test_a_feed_holds_the_latest_fifty(either_house: House) -> None:
    made = put_on_stage(either_house, [None] * (LATEST + 1))
    elsewhere = put_on_stage(either_house, [None], url=OTHER)
    assert ids(feed(either_house)) == made[:0:-1]
    assert ids(feed(either_house, SITE)) == elsewhere + made[:1:-1]
    assert b"<thr:total>51</thr:total>" in either_house.client.get(THREAD).data


def test_what_was_let_through_last_comes_first_and_says_since_when(either_house: House) -> None:
    waited = str(either_house.post("I had to wait.")["id"])
    others = [either_house.approved(f"Number {n}.") for n in range(2)]
    before = {path: feed(either_house, path).updated for path in BOTH}
    wait_until(lambda: datetime.now(UTC) > datetime.fromisoformat(before[SITE]) + timedelta(seconds=1))
    either_house.decide(waited)
    for path in BOTH:
        found = feed(either_house, path)
        assert ids(found) == [UUID(waited), *others[::-1]]
        # Whoever asks what has changed since hears of it, though it was written before the others.
        assert found.updated == found.entries[0].updated > before[path]
        assert found.entries[0].published <= found.entries[1].published


def test_what_an_undo_brings_back_stands_where_it_stood(either_house: House) -> None:
    made = [either_house.approved(f"Number {n}.") for n in range(3)]
    before = {path: either_house.client.get(path).data for path in BOTH}
    either_house.decide(str(made[0]), "reject", reasons=["other"])
    assert ids(feed(either_house, SITE)) == [made[2], made[1]]
    either_house.undo(str(made[0]))
    assert {path: either_house.client.get(path).data for path in BOTH} == before
    # Decided anew, it is news.
    either_house.decide(str(made[0]), "reject", reasons=["other"])
    either_house.decide(str(made[0]))
    for path in BOTH:
        assert ids(feed(either_house, path)) == [made[0], made[2], made[1]]


def test_an_edit_that_was_let_through_is_told_with_its_time(house: House) -> None:
    made = house.post()
    house.decide(made["id"])
    before = {path: house.client.get(path).data for path in BOTH}
    own = {"Authorization": f"Bearer {made['edit_token']}"}
    house.client.patch(f"/v1/comments/{made['id']}", json={"text": "Another text."}, headers=own)
    assert {path: house.client.get(path).data for path in BOTH} == before
    house.decide(made["id"])
    [shown] = house.thread().get_json()["comments"]
    for path in BOTH:
        found = feed(house, path)
        [entry] = found.entries
        assert (entry.html, entry.published) == ("<p>Another text.</p>", shown["created_at"])
        assert found.updated == entry.updated >= shown["edited_at"]


def test_what_is_gone_is_in_no_feed_and_its_answers_stay(either_house: House) -> None:
    made = put_on_stage(either_house, [None, 0])
    either_house.decide(str(made[0]), "reject", reasons=["other"])
    for path in BOTH:
        found = feed(either_house, path)
        assert ids(found) == made[1:]
        assert found.entries[0].in_reply_to["ref"] == f"urn:uuid:{made[0]}"
    assert b"<thr:total>1</thr:total>" in either_house.client.get(THREAD).data


def test_two_sites_have_feeds_of_their_own(house: House) -> None:
    house.add_site(Site("other", "The Other", ("https://other.example",)))
    made = house.approved()
    elsewhere = house.approved(site="other", url="https://other.example/story")
    assert ids(feed(house, SITE)) == [made]
    found = feed(house, "/v1/feeds/site.atom?site=other")
    assert (ids(found), found.title) == ([elsewhere], "Comments – The Other")
    assert found.links["alternate"]["href"] == "https://other.example/"


# --- addresses and ids -----------------------------------------------------------------------------------------------

ASKED = {
    f"url={STORY}": f"url={quote(STORY, safe='')}",
    f"url={STORY}?utm=1%23x": f"url={quote(STORY, safe='')}",
    "thread=story-1": "thread=story-1",
    f"thread=story-1&url={STORY}": f"url={quote(STORY, safe='')}&thread=story-1",
}


@pytest.mark.parametrize("asked", ASKED)
def test_a_feed_says_where_it_is_by_our_public_address(sqlite_url: str, tmp_path: Path, asked: str) -> None:
    house = open_house(sqlite_url, tmp_path, public_url="https://talk.example")
    house.add_site(Site("daily", "The Daily", ("https://daily.example",)))
    house.approved(thread="story-1")
    forged = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    found = feed(house, f"/v1/feeds/thread.atom?site=daily&{asked}", **forged)
    address = f"https://talk.example/v1/feeds/thread.atom?site=daily&{ASKED[asked]}"
    assert found.links["self"]["href"] == found.links["replies"]["href"] == address
    assert found.links["alternate"]["href"].startswith("https://talk.example/daily/t")
    site = feed(house, SITE, **forged)
    assert site.links["self"]["href"] == "https://talk.example/v1/feeds/site.atom?site=daily"
    house.close()


def test_a_feed_keeps_its_id_whatever_becomes_of_its_thread_and_of_our_address(
    house: House, tmp_path: Path
) -> None:
    paths = [*BOTH, "/v1/feeds/thread.atom?site=daily&thread=story-1"]
    before = [feed(house, path).id for path in paths]
    assert len(set(before)) == 3
    assert all(re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", one) for one in before)
    house.approved(thread="story-1")
    moved = open_house(str(house.database.url), tmp_path, public_url="https://talk.example")
    assert [feed(moved, path).id for path in paths] == before
    moved.close()


def test_an_id_is_not_shared_by_two_feeds(house: House) -> None:
    house.add_site(Site("weekly", "The Weekly", ("https://daily.example",)))
    paths = [
        f"/v1/feeds/{kind}&site={site}"
        for site in ("daily", "weekly")
        for kind in (
            "site.atom?",
            f"thread.atom?url={STORY}",
            "thread.atom?thread=x",
            "thread.atom?thread=daily",
        )
    ]
    assert len({feed(house, path).id for path in paths}) == len(paths)


@pytest.mark.parametrize("path", [f"/daily/t?url={STORY}%3Futm%3D1", "/daily/t/story-1"])
def test_our_own_page_leads_to_the_feed_of_its_conversation(house: House, path: str) -> None:
    made = house.approved(thread="story-1")
    page = Page(house.client.get(path))
    address = page.link("alternate") or ""
    assert "Follow by feed" in page.text
    assert [one["href"] for one in page.all("a") if one.get("type") == "application/atom+xml"] == [address]
    assert address.startswith(f"{PUBLIC}/v1/feeds/thread.atom?")
    assert ids(feed(house, address.removeprefix(PUBLIC))) == [made]


# --- nothing else ----------------------------------------------------------------------------------------------------


def test_a_feed_of_nothing_tells_nothing(house: House) -> None:
    for path in BOTH:
        found = feed(house, path)
        assert (found.entries, found.updated) == ([], NEVER)


@each_way
def test_whoever_follows_hears_nothing_of_what_is_hidden(either_stage: House, hide: Way) -> None:
    before = {path: either_stage.client.get(path) for path in BOTH}
    hide(send(either_stage, url=STORY))
    for path, kept in before.items():
        again = either_stage.client.get(path)
        assert (again.data, again.headers["ETag"]) == (kept.data, kept.headers["ETag"])
        same = either_stage.client.get(path, headers={"If-None-Match": kept.headers["ETag"]})
        assert (same.status_code, same.data) == (304, b"")


def test_a_feed_does_not_change_when_its_thread_closes(house: House) -> None:
    house.approved()
    before = [house.client.get(path).data for path in BOTH]
    close_story(house)
    assert [house.client.get(path).data for path in BOTH] == before


def test_every_process_tells_what_is_new_within_moments(
    either_house: House, database_url: str, tmp_path: Path
) -> None:
    second = open_house(database_url, tmp_path)
    either_house.approved()
    for path in BOTH:
        before = second.client.get(path)
        made = either_house.approved("One more.")
        assert ids(feed(either_house, path))[0] == made
        wait_until(lambda path=path, before=before: second.client.get(path).data != before.data, seconds=5)
        assert ids(feed(second, path))[0] == made
    second.close()


# --- whatever readers write ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("payload", [*PAYLOADS, *OUT])
def test_an_attack_string_is_words_in_a_feed(house: House, payload: str) -> None:
    name = payload[:60].replace("@", "a")
    house.approved(payload, author={"name": name, "email": ADDRESS}, title=payload)
    [node] = house.thread().get_json()["comments"]
    for path in BOTH:
        # That no element or attribute is there but ours, is asked of every feed.
        [entry] = feed(house, path).entries
        assert (entry.html, entry.name) == (node["html"], node["author"]["name"])
        assert entry.title.startswith(f"{entry.name} on ")
        assert_harmless(entry.html)


ANYTHING = MARKDOWN | st.text(st.characters(), max_size=80) | st.sampled_from(PAYLOADS)


@given(ANYTHING, st.text(st.characters(exclude_characters="@"), max_size=40), ANYTHING)
@settings(max_examples=60)
def test_whatever_readers_send_comes_back_from_a_feed_that_can_be_read(
    house: House, text: str, name: str, title: str
) -> None:
    url = f"https://daily.example/{house.database.writes}"
    # Half a character cannot even be written in JSON as UTF-8; json.dumps writes it by its number.
    sent = house.submission(text, url=url, author={"name": name, "email": ADDRESS}, title=title)
    answer = house.client.post("/v1/comments", json=sent)
    if answer.status_code != 202:
        assert answer.status_code == 422
        return
    house.decide(answer.get_json()["id"])
    row = house.stored()[-1]
    [node] = house.thread(url).get_json()["comments"]
    for path in (f"/v1/feeds/thread.atom?site=daily&url={url}", SITE):
        entry = feed(house, path).entries[0]
        assert (entry.html, entry.name) == (row["html"], row["author_name"])
        assert (entry.html, entry.name) == (node["html"], node["author"]["name"])


@given(st.text(st.characters()), st.text(st.characters(), min_size=1), st.none() | st.text(st.characters()))
@settings(max_examples=200)
def test_no_character_breaks_a_feed(html: str, name: str, title: str | None) -> None:
    moment = "2026-11-24T09:00:00Z"
    node = {
        "id": "01a21405-46d2-740c-a65d-d4e903ec2b03",
        "parent_id": None,
        "author": {"name": name},
        "html": html,
        "created_at": moment,
        "edited_at": None,
        "shown_at": moment,
    }
    document = {
        **{"url": STORY, "title": title, "count": 1, "comments": [node]},
        "links": {"page": f"{PUBLIC}/daily/t"},
    }
    [entry] = Feed(thread_feed(PUBLIC, Asked("daily", STORY, None), document)).entries
    # Of what XML cannot hold a mark is left, and all else is as it was.
    forbidden = "[\x00-\x08\x0b\x0c\r\x0e-\x1f\ud800-\udfff\ufffe\uffff]"
    assert entry.html == re.sub(forbidden, "\ufffd", html)
    assert entry.name == re.sub(forbidden, "\ufffd", name)
