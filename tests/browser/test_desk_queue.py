"""A queue while it is worked at: news, several at once by key, passing on to an editor, claims, and what fails."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, Route, expect

from service.domain.figures import REST_AFTER_LONG
from service.store.database import Database
from service.store.tables import decisions
from tests.browser.browsing import HeldBack, card_of, met, open_queue, sent, sign_in
from tests.browser.conftest import Come
from tests.browser.desk import at_card, by_people, case, colleague, decided, flood, held, waiting
from tests.past import Past
from tests.product.running import Running

pytestmark = [pytest.mark.browser, pytest.mark.processes]


def of_site(product: Running, page: Page, site: str) -> None:
    """The held comments of one site, with the focus on the first."""
    open_queue(page, product, f"?queue=held&site={site}")
    expect(page.locator("#next")).to_be_visible()
    expect(page.locator(".card").first).to_be_focused()


def in_order(page: Page) -> list[str]:
    found: list[str] = page.locator(".card").evaluate_all("(cards) => cards.map((card) => card.dataset.id)")
    return found


def test_news_is_told_by_number_and_moves_nothing_until_it_is_asked_for(product: Running, come: Come) -> None:
    made = flood(product, "news", 4)
    page = come()
    sign_in(page, product)
    page.clock.install()
    of_site(product, page, "news")
    top = "document.querySelector('.card').getBoundingClientRect().top"
    before = page.evaluate(top)
    later = [
        sent(product, f"Later {uuid4().hex}", site="news", url="https://news.example/story")["id"]
        for _ in range(3)
    ]
    # As long as the page waits between two looks.
    page.clock.fast_forward(20_000)
    expect(page.locator("#news-text")).to_have_text("3 new")
    assert in_order(page) == made
    assert page.evaluate(top) == before
    expect(page.locator(f"[id='c-{made[0]}']")).to_be_focused()
    page.get_by_role("link", name="Show", exact=True).click()
    expect(page.locator(".card")).to_have_count(7)
    assert in_order(page) == made + later
    expect(page.locator("#news-text")).to_have_text("Nothing new")
    assert met(page).errors == []


def test_two_that_were_selected_are_rejected_as_spam_by_one_key_once_it_was_confirmed(
    product: Running, come: Come
) -> None:
    made = flood(product, "picked", 3)
    page = come()
    of_site(product, page, "picked")
    for key in ("x", "j", "x"):
        page.keyboard.press(key)
    expect(page.locator("#picked")).to_have_text("2 selected")
    page.keyboard.press("Shift+S")
    expect(page.get_by_role("heading", name="Rejected as spam: 2 comments?")).to_be_visible()
    assert [by_people(product, one) for one in made] == [[], [], []]
    page.get_by_role("button", name="Yes: rejected as spam, 2 of them").click()
    for one in made[:2]:
        decided(product, one, ("reject", ["spam"]))
    assert by_people(product, made[2]) == []
    assert case(product, made[2])["status"] == "held"


def test_hold_taking_back_by_z_and_going_to_a_queue_do_what_the_help_says(
    product: Running, come: Come
) -> None:
    comment_id, text = waiting(product, "Seen by everybody")
    revision = case(product, comment_id)["revision"]
    path = f"/v1/admin/comments/{comment_id}/decision"
    assert product.as_admin("POST", path, {"action": "approve", "revision": revision}).status == 200
    page = come()
    open_queue(page, product, f"?queue=approved&q={text.split()[-1]}")
    at_card(page, text)
    page.keyboard.press("h")
    expect(card_of(page, text)).to_have_count(0)
    expect(page.locator("#toast-text")).to_have_text("Held: the comment by Ada.")
    decided(product, comment_id, ("approve", []), ("hold", []))
    # Taken back from another card: keys work in cards alone.
    word = f"w{uuid4().hex}"
    comment_id, text = waiting(product, f"{word} to be taken back by z")
    _, other = waiting(product, f"{word} beside it")
    open_queue(page, product, f"?queue=held&q={word}")
    at_card(page, text)
    page.keyboard.press("a")
    decided(product, comment_id, ("approve", []))
    at_card(page, other)
    page.keyboard.press("z")
    expect(card_of(page, text)).to_be_focused()
    decided(product, comment_id, ("approve", []), ("undo", []))
    second = page.locator("#queues a").nth(1)
    address, title = second.get_attribute("href"), second.inner_text()
    assert address is not None
    page.keyboard.press("g")
    page.keyboard.press("2")
    page.wait_for_url(product.url + address)
    expect(page.get_by_role("heading", level=1)).to_have_text(title.split()[0])
    expect(page.locator("#queues a").nth(1)).to_have_attribute("aria-current", "page")


def test_a_comment_is_passed_on_to_an_editor_by_a_key_and_a_note(product: Running, come: Come) -> None:
    comment_id, text = waiting(product, "Somebody else should look at this")
    page = come()
    open_queue(page, product, f"?queue=held&q={text.split()[-1]}")
    card = at_card(page, text)
    page.keyboard.press("e")
    panel = card.get_by_role("form", name="Escalate")
    note = panel.get_by_label("Note for colleagues")
    expect(note).to_be_focused()
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    expect(card.get_by_role("link", name="Escalate…")).to_be_focused()
    # It is asked for in place, and nothing is sent without it.
    page.keyboard.press("e")
    page.keyboard.press("Enter")
    expect(panel).to_be_visible()
    note.press_sequentially("  ")
    page.keyboard.press("Enter")
    expect(note).to_be_focused()
    # One question at a time: rejecting asks for its own.
    panel.get_by_role("button", name="Cancel").focus()
    card.get_by_role("link", name="Reject…").click()
    expect(panel).to_have_count(0)
    expect(card.get_by_role("form", name="Reject")).to_be_visible()
    card.get_by_role("link", name="Escalate…").click()
    expect(card.get_by_role("form", name="Reject")).to_have_count(0)
    assert by_people(product, comment_id) == []
    note.fill("Is this the councillor himself? a e s")
    page.keyboard.press("Enter")
    expect(card).to_have_count(0)
    expect(page.locator("#toast-text")).to_have_text("Escalated: the comment by Ada.")
    decided(product, comment_id, ("escalate", []))
    assert case(product, comment_id)["decisions"][-1]["note"] == "Is this the councillor himself? a e s"
    page.goto(f"{product.url}/moderation?queue=escalated")
    expect(card_of(page, text).locator(".chip").nth(1)).to_have_text("escalated")
    expect(card_of(page, text).get_by_role("link", name="Escalate…")).to_have_count(0)
    assert met(page).errors == []


def test_without_scripts_escalating_leads_to_the_case(product: Running, come: Come) -> None:
    comment_id, text = waiting(product, "Passed on without a script")
    page = come(java_script_enabled=False)
    open_queue(page, product, f"?queue=held&q={text.split()[-1]}")
    card_of(page, text).get_by_role("link", name="Escalate…").click()
    page.get_by_label("Note for colleagues").fill("For the editor.")
    page.get_by_role("button", name="Escalate").click()
    expect(page.locator("#told")).to_contain_text("Escalated.")
    assert by_people(product, comment_id) == [("escalate", [])]


def test_a_claim_is_renewed_for_as_long_as_a_card_keeps_the_focus_and_given_up_on_leaving(
    product: Running, come: Come
) -> None:
    comment_id, text = waiting(product, "Long to think about")
    claim = f"/v1/admin/comments/{comment_id}/claim"
    page = come()
    sign_in(page, product)
    page.clock.install()
    page.goto(f"{product.url}/moderation?queue=held&q={text.split()[-1]}")
    with page.expect_response(lambda answer: answer.url.endswith(claim)) as first:
        at_card(page, text)
        page.clock.fast_forward(1_000)
    assert first.value.json()["claim"]["mine"]
    for _ in range(2):
        with page.expect_response(lambda answer: answer.url.endswith(claim)) as again:
            page.clock.fast_forward(60_000)
        assert again.value.request.method == "POST"
        assert again.value.json()["claim"]["until"] >= first.value.json()["claim"]["until"]
    # Elsewhere on the page nobody looks at the card: what is due then is not asked.
    page.locator("#q").focus()
    asked = len(of(page, claim))
    with page.expect_response(lambda answer: "/v1/admin/queues" in answer.url):
        page.clock.fast_forward(60_000)
    assert len(of(page, claim)) == asked
    assert case(product, comment_id)["claim"]["moderator"] == "first-admin"
    page.goto(f"{product.url}/moderation/figures")
    product.until(lambda: case(product, comment_id)["claim"] is None, what="the claim given up")


def of(page: Page, path: str) -> list[str]:
    return [url for url in met(page).requests if url.endswith(path)]


def test_whoever_is_faster_than_the_list_stands_at_its_first_card_once_more_has_come(
    product: Running, come: Come
) -> None:
    flood(product, "fast", 36)
    page = come()
    of_site(product, page, "fast")
    more = HeldBack(page, product, "**/moderation/list?*")
    for left in range(page.locator(".card").count() - 1, -1, -1):
        page.keyboard.press("a")
        expect(page.locator(".card")).to_have_count(left)
    expect(page.locator("#queue-title")).to_be_focused()
    more.let_on()
    expect(page.locator(".card").first).to_be_focused()
    page.keyboard.press("a")
    product.until(lambda: held(product, "fast") == 5, what="decided by key again")


@pytest.mark.parametrize(
    ("status", "sentence"),
    [(500, "The service answered with 500."), (401, "You are signed out. Load this page again to sign in")],
)
def test_a_refused_decision_brings_the_card_back_with_a_sentence(
    product: Running, come: Come, status: int, sentence: str
) -> None:
    comment_id, text = waiting(product, "Not decided after all")
    page = come()
    open_queue(page, product, f"?queue=held&q={text.split()[-1]}")
    asked = []

    def refuse(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=status, body="")

    page.route("**/decision", refuse)
    card = at_card(page, text)
    page.keyboard.press("a")
    expect(card.get_by_role("alert")).to_contain_text(sentence)
    expect(card).to_be_focused()
    expect(page.locator("#undo")).to_be_hidden()
    assert len(asked) == 1, "it is sent once, and again when somebody presses again"
    # Once it is answered again, the same card is decided, and what it said of before is gone.
    page.unroute("**/decision")
    page.keyboard.press("a")
    expect(card).to_have_count(0)
    decided(product, comment_id, ("approve", []))
    page.get_by_role("button", name="Undo").click()
    expect(card).to_be_focused()
    expect(card.get_by_role("alert")).to_be_hidden()


def test_what_failed_late_comes_back_without_taking_anybody_from_another_card(
    product: Running, come: Come
) -> None:
    first, second, third = flood(product, "late", 3)
    page = come()
    of_site(product, page, "late")
    decision = HeldBack(page, product, f"**/{first}/decision")
    page.keyboard.press("a")
    expect(page.locator(f"[id='c-{second}']")).to_be_focused()
    decision.first().fulfill(status=503, body="")
    expect(page.locator(f"[id='c-{first}']").get_by_role("alert")).to_contain_text("503")
    expect(page.locator("#toast-text")).to_contain_text("Not decided, and back in the list")
    expect(page.locator("#undo")).to_be_hidden()
    assert in_order(page) == [first, second, third]
    # The next key is for the card that it was meant for.
    page.keyboard.press("s")
    decided(product, second, ("reject", ["spam"]))
    assert by_people(product, first) == []


def test_what_a_colleague_decided_again_cannot_be_taken_back_and_its_card_says_so(
    product: Running, come: Come
) -> None:
    comment_id, text = waiting(product, "Decided twice")
    name, token = colleague(product, "Odile")
    page = come()
    open_queue(page, product, f"?queue=held&q={text.split()[-1]}")
    card = at_card(page, text)
    page.keyboard.press("a")
    expect(card).to_have_count(0)
    decided(product, comment_id, ("approve", []))
    answer = product.ask(
        "POST",
        f"/v1/admin/comments/{comment_id}/decision",
        {"action": "spam", "revision": case(product, comment_id)["revision"]},
        Authorization=f"Bearer {token}",
    )
    assert answer.status == 200, answer.body
    page.get_by_role("button", name="Undo").click()
    expect(card.get_by_role("alert")).to_contain_text("It could not be taken back:")
    expect(card.get_by_role("alert")).to_contain_text(name)
    page.keyboard.press("Enter")
    expect(card.locator(".chip").first).to_have_text("rejected")
    decided(product, comment_id, ("approve", []), ("reject", ["spam"]))


def test_an_undo_that_was_not_answered_can_be_tried_again(product: Running, come: Come) -> None:
    comment_id, text = waiting(product, "Taken back at the second try")
    page = come()
    open_queue(page, product, f"?queue=held&q={text.split()[-1]}")
    card = at_card(page, text)
    page.keyboard.press("a")
    decided(product, comment_id, ("approve", []))
    page.route("**/undo", lambda route: route.fulfill(status=503, body=""))
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#toast-text")).to_have_text(
        "It could not be taken back: The service answered with 503."
    )
    page.unroute("**/undo")
    page.get_by_role("button", name="Undo").click()
    expect(card).to_be_focused()
    decided(product, comment_id, ("approve", []), ("undo", []))


def test_whoever_has_decided_long_is_asked_to_rest_in_the_queue_and_may_put_it_away(
    product: Running, come: Come
) -> None:
    *made, _ = flood(product, "tired", 12)
    name, token = colleague(product, "Nils", "tired")
    for one in made:
        answer = product.ask(
            "POST",
            f"/v1/admin/comments/{one}/decision",
            {"action": "approve", "revision": case(product, one)["revision"]},
            Authorization=f"Bearer {token}",
        )
        assert answer.status == 200, answer.body
    spread(product, name, timedelta(minutes=9))
    page = come()
    sign_in(page, product, token)
    page.clock.install()
    of_site(product, page, "tired")
    top = "document.querySelector('.card').getBoundingClientRect().top"
    nudge = page.get_by_role("complementary", name="A break")
    later = nudge.get_by_role("button", name="Later")
    expect(nudge.get_by_role("status")).to_have_text(REST_AFTER_LONG)
    # Nobody is taken away from a card for it, and nothing moves.
    expect(page.locator(".card")).to_be_focused()
    before = page.evaluate(top)
    later.click()
    expect(nudge.get_by_role("status")).to_have_text("")
    assert page.evaluate(top) == before
    expect(page.locator(".card")).to_be_focused()
    with page.expect_response("**/moderation/rest") as again:
        page.clock.fast_forward(60_000)
    assert again.value.json() == {"rest": REST_AFTER_LONG}
    expect(later).to_be_hidden()
    assert met(page).errors == []


def spread(product: Running, moderator: str, every: timedelta) -> None:
    """As if their decisions had been made one after the other, the last one just now."""
    database = Database(product.database_url)
    try:
        past, now = Past(database), datetime.now(UTC)
        with database.write() as connection:
            theirs = sa.select(decisions.c.id).where(decisions.c.actor == moderator)
            for n, one in enumerate(connection.scalars(theirs.order_by(decisions.c.id.desc())).all()):
                dated = sa.update(decisions).where(decisions.c.id == one)
                connection.execute(dated.values(id=past.id_at(now - n * every)))
    finally:
        database.close()
