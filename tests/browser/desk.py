"""What tests of the desk share: comments that wait, cards with the focus in them, and what people decided."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from playwright.sync_api import Locator, Page, expect

from tests.browser.browsing import add_site, card_of, sent
from tests.product.running import Running


def waiting(product: Running, words: str) -> tuple[str, str]:
    """A held comment with words of its own: its id and its text."""
    text = f"{words} {uuid4().hex}"
    return sent(product, text)["id"], text


def case(product: Running, comment_id: str) -> dict[str, Any]:
    found: dict[str, Any] = product.as_admin("GET", f"/v1/admin/comments/{comment_id}").json()
    return found


def by_people(product: Running, comment_id: str) -> list[tuple[str, list[str]]]:
    """Action and reasons of each decision that a person took, oldest first."""
    found = [one for one in case(product, comment_id)["decisions"] if not one["automated"]]
    return [(one["action"], [reason["code"] for reason in one["reasons"]]) for one in found]


def decided(product: Running, comment_id: str, *wanted: tuple[str, list[str]]) -> None:
    """Wait until exactly these decisions of people stand there: a page shows its own before it has an answer."""
    product.until(lambda: by_people(product, comment_id) == list(wanted), what=f"{wanted} on {comment_id}")


def at_card(page: Page, text: str) -> Locator:
    """The card of this comment, with the focus in it."""
    card = card_of(page, text)
    # Shown by the script, which listens from then on.
    expect(page.locator("#next")).to_be_visible()
    card.focus()
    expect(card).to_be_focused()
    return card


def focused(page: Page) -> str:
    """The text of the card that has the focus; empty where none has."""
    found: str = page.evaluate(
        "document.activeElement.closest('.card')?.querySelector('.text').textContent ?? ''"
    )
    return found


def held(product: Running, site: str) -> int:
    """How many comments of this site are held."""
    queues = product.as_admin("GET", f"/v1/admin/queues?site={site}").json()["queues"]
    return next(one["count"] for one in queues if one["queue"] == "held")


def flood(product: Running, site: str, number: int) -> list[str]:
    """A site of its own with so many held comments, of as many authors; their ids, oldest first."""
    story = add_site(product, site)
    made = []
    for at in range(number):
        author = {"name": f"Reader {at}", "email": f"reader-{at}@example.org"}
        text = f"{uuid4().hex} {uuid4().hex}"
        answer = product.post(text, site=site, url=story, author=author)
        assert answer.status == 202, answer.body
        made.append(answer.json()["id"])
    product.until(lambda: held(product, site) == number, what="all held")
    return made


def colleague(product: Running, name: str, site: str | None = None) -> tuple[str, str]:
    """Another moderator, of all sites or of one: a name of their own, and their token."""
    name = f"{name} {uuid4().hex[:6]}"
    made = product.as_admin("POST", "/v1/admin/people", {"name": name, "role": "moderator", "site": site})
    assert made.status == 201, made.body
    return name, made.json()["token"]
