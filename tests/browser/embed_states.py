"""The embed in every state that it can be brought to, in any language: for whoever measures it, and for pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from playwright.sync_api import Locator, Page, expect

from tests.browser.browsing import HeldBack, approved, text_field, thread_of
from tests.browser.publisher import Publisher, element
from tests.product.running import Running

LONG_NAME = "Tobias of the house beside the weir and of the long name"
ARABIC = "شكرا على العبارة، ونلتقي في الشتاء."


@dataclass
class Place:
    """Whose page it is, on which publisher's pages, and in which language. No act names a word of ours."""

    page: Page
    product: Running
    publisher: Publisher
    site: str
    lang: str = "en"

    def story(self, **attributes: str) -> str:
        """A story of its own with the comments on its page."""
        said = "".join(f' {name}="{value}"' for name, value in attributes.items())
        body = element(self.site).replace("<greenroom-comments", f"<greenroom-comments{said}")
        return self.publisher.publish(
            f"/{uuid4().hex}",
            f"{body}<footer>The end</footer>",
            lang=self.lang,
            title="A bridge is a promise",
        )

    def said(self, story: str, text: str, name: str = "Odile", **more: Any) -> dict[str, Any]:
        author = {"name": name, "email": f"{uuid4().hex}@example.org"}
        return approved(self.product, text, site=self.site, url=story, author=author, **more)

    def decide(self, comment_id: str, action: str, **more: Any) -> None:
        path = f"/v1/admin/comments/{comment_id}"
        waiting = lambda: self.product.as_admin("GET", path).json()["awaiting"] == "pending"  # noqa: E731
        self.product.until(lambda: not waiting(), what="screened")
        revision = self.product.as_admin("GET", path).json()["revision"]
        sent = {"action": action, "revision": revision, **more}
        answer = self.product.as_admin("POST", f"{path}/decision", sent)
        assert answer.status == 200, answer.body

    def open(self, story: str) -> Locator:
        # Elsewhere first: an address that differs behind "#" alone would load nothing.
        self.page.goto("about:blank")
        self.page.goto(story)
        section = thread_of(self.page)
        expect(section.locator("h2")).to_be_visible()
        return section


def conversation(place: Place) -> tuple[str, dict[str, str]]:
    """A story with all that comments may be; its address, and the ids of some of them by what they are."""
    story = place.story()
    said, product = place.said, place.product
    text = "My mother **still** counts the *boats*.\n\n> A boat is not a bus\n\nIt is not: `7.10`, https://example.org/x"
    picked = said(story, text)
    admin = f"/v1/admin/comments/{picked['id']}"
    assert product.as_admin("POST", f"{admin}/pick", {"on": True}).status == 200
    assert product.as_admin("POST", f"{admin}/reply", {"text": "Thank you for that."}).status == 201
    assert product.ask("POST", f"/v1/comments/{picked['id']}/like").status == 200
    above = picked["id"]
    for number in range(5):
        above = said(story, f"Reply number {number} {'long' * 30}", LONG_NAME, parent_id=above)["id"]
    gone = said(story, "Said, answered, and removed")
    said(story, "An answer that stays", parent_id=gone["id"])
    place.decide(gone["id"], "reject", reasons=["other"])
    edited = said(story, "With a mitsake")
    changed = product.ask(
        "PATCH",
        f"/v1/comments/{edited['id']}",
        {"text": "Without a mistake"},
        Authorization=f"Bearer {edited['edit_token']}",
    )
    assert changed.status == 202, changed.body
    place.decide(edited["id"], "approve")
    said(story, ARABIC, "ليلى")
    return story, {"picked": picked["id"], "last": above}


def states(place: Place) -> Iterator[str]:
    """Go from state to state; the name of each while the page stands in it."""
    story, ids = conversation(place)
    steps: list[Callable[[], Iterator[str]]] = [
        lambda: before_it_is_there(place),
        lambda: read(place, story, ids),
        lambda: written(place, story, ids),
        lambda: acted_on(place, story, ids),
        lambda: ones_own(place, story),
        lambda: told_later(place),
        lambda: kept_for_later(place),
        lambda: closed(place),
    ]
    for step in steps:
        yield from step()


def before_it_is_there(place: Place) -> Iterator[str]:
    page, threads = place.page, "**/v1/threads?*"
    thread = HeldBack(page, place.product, threads)
    page.goto(place.story())
    thread.first()
    expect(page.locator("greenroom-comments [role=status]")).not_to_have_text("")
    yield "loading"
    thread.let_on()
    expect(thread_of(page).locator("h2")).to_be_visible()
    yield "empty"
    page.goto(place.story(loading="manual"))
    show = page.locator("greenroom-comments button")
    expect(show).to_be_visible()
    yield "loading by a button"
    page.route(threads, lambda route: route.abort())
    show.click()
    expect(page.locator("greenroom-comments section > p").first).to_be_visible()
    expect(page.locator("greenroom-comments section")).not_to_have_attribute("aria-busy", "true")
    yield "away"
    page.unroute(threads)


def read(place: Place, story: str, ids: dict[str, str]) -> Iterator[str]:
    page = place.page
    section = place.open(story)
    expect(section.locator(".removed")).to_be_visible()
    expect(section.locator(".badge")).to_have_count(2)
    yield "with comments"
    place.open(f"{story}#greenroom-{ids['last']}")
    expect(page.locator("[data-here]")).to_be_focused()
    yield "with a comment that was linked to"
    section = place.open(story)
    section.locator(".head select").select_option("most_liked")
    expect(section.locator(".head select")).to_be_focused()
    expect(section.locator(".head select")).to_have_value("most_liked")
    yield "the most liked first"
    section.locator("li > details").first.evaluate("(each) => { each.open = false }")
    yield "folded"
    page.route("**/v1/threads?*", lambda route: route.continue_(url=f"{route.request.url}&limit=1"))
    section = place.open(story)
    page.context.set_offline(True)
    section.locator(".list + div > button").click()
    expect(section.locator(".list + div > .alert")).not_to_have_text("")
    yield "more that does not come"
    page.context.set_offline(False)
    page.unroute("**/v1/threads?*")


