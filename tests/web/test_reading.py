"""Reading a conversation: its shape, its order, its pages, and what they hold."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.adapters.sanitizer import REL, TAGS
from service.domain.site import Site
from service.reading import REPLIES_PER_PAGE
from service.web.public_query import LIMIT_MAX
from tests.adapters.test_sanitizer import PAYLOADS
from tests.web.conftest import STORY, House
from tests.web.stage import close_story, flattened, put_on_stage, walk

OTHER = "https://daily.example/other"
# Two conversations: under the first stand two answers, one of which is answered in turn.
SHAPE = [None, 0, 0, 1, None, 4]


def texts(nodes: list[dict[str, Any]]) -> list[Any]:
    """The shape of a tree in the words of its comments: a text, or a text with what stands below it."""
    found: list[Any] = []
    for node in nodes:
        text = node["html"].removeprefix("<p>").removesuffix("</p>") if node["html"] else None
        found.append((text, texts(node["replies"])) if node["replies"] else text)
    return found


def ids(nodes: list[dict[str, Any]]) -> list[str]:
    return [node["id"] for node in nodes]


# --- shape and order -------------------------------------------------------------------------------------------------


def test_a_tree_has_answers_below_what_they_answer_in_order_of_arrival(either_house: House) -> None:
    put_on_stage(either_house, SHAPE)
    shown = either_house.thread().get_json()
    assert texts(shown["comments"]) == [
        ("Comment 0.", [("Comment 1.", ["Comment 3."]), "Comment 2."]),
        ("Comment 4.", ["Comment 5."]),
    ]
    assert [node["depth"] for node in flattened(shown["comments"])] == [0, 1, 2, 1, 0, 1]
    for node in flattened(shown["comments"]):
        assert [below["parent_id"] for below in node["replies"]] == [node["id"]] * len(node["replies"])
    assert shown["count"] == 6
    assert shown["next_cursor"] is None


def test_the_newest_conversation_comes_first_and_is_read_from_its_beginning(either_house: House) -> None:
    put_on_stage(either_house, SHAPE)
    assert texts(either_house.thread(sort="newest").get_json()["comments"]) == [
        ("Comment 4.", ["Comment 5."]),
        ("Comment 0.", [("Comment 1.", ["Comment 3."]), "Comment 2."]),
    ]


def test_a_flat_view_is_in_order_of_arrival_or_the_other_way_round(either_house: House) -> None:
    made = [str(one) for one in put_on_stage(either_house, SHAPE)]
    flat = either_house.thread(view="flat").get_json()
    assert ids(flat["comments"]) == made
    assert flat["count"] == 6
    assert ids(either_house.thread(view="flat", sort="newest").get_json()["comments"]) == made[::-1]


def test_what_was_removed_keeps_its_place_as_long_as_something_stands_below(either_house: House) -> None:
    made = put_on_stage(either_house, SHAPE)
    for gone in (made[0], made[1], made[5]):
        either_house.decide(str(gone), "reject", reasons=["other"])
    shown = either_house.thread().get_json()
    assert texts(shown["comments"]) == [
        (None, [(None, ["Comment 3."]), "Comment 2."]),
        "Comment 4.",
    ]
    assert shown["count"] == 3
    either_house.decide(str(made[3]), "reject", reasons=["other"])
    assert texts(either_house.thread().get_json()["comments"]) == [(None, ["Comment 2."]), "Comment 4."]
    either_house.decide(str(made[2]), "reject", reasons=["other"])
    assert texts(either_house.thread().get_json()["comments"]) == ["Comment 4."]
    either_house.decide(str(made[3]), "approve")
    assert texts(either_house.thread().get_json()["comments"]) == [
        (None, [(None, ["Comment 3."])]),
        "Comment 4.",
    ]


@st.composite
def conversations(draw: st.DrawFn) -> tuple[list[int | None], list[int]]:
    """Who answers whom, and who is removed afterwards, in this order."""
    size = draw(st.integers(1, 12))
    shape = [draw(st.none() | st.integers(0, n - 1)) if n else None for n in range(size)]
    gone = draw(st.lists(st.integers(0, size - 1), unique=True, max_size=size))
    return shape, gone


@given(conversations(), st.integers(1, 5))
@settings(max_examples=40)
def test_a_tree_and_a_flat_view_hold_the_same_comments(
    house: House, conversation: tuple[list[int | None], list[int]], limit: int
) -> None:
    shape, gone = conversation
    url = f"https://daily.example/{house.database.writes}"
    made = put_on_stage(house, shape, url=url)
    for number in gone:
        house.decide(str(made[number]), "reject", reasons=["other"])
    expected = {str(one) for number, one in enumerate(made) if number not in gone}
    trees = walk(house, url=url, limit=limit)
    nodes = [node for page in trees for node in flattened(page["comments"])]
    assert len(nodes) == len({node["id"] for node in nodes})
    assert {node["id"] for node in nodes if node["status"] == "approved"} == expected
    flat = walk(house, url=url, limit=limit, view="flat")
    assert [one for page in flat for one in ids(page["comments"])] == sorted(expected)
    assert {page["count"] for page in (*trees, *flat)} == {len(expected)}
    for node in nodes:
        # A tombstone stands for what is below it, and for nothing else.
        assert node["status"] == "approved" or node["replies"]


# --- pages -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sort", ["oldest", "newest", "most_liked"])
@pytest.mark.parametrize("view", ["tree", "flat"])
def test_pages_hold_everything_once_while_comments_come_on_stage(
    either_house: House, view: str, sort: str
) -> None:
    there = {str(one) for one in put_on_stage(either_house, [None, 0, None, 2, 2, None, None, 6, None, None])}
    # One that was written before all of them and is let through late, and new ones.
    early = either_house.post("Written early.")["id"]
    came: list[str] = []

    def between() -> None:
        if not came:
            came.append(early)
            either_house.decide(early)
        came.append(str(either_house.approved("Written late.")))

    pages = walk(either_house, view=view, sort=sort, limit=2, between=between)
    assert len(pages) > 2
    seen = [node["id"] for page in pages for node in flattened(page["comments"])]
    assert len(seen) == len(set(seen)), "shown twice"
    assert there <= set(seen), "left out"
    assert set(seen) <= there | set(came)
    if sort != "newest":
        assert set(came) <= set(seen), "what is newer than a page comes after it"


@pytest.mark.parametrize("limit", ["0", str(LIMIT_MAX + 1), "-1", "1.0", "", "ten", "1e1", "+1", " 1"])
def test_a_limit_out_of_bounds_is_refused(house: House, limit: str) -> None:
    answer = house.thread(limit=limit)
    assert answer.status_code == 422
    [fault] = answer.get_json()["errors"]
    assert fault == {"pointer": "/limit", "detail": "This is a number from 1 to 200."}


def test_a_page_holds_a_hundred_conversations_unless_it_is_told_otherwise(house: House) -> None:
    put_on_stage(house, [None] * 201)
    assert len(house.thread().get_json()["comments"]) == 100
    assert len(house.thread(limit=1).get_json()["comments"]) == 1
    full = house.thread(limit=LIMIT_MAX).get_json()
    assert len(full["comments"]) == LIMIT_MAX
    assert full["next_cursor"] == full["comments"][-1]["id"]
    last = house.thread(limit=LIMIT_MAX, cursor=full["next_cursor"]).get_json()
    assert (len(last["comments"]), last["next_cursor"]) == (1, None)


def test_a_page_that_is_exactly_full_is_the_last_one(house: House) -> None:
    put_on_stage(house, [None] * 3)
    for view in ("tree", "flat"):
        assert house.thread(limit=3, view=view).get_json()["next_cursor"] is None


def test_a_cursor_that_was_not_given_out_is_refused_and_an_old_one_works(house: House) -> None:
    made = put_on_stage(house, [None] * 3)
    for cursor in ("x", "1", str(made[0]).replace("-", "")):
        answer = house.thread(cursor=cursor)
        assert answer.status_code == 422
        assert answer.get_json()["errors"][0]["pointer"] == "/cursor"
    house.decide(str(made[1]), "reject", reasons=["other"])
    # The comment at which a page ended may be gone when the next one is asked for.
    assert ids(house.thread(cursor=str(made[1])).get_json()["comments"]) == [str(made[2])]


def test_a_page_ends_before_a_conversation_that_does_not_fit_any_more(house: House) -> None:
    long, middle, short = REPLIES_PER_PAGE - 500, 600, 10
    shape: list[int | None] = [None, None, None]
    shape += [0] * long + [1] * middle + [2] * short
    roots = [str(one) for one in put_on_stage(house, shape)[:3]]
    first = house.thread().get_json()
    assert ids(first["comments"]) == roots[:1]
    assert len(first["comments"][0]["replies"]) == long
    assert first["next_cursor"] == roots[0]
    second = house.thread(cursor=first["next_cursor"]).get_json()
    assert ids(second["comments"]) == roots[1:]
    assert [len(node["replies"]) for node in second["comments"]] == [middle, short]
    assert second["next_cursor"] is None
    newest = house.thread(sort="newest").get_json()
    assert ids(newest["comments"]) == roots[:0:-1]
    assert newest["next_cursor"] == roots[1]


def test_a_conversation_that_does_not_even_fit_alone_ends_early_and_is_whole_when_flat(house: House) -> None:
    size = REPLIES_PER_PAGE + 5
    made = [str(one) for one in put_on_stage(house, [None] + [0] * size + [None])]
    pages = walk(house)
    assert [ids(page["comments"]) for page in pages] == [[made[0]], [made[-1]]]
    assert ids(pages[0]["comments"][0]["replies"]) == made[1 : REPLIES_PER_PAGE + 1]
    flat = walk(house, view="flat", limit=LIMIT_MAX)
    assert [one for page in flat for one in ids(page["comments"])] == made


# --- which conversation ----------------------------------------------------------------------------------------------


def test_a_story_is_found_by_its_address_its_id_or_both(either_house: House) -> None:
    made = str(either_house.approved(thread="story-1", title="The budget"))
    for query in ({"url": STORY}, {"thread": "story-1"}, {"url": STORY, "thread": "story-1"}):
        shown = either_house.client.get("/v1/threads", query_string={"site": "daily", **query}).get_json()
        assert ids(shown["comments"]) == [made]
        assert (shown["url"], shown["title"]) == (STORY, "The budget")
    # The address decides where the two do not agree, and the id where nothing stands under the address.
    elsewhere = str(either_house.approved(url=OTHER))
    both = {"site": "daily", "url": OTHER, "thread": "story-1"}
    assert ids(either_house.client.get("/v1/threads", query_string=both).get_json()["comments"]) == [
        elsewhere
    ]
    moved = {**both, "url": "https://daily.example/moved"}
    assert ids(either_house.client.get("/v1/threads", query_string=moved).get_json()["comments"]) == [made]


def test_an_id_that_nobody_gave_is_an_empty_conversation(house: House) -> None:
    shown = house.client.get("/v1/threads", query_string={"site": "daily", "thread": "unheard"}).get_json()
    assert (shown["comments"], shown["count"], shown["url"]) == ([], 0, None)
    refused = house.client.get("/v1/threads", query_string={"site": "daily"})
    assert refused.get_json()["errors"] == [
        {"pointer": "/url", "detail": "Give the story's url, or its thread id."}
    ]


def test_two_sites_have_nothing_to_do_with_each_other(house: House) -> None:
    house.add_site(Site("other", "The Other", ("https://daily.example",)))
    house.approved(thread="story-1")
    for query in ({"url": STORY}, {"thread": "story-1"}):
        shown = house.client.get("/v1/threads", query_string={"site": "other", **query}).get_json()
        assert (shown["comments"], shown["count"]) == ([], 0)


def test_a_closed_conversation_can_be_read_and_says_that_it_is_closed(either_house: House) -> None:
    either_house.approved()
    before = either_house.thread()
    assert before.get_json()["closed"] is False
    close_story(either_house)
    closed = either_house.thread()
    assert closed.get_json()["closed"] is True
    assert closed.get_json()["count"] == 1
    assert closed.headers["ETag"] != before.headers["ETag"]
    close_story(either_house, closed=False)
    assert either_house.thread().get_data() == before.get_data()


# --- counts ----------------------------------------------------------------------------------------------------------


def counted(house: House, *urls: str) -> list[tuple[str, int]]:
    answer = house.client.get("/v1/counts", query_string={"site": "daily", "url": list(urls)})
    assert answer.status_code == 200, answer.text
    return [(one["url"], one["count"]) for one in answer.get_json()["counts"]]


def test_counts_come_in_the_order_asked_and_count_what_is_shown(either_house: House) -> None:
    put_on_stage(either_house, [None, 0, 1])
    [only] = put_on_stage(either_house, [None], url=OTHER)
    either_house.post(url="https://daily.example/waits")
    urls = (OTHER, "https://daily.example/never", STORY, "https://daily.example/waits")
    assert counted(either_house, *urls) == list(zip(urls, (1, 0, 3, 0), strict=True))
    assert counted(either_house, STORY, STORY) == [(STORY, 3), (STORY, 3)]
    either_house.decide(str(only), "reject", reasons=["other"])
    assert counted(either_house, OTHER) == [(OTHER, 0)]


def test_a_hundred_stories_are_counted_at_once_and_no_more(house: House) -> None:
    urls = [f"https://daily.example/{n}" for n in range(101)]
    assert counted(house, *urls[:100]) == [(url, 0) for url in urls[:100]]
    refused = house.client.get("/v1/counts", query_string={"site": "daily", "url": urls})
    assert refused.status_code == 422
    assert refused.get_json()["errors"][0]["pointer"] == "/url"


def test_a_story_is_counted_however_its_address_is_written(house: House) -> None:
    house.approved()
    written = (STORY + "?utm_source=x", STORY + "#comments", "HTTPS://Daily.Example:443/budget")
    assert [count for _, count in counted(house, *written)] == [1, 1, 1]


# --- what is served --------------------------------------------------------------------------------------------------


class Tags(HTMLParser):
    """Every tag and attribute of a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_comment(self, data: str) -> None:
        self.found.append(("comment", {}))

    def handle_decl(self, decl: str) -> None:
        self.found.append(("declaration", {}))


def test_what_is_served_holds_eight_tags_and_links_that_vouch_for_nothing(house: House) -> None:
    good = "*a* **b** `c` https://daily.example/x\nd\n\n> e\n\n```\nf\n```"
    for text in (good, *PAYLOADS):
        house.approved(text)
    shown = house.thread(view="flat", limit=LIMIT_MAX).get_json()["comments"]
    assert len(shown) == len(PAYLOADS) + 1
    assert {tag for tag, _ in Tags(shown[0]["html"]).found} == TAGS
    for node in shown:
        for tag, attributes in Tags(node["html"]).found:
            assert tag in TAGS, node["html"]
            if tag == "a":
                assert set(attributes) == {"href", "rel"}
                assert attributes["rel"] == REL
                assert (attributes["href"] or "").startswith(("https://", "http://"))
            else:
                assert attributes == {}


def test_a_time_is_told_in_utc_to_the_second(house: House) -> None:
    house.approved()
    [node] = house.thread().get_json()["comments"]
    assert UUID(node["id"])
    assert len(node["created_at"]) == len("2026-11-24T09:00:00Z")
    assert node["created_at"].endswith("Z")
