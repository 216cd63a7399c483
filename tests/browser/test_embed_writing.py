"""Writing by the embed: drafts, previews, the name that is remembered, and one's own comment afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.browsing import fill_in, met, text_field, thread_of, times_stored, write_comment
from tests.browser.publisher import Publisher, assert_clean, new_story, newspaper
from tests.product.running import Running

pytestmark = [pytest.mark.browser, pytest.mark.processes]

KEPT = "Object.fromEntries(Object.entries(localStorage))"


@pytest.fixture(scope="module")
def publisher(product: Running) -> Iterator[Publisher]:
    with newspaper(product, "gazette", "The Gazette") as found:
        yield found


@pytest.fixture
def story(publisher: Publisher) -> str:
    """The address of a story of its own."""
    return new_story(publisher, "gazette")


def own_of(section: Locator) -> Locator:
    return section.locator(".own article")


def decide(product: Running, comment_id: str, action: str, **more: object) -> None:
    path = f"/v1/admin/comments/{comment_id}"
    product.until(lambda: product.as_admin("GET", path).json()["awaiting"] != "pending", what="screened")
    revision = product.as_admin("GET", path).json()["revision"]
    answer = product.as_admin("POST", f"{path}/decision", {"action": action, "revision": revision, **more})
    assert answer.status == 200, answer.body


def written(section: Locator, page: Page, text: str) -> str:
    """A comment that was sent by the form; its id."""
    with page.expect_response(lambda answer: answer.request.method == "POST") as posting:
        write_comment(section, text)
    made: str = posting.value.json()["id"]
    expect(own_of(section)).to_contain_text("Thank you.")
    return made


def test_nothing_moves_in_the_form_when_it_begins_to_work(story: str, reader: Page) -> None:
    reader.goto(story)
    section = thread_of(reader)
    parts = "[...form.querySelectorAll('input, textarea, button, summary')]"
    places = f"(form) => {parts}.map((one) => one.getBoundingClientRect().y)"
    form = section.locator("form")
    before = form.evaluate(places)
    with reader.expect_response("**/own.js"):
        section.get_by_role("textbox", name="Email").click()
    # It works: what is typed is counted.
    text_field(section).fill("Words")
    expect(section.locator("#text-note")).to_contain_text("5 of")
    # All but the button that ends an answer, which is not shown.
    assert [place for place in form.evaluate(places) if place] == before
    assert_clean(reader)


def test_a_draft_outlives_the_page_and_is_gone_once_it_was_sent(
    product: Running, story: str, reader: Page
) -> None:
    text = f"Half a thought {uuid4().hex}"
    reader.goto(story)
    section = thread_of(reader)
    fill_in(section, text)
    product.until(lambda: text in str(reader.evaluate(KEPT)), what="the draft kept")
    kept = reader.evaluate(KEPT)
    assert list(kept.values()) == [text]
    assert "wenna@example.org" not in str(kept)
    reader.reload()
    section = thread_of(reader)
    expect(text_field(section)).to_have_value(text)
    expect(section.get_by_role("textbox", name="Name")).to_have_value("")
    write_comment(section, text)
    expect(own_of(section)).to_contain_text("Thank you.")
    assert reader.evaluate(KEPT) == {}
    assert times_stored(product, text) == 1
    assert_clean(reader)


def test_the_name_is_remembered_if_asked_and_the_address_never(story: str, reader: Page) -> None:
    reader.goto(story)
    section = thread_of(reader)
    section.get_by_label("Remember me on this device").check()
    write_comment(section, f"By somebody known {uuid4().hex}")
    expect(own_of(section)).to_contain_text("Thank you.")
    assert reader.evaluate(KEPT) == {"greenroom.name": "Wenna"}
    reader.reload()
    section = thread_of(reader)
    expect(section.get_by_role("textbox", name="Name")).to_have_value("Wenna")
    expect(section.get_by_role("textbox", name="Email")).to_have_value("")
    section.get_by_label("Remember me on this device").uncheck()
    assert reader.evaluate(KEPT) == {}


def test_a_preview_shows_the_text_as_it_will_be_served(story: str, reader: Page) -> None:
    reader.goto(story)
    section = thread_of(reader)
    fill_in(section, "With *stress* <script>and</script>\n\n> a quote")
    section.get_by_text("Preview", exact=True).click()
    shown = section.locator("details .body")
    expect(shown.locator("em")).to_have_text("stress")
    expect(shown.locator("blockquote")).to_have_text("a quote")
    expect(shown).to_contain_text("<script>and</script>")
    text_field(section).fill("Now **loud**")
    expect(shown.locator("strong")).to_have_text("loud")
    assert_clean(reader)


def test_nothing_is_sent_while_somebody_writes_without_a_preview(story: str, reader: Page) -> None:
    reader.goto(story)
    section = thread_of(reader)
    fill_in(section, "Only between me and my screen")
    expect(section.locator(".count")).to_contain_text("29 of")
    assert [url for url in met(reader).requests if "/v1/preview" in url or url.endswith("/v1/comments")] == []


def test_ones_own_comment_tells_what_became_of_it(product: Running, story: str, reader: Page) -> None:
    reader.goto(story)
    section = thread_of(reader)
    comment_id = written(section, reader, f"To be *approved* {uuid4().hex}")
    own = own_of(section)
    expect(own).to_contain_text("Your comment waits for a person to read it.")
    expect(own).to_contain_text("Only you can see this yet")
    decide(product, comment_id, "approve")
    expect(own).to_contain_text("Your comment is published.", timeout=60_000)
    expect(own.get_by_text("Only you can see this yet")).to_be_hidden()
    # What was typed has become what is served.
    expect(own.locator(".body em")).to_have_text("approved")
    assert_clean(reader)


def test_ones_own_comment_is_changed_in_place(product: Running, story: str, reader: Page) -> None:
    reader.goto(story)
    section = thread_of(reader)
    comment_id = written(section, reader, f"With a mitsake {uuid4().hex}")
    own = own_of(section)
    own.get_by_role("button", name="Edit").click()
    field = own.get_by_label("Comment")
    expect(field).to_be_focused()
    field.fill("")
    own.get_by_role("button", name="Save").click()
    expect(own.get_by_role("alert")).not_to_have_text("")
    better = f"Without a mistake {uuid4().hex}"
    field.fill(better)
    own.get_by_role("button", name="Save").click()
    expect(own.locator(".body")).to_have_text(better)
    expect(own.get_by_role("button", name="Edit")).to_be_focused()
    assert product.as_admin("GET", f"/v1/admin/comments/{comment_id}").json()["text"] == better
    assert_clean(reader)


def test_a_change_that_could_not_be_sent_stays_in_its_field_and_says_so(story: str, reader: Page) -> None:
    reader.goto(story)
    section = thread_of(reader)
    written(section, reader, f"Before the tunnel {uuid4().hex}")
    own = own_of(section)
    own.get_by_role("button", name="Edit").click()
    field = own.get_by_label("Comment")
    field.fill("In the tunnel")
    reader.context.set_offline(True)
    own.get_by_role("button", name="Save").click()
    expect(own.get_by_role("alert")).to_have_text("No answer came from the comment service.")
    expect(field).to_have_value("In the tunnel")
    reader.context.set_offline(False)
    own.get_by_role("button", name="Save").click()
    expect(own.locator(".body")).to_have_text("In the tunnel")


def test_ones_own_comment_is_withdrawn_after_a_question(product: Running, story: str, reader: Page) -> None:
    reader.goto(story)
    section = thread_of(reader)
    comment_id = written(section, reader, f"Said too soon {uuid4().hex}")
    own = own_of(section)
    own.get_by_role("button", name="Withdraw").click()
    own.get_by_role("button", name="Cancel").click()
    expect(own.get_by_role("button", name="Withdraw")).to_be_focused()
    own.get_by_role("button", name="Withdraw").click()
    own.get_by_role("button", name="Yes, withdraw").click()
    expect(own).to_have_text("You have withdrawn this comment.")
    assert product.as_admin("GET", f"/v1/admin/comments/{comment_id}").json()["status"] == "withdrawn"
    assert_clean(reader)


def test_a_part_that_could_not_come_is_asked_for_again(product: Running, story: str, reader: Page) -> None:
    reader.goto(story)
    section = thread_of(reader)
    reader.route("**/form.js*", lambda route: route.abort())
    text = f"Written while half was away {uuid4().hex}"
    fill_in(section, text)
    section.get_by_role("button", name="Post Comment").click()
    expect(section.get_by_role("alert").first).to_have_text(
        "No answer came from the comment service. Your text is still here."
    )
    reader.unroute("**/form.js*")
    section.get_by_role("button", name="Post Comment").click()
    expect(own_of(section)).to_contain_text("Thank you.")
    assert times_stored(product, text) == 1