def written(place: Place, story: str, ids: dict[str, str]) -> Iterator[str]:
    page = place.page
    section = place.open(story)
    form = section.locator("form")
    form.locator("[type=submit]").click()
    expect(form.locator("#text-error")).not_to_have_text("")
    yield "a form with faults"
    filled(form, "Fine", email="wenna@localhost")
    form.locator("[type=submit]").click()
    expect(form.locator("#email-error")).not_to_have_text("")
    expect(form.locator("#name-error")).to_have_text("")
    yield "a form with what the service finds wrong"
    section.locator(f"[data-id='{ids['last']}'][data-do=reply]").click()
    filled(form, "With *stress*\n\n> and a quote, as long as it takes " + "x" * 90)
    form.locator("summary").click()
    expect(form.locator("details .body em")).to_have_text("stress")
    yield "a form that answers, with its preview"
    comment = HeldBack(page, place.product, "**/v1/comments")
    form.locator("[type=submit]").click()
    comment.first()
    yield "a comment on its way"
    comment.let_on()
    expect(section.locator(".own")).to_be_visible()
    page.route("**/v1/comments", lambda route: route.abort())
    filled(form, "In a tunnel")
    form.locator("[type=submit]").click()
    expect(form.locator(":scope > .alert")).not_to_have_text("")
    yield "a comment that did not arrive"
    page.unroute("**/v1/comments")


def filled(form: Locator, text: str, email: str = "wenna@example.org") -> None:
    form.locator("#name").fill("Wenna")
    form.locator("#email").fill(email)
    form.locator("#text").fill(text)


def acted_on(place: Place, story: str, ids: dict[str, str]) -> Iterator[str]:
    page = place.page
    section = place.open(story)

    def deed(name: str) -> Locator:
        return section.locator(f"[data-id='{ids['picked']}'][data-do={name}]")

    deed("report").click()
    expect(section.locator("select[name=reason]")).to_be_focused()
    yield "a report that is open"
    section.locator(".asked [type=button]").click()
    page.evaluate("Object.defineProperty(Navigator.prototype, 'clipboard', { get: () => undefined })")
    deed("share").click()
    expect(section.locator(".asked input")).to_be_visible()
    yield "a link to be copied by hand"
    page.route("**/like", lambda route: route.abort())
    deed("like").click()
    expect(section.locator(".asked .alert")).to_be_visible()
    yield "a like that was refused"
    page.unroute("**/like")
    deed("like").click()
    expect(deed("like")).to_have_attribute("aria-pressed", "true")
    yield "a like"


def ones_own(place: Place, story: str) -> Iterator[str]:
    section = place.open(story)
    form, own = section.locator("form").last, section.locator(".own article")
    filled(form, f"To be changed {uuid4().hex}")
    form.locator("[type=submit]").click()
    expect(own.locator(".thanks")).to_be_focused()
    yield "ones own comment"
    edit, withdraw = own.locator(".deeds button").first, own.locator(".deeds button").last
    edit.click()
    own.locator("textarea").fill("")
    own.locator("form button").first.click()
    expect(own.locator("form .alert")).not_to_have_text("")
    yield "a change with a fault"
    own.locator("form button").last.click()
    withdraw.click()
    expect(own.locator("[role=group]")).to_be_visible()
    yield "asked before withdrawing"
    own.locator("[role=group] button").first.click()
    expect(own.locator(".deeds")).to_have_count(0)
    yield "withdrawn"


def told_later(place: Place) -> Iterator[str]:
    page, product = place.page, place.product
    story = place.story()
    place.said(story, "Here before")
    page.clock.install()
    section = place.open(story)
    place.said(story, "Come later")
    news = section.locator(".head + div .row")

    def minutes_pass() -> bool:
        page.clock.fast_forward(60_000)
        return news.is_visible()

    product.until(minutes_pass, what="the news told")
    yield "news"
    page.clock.resume()


def kept_for_later(place: Place) -> Iterator[str]:
    page = place.page
    story = place.story()
    section = place.open(story)
    filled(section.locator("form"), "Half a thought")
    section.locator("[name=remember]").check()
    kept = "Object.keys(localStorage).length"
    place.product.until(lambda: page.evaluate(kept) == 2, what="draft and name kept")
    section = place.open(story)
    expect(text_field(section)).to_have_value("Half a thought")
    yield "a draft that was restored"
    page.evaluate("localStorage.clear()")


def closed(place: Place) -> Iterator[str]:
    product = place.product
    story = place.story()
    made = place.said(story, "The first")
    place.said(story, "The second")
    section = place.open(story)
    filled(section.locator("form"), "A long answer")
    case = product.as_admin("GET", f"/v1/admin/comments/{made['id']}").json()
    answer = product.as_admin("POST", f"/v1/admin/threads/{case['thread']['id']}", {"closed": True})
    assert answer.status == 200, answer.body
    section.locator(".head select").select_option("newest")
    expect(section.locator("textarea[readonly]")).to_have_value("A long answer")
    yield "closed while somebody wrote"
    asked = urlencode({"site": place.site, "url": story})
    product.until(lambda: product.ask("GET", f"/v1/threads?{asked}").json()["closed"], what="closed for all")
    section = place.open(story)
    expect(section.locator("form")).to_have_count(0)
    yield "closed"
