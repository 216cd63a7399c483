"""The desk's pages as plain forms: everything that they do works with scripts switched off."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect

from service.store.database import Database
from service.store.tables import comments
from tests.browser.browsing import add_site, card_of, met, person, sent, sign_in
from tests.browser.desk import flood
from tests.product.running import Running

pytestmark = [pytest.mark.browser, pytest.mark.processes]


@pytest.fixture
def page(browser: Browser, product: Running) -> Iterator[Page]:
    """A moderator without scripts, signed in."""
    with person(browser, java_script_enabled=False) as found:
        sign_in(found, product)
        yield found


def waiting(product: Running, words: str, **changes: Any) -> tuple[str, str]:
    text = f"{words} {uuid4().hex}"
    return sent(product, text, **changes)["id"], text


def status(product: Running, comment_id: str) -> str:
    found: str = product.as_admin("GET", f"/v1/admin/comments/{comment_id}").json()["status"]
    return found


def test_a_comment_is_approved_from_the_queue_and_taken_back(product: Running, page: Page) -> None:
    comment_id, text = waiting(product, "Plainly approved")
    page.goto(f"{product.url}/moderation?queue=held&q={text.split()[-1]}")
    card_of(page, text).get_by_role("button", name="Approve").click()
    expect(page.locator("#told")).to_contain_text("Approved.")
    assert status(product, comment_id) == "approved"
    page.locator("#told").get_by_role("button", name="Undo").click()
    expect(page.locator("#told")).to_contain_text("Taken back: it stands as before.")
    assert status(product, comment_id) == "held"


def test_a_rejection_without_a_reason_comes_back_with_what_was_typed(product: Running, page: Page) -> None:
    comment_id, text = waiting(product, "Plainly rejected")
    page.goto(f"{product.url}/moderation?queue=held&q={text.split()[-1]}")
    card_of(page, text).get_by_role("link", name="Reject…").click()
    page.get_by_label("Tell the author").fill("We print no adverts.")
    page.get_by_label("Note for colleagues").fill("The third today.")
    page.get_by_role("button", name="Reject", exact=True).click()
    expect(page.locator("#told")).to_contain_text("A rejection needs a reason")
    expect(page.get_by_label("Tell the author")).to_have_value("We print no adverts.")
    expect(page.get_by_label("Note for colleagues")).to_have_value("The third today.")
    page.get_by_label("Advertisement").check()
    page.get_by_label("Personal data").check()
    page.get_by_role("button", name="Reject", exact=True).click()
    expect(page.locator("#told")).to_contain_text("Rejected.")
    last = product.as_admin("GET", f"/v1/admin/comments/{comment_id}").json()["decisions"][-1]
    assert [one["code"] for one in last["reasons"]] == ["advertisement", "personal_data"]
    assert (last["message"], last["note"]) == ("We print no adverts.", "The third today.")


def test_what_a_colleague_decided_meanwhile_is_told_in_the_case(product: Running, page: Page) -> None:
    comment_id, _ = waiting(product, "Decided elsewhere")
    page.goto(f"{product.url}/moderation/comments/{comment_id}")
    product.as_admin(
        "POST", f"/v1/admin/comments/{comment_id}/decision", {"action": "approve", "revision": 1}
    )
    page.get_by_role("button", name="Spam", exact=True).click()
    expect(page.locator("#told")).to_contain_text(
        "first-admin has approved this comment since you looked at it."
    )
    assert status(product, comment_id) == "approved"


def test_many_are_decided_at_once_after_their_number_was_seen_and_taken_back_as_a_whole(
    product: Running, page: Page
) -> None:
    name = f"Flooder {uuid4().hex[:8]}"
    author = {"name": name, "email": f"{uuid4().hex}@example.org"}
    made = [waiting(product, f"Number {n} of five", author=author)[0] for n in range(5)]
    page.goto(f"{product.url}/moderation?queue=held&site=demo&author={name}")
    expect(page.locator(".card")).to_have_count(5)
    page.get_by_text("Several at once").click()
    page.get_by_label(re.compile("All that this queue shows now")).check()
    page.locator("#bulk").get_by_role("button", name="Spam").click()
    expect(page.get_by_role("heading", name="Rejected as spam: 5 comments?")).to_be_visible()
    assert {status(product, one) for one in made} == {"held"}
    page.get_by_role("button", name="Yes: rejected as spam, 5 of them").click()
    address = page.url
    product.until(lambda: {status(product, one) for one in made} == {"rejected"}, what="all rejected")
    page.goto(address)
    expect(page.get_by_role("status")).to_contain_text("5 decided, 0 passed over")
    page.get_by_role("button", name="Undo all of it").click()
    product.until(lambda: {status(product, one) for one in made} == {"held"}, what="all held again")


def test_a_ban_shows_what_it_would_catch_and_is_lifted_for_good(product: Running, page: Page) -> None:
    author = {"name": "Mallory", "email": f"{uuid4().hex}@example.org"}
    comment_id, _ = waiting(product, "Mallory was here", author=author)
    page.goto(f"{product.url}/moderation/comments/{comment_id}")
    page.get_by_text("Ban or trust").click()
    page.get_by_label("What", exact=True).select_option("ban address")
    page.get_by_label("Cause").select_option("insult")
    page.get_by_role("button", name="Show what it would catch").click()
    expect(page.get_by_text("it would have caught 1 comments")).to_be_visible()
    page.get_by_role("button", name="Yes, ban this author").click()
    expect(page.locator("#told")).to_contain_text("The ban runs.")
    # Workers look at bans anew every few seconds.
    product.until(
        lambda: status(product, waiting(product, "Mallory again", author=author)[0]) == "rejected",
        what="a banned author rejected",
    )
    page.get_by_role("button", name="Lift", exact=True).click()
    expect(page.locator("#told")).to_contain_text("Lifted, for good.")
    page.goto(f"{product.url}/moderation/standings")
    expect(page.get_by_text("lifted by first-admin").first).to_be_visible()
    assert author["email"] not in page.content()


def test_a_policy_is_tried_out_before_it_is_switched_on(product: Running, page: Page) -> None:
    sent(product, "The bridge is fine by me.", site="tried", url=add_site(product, "tried"))
    page.goto(f"{product.url}/moderation/policy?site=tried")
    rules = page.get_by_label(re.compile("^Rules"))
    document = rules.input_value()
    rules.fill(document.replace('otherwise = "hold"', 'otherwise = "publish"', 1))
    page.get_by_role("button", name="Try out").click()
    expect(page.get_by_role("alert")).to_contain_text("This cannot be switched on")
    assert 'otherwise = "publish"' in rules.input_value()
    rules.fill(document.replace('otherwise = "hold"', 'otherwise = "approve"', 1))
    page.get_by_role("button", name="Try out").click()
    expect(page.get_by_text("hold → approve")).to_be_visible()
    expect(page.locator("#tried")).to_contain_text("The bridge is fine")
    expect(page.locator(".diff ins")).to_contain_text('otherwise = "approve"')
    page.get_by_role("button", name="Switch on").click()
    expect(page.get_by_role("heading", name="Version 1")).to_be_visible()
    page.get_by_role("button", name="Hold everything").click()
    expect(page.get_by_text("Everything that comes to this site is held")).to_be_visible()
    page.get_by_role("button", name="Switch the storm off").click()
    expect(page.locator("#told")).to_contain_text("The storm is over")


def test_people_get_a_token_once_and_lose_it_at_once(product: Running, page: Page, browser: Browser) -> None:
    name = f"Wenna {uuid4().hex[:6]}"
    page.goto(f"{product.url}/moderation/people")
    page.locator("#name").fill(name)
    page.locator("#role").select_option("viewer")
    page.get_by_role("button", name="Make a token").click()
    token = page.locator(".secret").inner_text()
    page.goto(f"{product.url}/moderation/people")
    assert token not in page.content()
    with person(browser, java_script_enabled=False) as viewer:
        sign_in(viewer, product, token)
        _, text = waiting(product, "Only to be read")
        viewer.goto(f"{product.url}/moderation?queue=held&q={text.split()[-1]}")
        expect(card_of(viewer, text)).to_be_visible()
        expect(card_of(viewer, text).get_by_role("button", name="Approve")).to_have_count(0)
        viewer.goto(f"{product.url}/moderation/journal")
        expect(viewer.get_by_text("This token may not do that.")).to_be_visible()
        page.get_by_role("button", name=f"Revoke the token of {name}").click()
        expect(page.locator("#told")).to_contain_text("The token is revoked.")
        viewer.goto(f"{product.url}/moderation")
        expect(viewer.get_by_label("Your token")).to_be_visible()
    page.goto(f"{product.url}/moderation/journal")
    expect(page.get_by_role("row").filter(has_text="token.revoke").filter(has_text=name)).to_have_count(1)


def test_a_view_is_kept_and_searching_finds_words(product: Running, page: Page) -> None:
    _, text = waiting(product, "A kestrel over the quay")
    page.goto(f"{product.url}/moderation?queue=held&q=kestrel+quay")
    expect(card_of(page, text)).to_be_visible()
    page.goto(f'{product.url}/moderation?queue=held&q="quay+kestrel"')
    expect(page.get_by_text("Nothing here is like that.")).to_be_visible()
    page.goto(f"{product.url}/moderation?queue=held&label=spam&score_from=2")
    expect(page.locator("#told")).to_contain_text("This is a number from 0 to 1.")
    page.goto(f"{product.url}/moderation?queue=held&q=kestrel")
    page.get_by_text("Keep this view").click()
    page.get_by_label("Name", exact=True).fill("Birds")
    page.get_by_role("button", name="Keep", exact=True).click()
    page.goto(f"{product.url}/moderation")
    page.get_by_role("link", name="Birds").click()
    expect(card_of(page, text)).to_be_visible()
    page.get_by_role("button", name="Delete the view Birds").click()
    expect(page.get_by_role("link", name="Birds")).to_have_count(0)


def test_colleagues_leave_notes_and_conversations_are_closed(product: Running, page: Page) -> None:
    comment_id, _ = waiting(product, "To be noted", url=f"https://example.org/{uuid4().hex}")
    page.goto(f"{product.url}/moderation/comments/{comment_id}")
    page.get_by_label("New note").fill("Known to the sports desk.")
    page.get_by_role("button", name="Keep the note").click()
    expect(page.get_by_text("Known to the sports desk.")).to_be_visible()
    page.get_by_role("button", name="Close it").click()
    expect(page.locator("#told")).to_contain_text("The conversation is closed.")
    page.get_by_role("button", name="Open it again").click()
    expect(page.locator("#told")).to_contain_text("The conversation is open.")
    for path in ("figures", "reasons", "standings", "bulks", "policy"):
        page.goto(f"{product.url}/moderation/{path}")
        expect(page.get_by_role("navigation", name="Desk").locator("[aria-current]")).to_have_count(1)
    assert met(page).errors == []


def test_each_queue_tells_how_many_are_in_it_and_how_old_the_oldest_is(product: Running, page: Page) -> None:
    shown, spam, first, _ = flood(product, "aged", 4)
    for comment_id, action in ((shown, "approve"), (spam, "spam")):
        path = f"/v1/admin/comments/{comment_id}/decision"
        assert product.as_admin("POST", path, {"action": action, "revision": 1}).status == 200
    assert product.ask("POST", f"/v1/comments/{shown}/flag", {"reason": "hate"}).status < 300
    came_before(product, {shown: timedelta(hours=50), spam: timedelta(hours=5), first: timedelta(minutes=7)})
    page.goto(f"{product.url}/moderation?site=aged")
    tabs = page.get_by_role("navigation", name="Queues").get_by_role("link")
    for queue, told in (
        ("Held", "2oldest 7 min"),
        ("Reported", "1oldest 2 days"),
        ("Approved", "1oldest 2 days"),
        ("Spam", "1oldest 5 h"),
        ("Everything", "4oldest 2 days"),
    ):
        expect(tabs.filter(has_text=queue)).to_have_text(f"{queue} {told}")
    expect(tabs.filter(has_text="Escalated")).to_have_text("Escalated 0")


def came_before(product: Running, ages: dict[str, timedelta]) -> None:
    """As if these comments had come so long ago."""
    database = Database(product.database_url)
    try:
        with database.write() as connection:
            for comment_id, age in ages.items():
                theirs = sa.update(comments).where(comments.c.id == UUID(comment_id))
                connection.execute(theirs.values(created_at=datetime.now(UTC) - age))
    finally:
        database.close()
