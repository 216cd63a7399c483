"""With JavaScript switched off everything a reader needs is still there: reading, writing, replying, being told."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from playwright.sync_api import Page, Response, expect

from tests.browser.browsing import (
    approved,
    card_of,
    demo_story,
    fill_in,
    met,
    open_queue,
    text_field,
    times_stored,
    write_comment,
)
from tests.browser.conftest import Come
from tests.product.running import STORY, Running

pytestmark = [pytest.mark.browser, pytest.mark.processes]


@pytest.fixture
def reader(come: Come, product: Running) -> Page:
    """Somebody without scripts, who followed the link in the element on the demo story."""
    page = come(java_script_enabled=False)
    page.goto(f"{product.url}/demo/")
    page.get_by_role("link", name="Read and write comments").click()
    return page


def held_texts(product: Running) -> list[str]:
    found = product.as_admin("GET", "/v1/admin/comments?status=held&limit=100").json()["comments"]
    return [comment["text"] for comment in found]


def test_the_link_in_the_element_leads_to_a_page_with_a_form_that_works(
    product: Running, reader: Page
) -> None:
    assert urlsplit(reader.url).path == "/demo/t"
    expect(reader.get_by_role("heading", name="Be the first to comment")).to_be_visible()
    expect(reader.get_by_role("heading", name="Leave a Reply")).to_be_visible()
    expect(reader.get_by_text("Your email address will not be published.")).to_be_visible()
    text = f"Written without a script {uuid4().hex}"
    answers: list[tuple[str, int]] = []

    def note(answer: Response) -> None:
        # Pictures and styles of the page before may still be on their way.
        if answer.request.resource_type == "document":
            answers.append((answer.request.method, answer.status))

    reader.on("response", note)
    write_comment(reader, text)
    expect(reader.get_by_text("Thank you. Your comment waits for approval.")).to_be_visible()
    assert answers == [("POST", 202)]
    expect(reader.get_by_text(text)).to_have_count(0)
    product.until(lambda: text in held_texts(product), what="the comment held")
    # Loading the result again sends the same bytes, which are known.
    reader.reload()
    expect(reader.get_by_text("Thank you. Your comment waits for approval.")).to_be_visible()
    assert times_stored(product, text) == 1
    assert met(reader).hosts == {f"127.0.0.1:{product.port}"}
    assert met(reader).errors == []
    expect(reader.get_by_role("link", name="Back to the story")).to_have_attribute(
        "href", demo_story(product)
    )


def test_errors_stand_beside_their_fields_and_the_typed_text_is_kept(product: Running, reader: Page) -> None:
    text = "\nA line first.\n\n<b>“Quotes”</b> & ümläuts\nand  spaces"
    # The browser's own checks are not the ones in question.
    with reader.expect_navigation():
        write_comment(reader, text, name="wenna@example.org", email="wenna@localhost")
    assert reader.title().startswith("Error: ")
    summary = reader.locator("#form-errors")
    expect(summary).to_be_focused()
    # In the order of the fields, each a way to its field.
    links = summary.get_by_role("link")
    assert [link.get_attribute("href") for link in links.all()] == ["#name", "#email"]
    for field, label, typed in (("name", "Name", "wenna@example.org"), ("email", "Email", "wenna@localhost")):
        entry = reader.get_by_label(label)
        expect(entry).to_have_value(typed)
        expect(entry).to_have_attribute("aria-invalid", "true")
        complaint = reader.locator(f"#{field}-error")
        expect(complaint).to_be_visible()
        described = entry.get_attribute("aria-describedby") or ""
        assert f"{field}-error" in described.split()
        box, below = entry.bounding_box(), complaint.bounding_box()
        assert box is not None
        assert below is not None
        assert 0 <= below["y"] - (box["y"] + box["height"]) < 40, "not beside its field"
        summary.get_by_role("link", name=complaint.inner_text()).click()
    expect(text_field(reader)).to_have_value(text)
    expect(text_field(reader)).not_to_have_attribute("aria-invalid", "true")

    reader.get_by_label("Name").fill("Wenna")
    reader.get_by_label("Email").fill("wenna@example.org")
    reader.get_by_role("button", name="Post Comment").click()
    expect(reader.get_by_text("Thank you. Your comment waits for approval.")).to_be_visible()
    product.until(
        lambda: any("& ümläuts\nand  spaces" in held for held in held_texts(product)), what="the text stored"
    )


def test_a_reply_goes_below_what_it_answers(product: Running, come: Come) -> None:
    above = approved(
        product, f"Who pays for the roof? {uuid4().hex}", author={"name": "Tobias", "email": "t@example.org"}
    )
    page = come(java_script_enabled=False)
    page.goto(f"{product.url}/demo/t?url={STORY}")
    page.get_by_role("link", name="Reply to Tobias").click()
    expect(page.get_by_role("heading", name="Leave a Reply to Tobias")).to_be_in_viewport()
    text = f"The paving does. {uuid4().hex}"
    write_comment(page, text)
    expect(page.get_by_text("Thank you. Your comment waits for approval.")).to_be_visible()
    product.until(lambda: text in held_texts(product), what="the reply held")
    [reply] = [
        one
        for one in product.as_admin("GET", "/v1/admin/comments?status=held&limit=100").json()["comments"]
        if one["text"] == text
    ]
    assert reply["parent_id"] == above["id"]
    product.as_admin(
        "POST",
        f"/v1/admin/comments/{reply['id']}/decision",
        {"action": "approve", "revision": reply["revision"]},
    )
    page.goto(f"{product.url}/demo/t?url={STORY}")
    expect(page.locator(".comments .replies").get_by_text(text)).to_be_visible()


def test_a_form_that_is_sent_twice_stores_one_comment(product: Running, reader: Page) -> None:
    text = f"Clicked twice, sent twice {uuid4().hex}"
    fill_in(reader, text)
    with reader.expect_request(lambda request: request.method == "POST") as posting:
        reader.get_by_role("button", name="Post Comment").dblclick()
    expect(reader.get_by_text("Thank you. Your comment waits for approval.")).to_be_visible()
    # What an impatient browser, or one that came back to life, does: the same bytes once more.
    again = reader.context.request.post(
        posting.value.url,
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        data=posting.value.post_data_buffer or b"",
        max_redirects=0,
    )
    assert again.status == 202
    assert times_stored(product, text) == 1


def open_own(page: Page, product: Running, code: str) -> None:
    """Come back on another day, with nothing but the code."""
    page.goto(f"{product.url}/own")
    page.get_by_label("Your private code").fill(code)
    page.get_by_role("button", name="Show my comment").click()


def decide(product: Running, comment_id: str, action: str, **body: Any) -> None:
    path = f"/v1/admin/comments/{comment_id}"
    revision = product.as_admin("GET", path).json()["revision"]
    chosen = {"action": action, "revision": revision, **body}
    assert product.as_admin("POST", f"{path}/decision", chosen).status == 200


def test_a_whole_life_of_a_comment_needs_no_script(product: Running, reader: Page, come: Come) -> None:
    thread = reader.url
    text, changed = f"You ferry fool {uuid4().hex}", f"The ferry is late again {uuid4().hex}"
    write_comment(reader, text)
    expect(reader.get_by_text("Thank you. Your comment waits for approval.")).to_be_visible()
    code = reader.locator(".code").inner_text()
    comment_id, _, token = code.partition(".")
    link = reader.get_by_role("link", name="Your private link")
    expect(link).to_have_attribute("href", f"{product.url}/own#{code}")
    product.until(lambda: text in held_texts(product), what="the comment held")
    link.click()
    expect(reader.get_by_label("Your private code")).to_have_value("")

    open_own(reader, product, code)
    expect(reader.get_by_role("heading", name="Your comment waits for a person to read it.")).to_be_visible()
    reader.get_by_label("Comment", exact=True).fill(changed)
    reader.get_by_role("button", name="Save").click()
    expect(reader.get_by_text("Your change was received")).to_be_visible()
    product.until(lambda: changed in held_texts(product), what="the change held")

    decide(product, comment_id, "reject", reasons=["insult"], message="Nobody here is a fool.")
    open_own(reader, product, code)
    expect(reader.get_by_role("heading", name="Your comment was not published.")).to_be_visible()
    for told in ("Insult", "A person decided this.", "Nobody here is a fool."):
        expect(reader.get_by_text(told)).to_be_visible()
    words = f"I meant the timetable {uuid4().hex}"
    reader.get_by_label("What should they know?").fill(words)
    reader.get_by_role("button", name="Ask a person to look again").click()
    expect(reader.get_by_role("heading", name="That is still to come.")).to_be_visible()
    expect(reader.get_by_text(words)).to_be_visible()

    moderator = come(java_script_enabled=False)
    open_queue(moderator, product, "?queue=appeals")
    card = card_of(moderator, changed)
    expect(card).to_contain_text(words)
    expect(card.get_by_label("Its author’s appeal")).to_contain_text("Nobody here is a fool.")
    card.get_by_role("button", name="Approve").click()
    expect(card_of(moderator, changed)).to_have_count(0)

    open_own(reader, product, code)
    expect(reader.get_by_role("heading", name="Your comment is published.")).to_be_visible()
    expect(reader.get_by_role("heading", name="published your comment")).to_be_visible()
    reader.goto(thread)
    expect(reader.get_by_text(changed)).to_be_visible()

    open_own(reader, product, code)
    reader.get_by_role("button", name="Withdraw").click()
    reader.get_by_role("button", name="Yes, withdraw").click()
    expect(reader.get_by_text("You have withdrawn your comment.")).to_be_visible()
    reader.goto(thread)
    expect(reader.get_by_text(changed)).to_have_count(0)
    assert met(reader).errors == []
    assert token not in product.log()


def test_a_comment_is_reported_by_a_plain_form(product: Running, come: Come) -> None:
    name = f"Tobias {uuid4().hex[:8]}"
    made = approved(product, f"Look. {uuid4().hex}", author={"name": name, "email": "t@example.org"})
    page = come(java_script_enabled=False)
    page.goto(f"{product.url}/demo/t?url={STORY}")
    page.get_by_role("link", name=f"Report the comment by {name}").click()
    page.get_by_label("What is wrong with it?").select_option("Hate against a group")
    page.get_by_role("button", name="Report").click()
    expect(page.get_by_text("Thank you. A moderator will look at it.")).to_be_visible()
    case = product.as_admin("GET", f"/v1/admin/comments/{made['id']}").json()
    assert case["flags"] == {"count": 1, "reasons": {"hate": 1}}
