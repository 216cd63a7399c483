"""The desk in states that take some doing to come to: for whoever measures how they look, and for pictures of them."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

from playwright.sync_api import Page, expect

from service.domain.figures import REST_AFTER_LONG
from tests.browser.browsing import approved, card_of, open_queue, sent
from tests.browser.desk import at_card, case
from tests.product.running import Running

ADVERT = (
    "Our family trusted Hartley and Sons with the new kitchen, and we have not regretted it for a moment: they came"
    " when they said, they swept the floor, and the bill was what had been agreed."
)


def states(page: Page, product: Running) -> Iterator[str]:
    """Go from state to state; the name of each while the page stands in it. Whoever looks is signed in before."""
    yield from decided_in_place(page, product)
    yield from asked_first(page, product)
    yield from told_at_the_edge(page, product)
    yield from edited(page, product)
    yield from many_at_once(page, product)
    yield from tried_out(page, product)


def some(product: Running, count: int) -> tuple[str, list[tuple[str, str]]]:
    """So many held comments, as (id, text), and the query of the queue that shows them alone."""
    word = f"w{uuid4().hex[:12]}"
    texts = [f"The ferry was late again, and nobody said why: {word} ({n} of {count})" for n in range(count)]
    return f"?queue=held&q={word}", [(sent(product, text)["id"], text) for text in texts]


def decided_in_place(page: Page, product: Running) -> Iterator[str]:
    query, made = some(product, 3)
    texts = [text for _, text in made]
    open_queue(page, product, query)
    at_card(page, texts[0])
    page.keyboard.press("a")
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    yield "a decision that can be taken back"
    page.route("**/decision", lambda route: route.fulfill(status=503, body=""))
    at_card(page, texts[1])
    page.keyboard.press("s")
    expect(card_of(page, texts[1]).get_by_role("alert")).to_contain_text("503")
    yield "a decision that failed"
    page.unroute("**/decision")
    decided = product.as_admin(
        "POST", f"/v1/admin/comments/{made[2][0]}/decision", {"action": "approve", "revision": 1}
    )
    assert decided.status == 200, decided.body
    at_card(page, texts[2])
    page.keyboard.press("s")
    expect(card_of(page, texts[2]).get_by_role("button", name="Reload")).to_be_visible()
    yield "a decision that another one was before"
    for text in texts[1:]:
        card_of(page, text).get_by_role("checkbox").check()
    page.get_by_text("Several at once").click()
    yield "several selected"


def asked_first(page: Page, product: Running) -> Iterator[str]:
    query, [(_, text)] = some(product, 1)
    open_queue(page, product, query)
    at_card(page, text)
    page.keyboard.press("e")
    expect(card_of(page, text).get_by_role("form", name="Escalate")).to_be_visible()
    yield "the note to escalate"
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    page.keyboard.press("Shift+T")
    yield "a reason that is marked"


def told_at_the_edge(page: Page, product: Running) -> Iterator[str]:
    query, made = some(product, 2)
    page.clock.install()
    page.route("**/moderation/rest", lambda route: route.fulfill(json={"rest": REST_AFTER_LONG}))
    open_queue(page, product, query)
    at_card(page, made[0][1])
    page.keyboard.press("a")
    some(product, 3)
    page.clock.fast_forward(60_000)
    expect(page.locator("#news-text")).to_contain_text("new")
    expect(page.locator("#rest p")).to_have_text(REST_AFTER_LONG)
    yield "news, and a break to take"
    page.unroute("**/moderation/rest")
    at_card(page, made[1][1])
    page.keyboard.press("a")
    expect(page.locator("#empty")).to_be_visible()
    yield "the last one decided"


def edited(page: Page, product: Running) -> Iterator[str]:
    word = f"w{uuid4().hex[:12]}"
    made = approved(product, f"The **ferry** was late again, and the bridge was shut {word}.")
    after = f"The **ferry** was never late, you complete idiot, call +44 20 7946 0958 {word}."
    answer = product.ask(
        "PATCH",
        f"/v1/comments/{made['id']}",
        {"text": after},
        Authorization=f"Bearer {made['edit_token']}",
    )
    assert answer.status == 202, answer.body
    product.until(lambda: case(product, made["id"])["awaiting"] == "held", what="the edit held")
    open_queue(page, product, f"?queue=held&q={word}")
    expect(page.locator(".card .sides")).to_be_visible()
    yield "a new text that waits"
    for of in ("name", "address"):
        standing = {"comment": made["id"], "kind": "ban" if of == "name" else "trust", "of": of}
        assert product.as_admin("POST", "/v1/admin/standings", standing).status == 201
    page.goto(f"{product.url}/moderation/comments/{made['id']}")
    page.get_by_role("button", name="Reject", exact=True).click()
    expect(page.locator("#told")).to_contain_text("A rejection needs a reason")
    for more in page.locator(".case details > summary").all():
        more.click()
    yield "the case of a new text, and what was wrong"
    page.get_by_label("What", exact=True).select_option("ban address")
    page.get_by_role("button", name="Show what it would catch").click()
    expect(page.get_by_role("button", name="Yes, ban this author")).to_be_visible()
    yield "what a ban would catch"
    for row in product.as_admin("GET", "/v1/admin/standings?site=demo").json()["standings"]:
        product.as_admin("POST", f"/v1/admin/standings/{row['id']}/lift")


def many_at_once(page: Page, product: Running) -> Iterator[str]:
    author = {"name": "Best Kitchens", "email": f"{uuid4().hex}@example.org"}
    first, *_ = [sent(product, ADVERT, author={**author, "name": name}) for name in ("Ann", "Ben", "Carla")]
    page.goto(f"{product.url}/moderation/comments/{first['id']}")
    page.get_by_role("heading", name="Much like it").scroll_into_view_if_needed()
    yield "a case with others much like it"
    page.get_by_role("button", name="These are spam").click()
    expect(page.get_by_role("heading", name="Rejected as spam")).to_be_visible()
    yield "the last look before many at once"
    page.get_by_role("button", name="Yes: rejected as spam").click()
    expect(page.get_by_role("button", name="ndo")).to_be_visible()
    yield "many at once"


def tried_out(page: Page, product: Running) -> Iterator[str]:
    page.goto(f"{product.url}/moderation/policy?site=demo")
    rules, trying = page.locator("#document"), page.get_by_role("button", name="Try out")
    document = rules.input_value()
    rules.fill(document.replace('otherwise = "hold"', 'otherwise = "burn"', 1))
    trying.click()
    expect(page.get_by_text("This cannot be switched on")).to_be_visible()
    yield "a policy that is wrong"
    rules.fill(document.replace('otherwise = "hold"', 'otherwise = "approve"', 1))
    trying.click()
    expect(page.get_by_text("would have been treated differently")).to_be_visible()
    yield "a policy that was tried out"
