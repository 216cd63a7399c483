"""One comment's whole life in a browser: written under a story, held, approved by a person, seen by everybody.

Told on one machine (``greenroom up``: SQLite, embedded Valkey) and past one: PostgreSQL and Valkey by their URLs, two
web processes, three workers.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from service.adapters.valkey import EmbeddedValkey
from tests.browser.browsing import card_of, met, open_queue, seen_by_readers, thread_of, write_comment
from tests.browser.conftest import Come
from tests.conftest import make_database, named
from tests.product.running import Running

pytestmark = [pytest.mark.browser, pytest.mark.processes]


@pytest.fixture(scope="module")
def spread_out(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The product past one machine: ``migrate``, ``serve`` with two web processes, three times ``work``."""
    name = f"greenroom_{uuid4().hex[:12]}"
    make_database(postgres_url, name)
    # A unix socket's path is short.
    folder = Path(tempfile.mkdtemp(prefix="grb-"))
    valkey = EmbeddedValkey(folder, folder / "v.sock")
    valkey.start()
    running = Running(
        tmp_path_factory.mktemp("spread"),
        {
            "database_url": named(postgres_url, name),
            "redis_url": f"unix://{folder}/v.sock?db=0",
            "web_workers": "2",
        },
    )
    try:
        running.run("migrate", "--first-run")
        running.start("web", "serve")
        for number in range(3):
            running.start(f"worker {number}", "work")
        running.until(running.ready, seconds=60, what="ready")
        assert len(running.workers) == 3
        yield running
    finally:
        running.stop()
        valkey.stop()
        shutil.rmtree(folder, ignore_errors=True)


def walk(product: Running, come: Come) -> None:
    writer = come()
    writer.goto(f"{product.url}/demo/")
    section = thread_of(writer)
    expect(section.get_by_role("heading", name="Be the first to comment")).to_be_visible()
    expect(section.get_by_role("heading", name="Leave a Reply")).to_be_visible()
    expect(section.get_by_text("Your email address will not be published.")).to_be_visible()

    text = f"Count the passes too, please. {uuid4().hex}"
    write_comment(section, text)
    expect(section.get_by_text("Thank you. Your comment waits for approval.").last).to_be_visible()
    expect(section.get_by_text(text)).to_be_visible()

    reader = come()
    reader.goto(f"{product.url}/demo/")
    expect(thread_of(reader).get_by_role("heading", name="Be the first to comment")).to_be_visible()
    expect(reader.get_by_text(text)).to_have_count(0)

    product.until(
        lambda: any(
            comment["text"] == text
            for comment in product.as_admin("GET", "/v1/admin/comments?status=held").json()["comments"]
        ),
        what="the comment held",
    )
    moderator = come()
    open_queue(moderator, product)
    card = card_of(moderator, text)
    expect(card.locator(".chip")).to_have_text("held")
    # Typed faster than a person can: that is what the checks saw, and why it waits.
    expect(card.get_by_role("list", name="What the checks saw")).to_contain_text("after the form was opened")
    expect(card).to_contain_text("by the checks")
    expect(moderator.locator("#next")).to_be_visible()
    card.focus()
    moderator.keyboard.press("a")
    expect(card).to_have_count(0)
    expect(moderator.locator("#toast-text")).to_have_text("Approved: the comment by Wenna.")

    on_stage(product, text)
    reader.reload()
    section = thread_of(reader)
    expect(section.get_by_role("heading", name="1 comment")).to_be_visible()
    expect(section.get_by_text(text)).to_be_visible()
    answer_it(reader, moderator, product)
    writer.reload()
    section = thread_of(writer)
    expect(section.get_by_role("heading", name="2 comments")).to_be_visible()
    expect(section.locator(".replies .body")).to_have_text("They are counted now.")
    for page in (writer, reader, moderator):
        assert met(page).errors == []
        assert met(page).hosts == {f"127.0.0.1:{product.port}"}
        assert "wenna@example.org" not in page.content()


def answer_it(reader: Page, moderator: Page, product: Running) -> None:
    """The second reader replies to the one comment there is; the moderator, still at the queue, lets it pass."""
    section = thread_of(reader)
    section.get_by_role("button", name="Reply to Wenna").click()
    expect(section.get_by_role("heading", name="Leave a Reply to Wenna")).to_be_visible()
    reply = "They are counted now."
    write_comment(section, reply, name="Tobias", email="tobias@example.org")
    expect(section.get_by_text("Thank you. Your comment waits for approval.").last).to_be_visible()
    product.until(
        lambda: (
            [
                (comment["text"], comment["parent_id"] is None)
                for comment in product.as_admin("GET", "/v1/admin/comments?status=held").json()["comments"]
            ]
            == [(reply, False)]
        ),
        what="the reply held, and nothing else",
    )
    moderator.get_by_role("link", name="Refresh").click()
    card = card_of(moderator, reply)
    expect(card.locator("header")).to_contain_text("a reply")
    expect(card).to_be_focused()
    moderator.keyboard.press("a")
    expect(card).to_have_count(0)
    on_stage(product, reply)


def on_stage(product: Running, text: str) -> None:
    """Wait for a comment to be approved: the desk shows a decision before it has the answer."""
    approved = "/v1/admin/comments?status=approved"
    product.until(
        lambda: text.encode() in product.as_admin("GET", approved).body, what="the comment on stage"
    )


def test_a_comment_lives_its_whole_life_on_one_machine(product: Running, come: Come) -> None:
    walk(product, come)


def test_a_comment_lives_its_whole_life_on_postgresql_with_two_web_and_three_worker_processes(
    spread_out: Running, come: Come
) -> None:
    assert len(spread_out.web) >= 3, "granian's main process and two that answer"
    walk(spread_out, come)


def test_where_the_policy_approves_a_comment_is_seen_without_a_person(product: Running, come: Come) -> None:
    policy = product.folder / "policy.json"
    policy.write_text(
        json.dumps({"otherwise": "approve", "rules": [{"label": "spam", "at": 0.95, "action": "reject"}]})
    )
    product.run("policy", "set", "demo", str(policy))
    writer = come()
    writer.goto(f"{product.url}/demo/")
    text = f"Half the sailings is better than none. {uuid4().hex}"
    with writer.expect_response(lambda answer: answer.request.method == "POST") as posting:
        write_comment(thread_of(writer), text)
    receipt = posting.value.json()
    assert receipt["status"] == "pending"
    product.until(lambda: text in seen_by_readers(product), what="the comment approved by the policy")
    reader = come()
    reader.goto(f"{product.url}/demo/")
    expect(thread_of(reader).get_by_text(text)).to_be_visible()
    decisions = product.as_admin("GET", f"/v1/admin/comments/{receipt['id']}").json()["decisions"]
    assert [(one["action"], one["automated"]) for one in decisions] == [("approve", True)]
