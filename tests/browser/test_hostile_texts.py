"""What strangers write to harm: first before the moderators' eyes, then on stage, it is words and nothing else."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.adapters.test_sanitizer import PAYLOADS
from tests.browser.browsing import add_site, demo_story, met, open_queue, sent, thread_of
from tests.browser.conftest import Come
from tests.product.running import Running

pytestmark = [pytest.mark.browser, pytest.mark.processes]

# Each calls canary() or asks for /hostile where it is taken for more than words.
HOSTILE = {
    "a script": "<script>canary()</script>",
    "an image": "<img src=/hostile onerror=canary()>",
    "a drawing": "<svg/onload=canary()><a xlink:href=javascript:canary()>x</a></svg>",
    "a link": "[look](javascript:canary()) <a href='javascript:canary()'>look</a>",
    "quotes": "\" onmouseover=canary() x='' onfocus='canary()' autofocus tabindex=1",
    "an end of a script": "</script><script>canary()</script>",
    "an end of a field": "</textarea></title></style><style>*{color:url(/hostile)}</style>",
    "a mutation": "<math><mtext><table><mglyph><style><!--</style><img src=/hostile onerror=canary()>",
    "a template": "{{ canary() }} ${canary()} <template><img src=/hostile onerror=canary()></template>",
    "an override": "\u202egnp.exe\u202c \u2066canary()\u2069",
    "stacked marks": "z" + "\u0335\u0336\u0337\u0338" * 6 + "a" + "\u0300\u0301\u0302\u0303" * 6 + "lgo",
    "a long word": "W" * 500,
}
NAME_MAX = 60
PLAIN = {"P", "BR", "EM", "STRONG", "BLOCKQUOTE", "CODE", "PRE", "A"}


def send_all(product: Running) -> dict[str, str]:
    """Every text, under a name like it, in a thread with a title like them; what the service made of each, by id."""
    texts = {}
    for kind, hostile in HOSTILE.items():
        made = sent(
            product,
            hostile,
            url=demo_story(product),
            title=HOSTILE["a script"] + HOSTILE["an image"],
            author={"name": hostile[:NAME_MAX], "email": "mallory@example.org"},
        )
        texts[made["id"]] = kind
    return texts


def let_canary_sing(page: Page) -> list[Any]:
    """Calls of canary() on any page from now on."""
    calls: list[Any] = []
    page.expose_function("canary", lambda *said: calls.append(said))
    return calls


def assert_nothing_happened(page: Page, calls: list[Any]) -> None:
    # A round trip, so that whatever was called has arrived.
    page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    assert calls == []
    assert met(page).dialogs == []
    assert met(page).errors == []
    assert not [url for url in met(page).requests if "hostile" in url.split("?")[0]]


def assert_nothing_overflows(page: Page, boxes: str) -> None:
    """The page does not scroll sideways, and nothing inside a box sticks out of it."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"
    wide = page.locator(boxes).evaluate_all(
        """(boxes) => boxes.flatMap((box) => {
            const frame = box.getBoundingClientRect();
            return [...box.querySelectorAll("*")]
                .filter((each) => each.getBoundingClientRect().right > frame.right + 1)
                .map((each) => `${each.tagName} ${each.textContent.slice(0, 40)}`);
        })"""
    )
    assert wide == []


def elements_in(page: Page, texts: str) -> set[str]:
    found: list[str] = page.locator(texts).evaluate_all(
        "(boxes) => boxes.flatMap((box) => [...box.querySelectorAll('*')].map((each) => each.tagName))"
    )
    return set(found)


def links_in(page: Page, texts: str) -> set[str]:
    found: list[str] = page.locator(f"{texts} a").evaluate_all("(links) => links.map((each) => each.href)")
    return set(found)


def test_hostile_texts_are_words_to_the_moderator_and_then_to_every_reader(
    product: Running, come: Come
) -> None:
    kinds = send_all(product)
    moderator = come(viewport={"width": 360, "height": 800})
    calls = let_canary_sing(moderator)
    # The built-in policy rejects some of them outright: both queues are looked at.
    for queue in ("held", "rejected", "spam"):
        open_queue(moderator, product, f"?queue={queue}")
        for item in product.as_admin("GET", f"/v1/admin/comments?queue={queue}&limit=100").json()["comments"]:
            card = moderator.locator(f"[id='c-{item['id']}']")
            expect(card.locator("h3")).to_have_text(item["author"]["name"], use_inner_text=False)
            assert card.locator(".text").first.evaluate("(box) => box.textContent") == item["text"]
            assert not re.search("[\u202a-\u202e\u2066-\u2069]", item["text"] + item["author"]["name"])
            assert most_marks(item["text"]) <= 4, kinds[item["id"]]
            kinds.pop(item["id"])
        assert elements_in(moderator, ".card .text") <= {"MARK"}
        assert_nothing_overflows(moderator, ".card")
        assert_nothing_happened(moderator, calls)
    assert kinds == {}, "not in a queue"

    put_on_stage(product)
    for path in (f"/demo/t?url={demo_story(product)}", "/demo/"):
        reader = come(viewport={"width": 360, "height": 800})
        calls = let_canary_sing(reader)
        reader.goto(product.url + path)
        section = thread_of(reader) if path == "/demo/" else reader.locator("main")
        texts = "greenroom-comments .body" if path == "/demo/" else "main .prose"
        expect(section.get_by_role("heading", name=f"{len(HOSTILE)} comments")).to_be_visible()
        shown = "\n".join(reader.locator(texts).all_text_contents())
        for words in (
            "<script>canary()</script>",
            "<img src=/hostile onerror=canary()>",
            "<svg/onload",
            "W" * 500,
        ):
            assert words in shown
        names = section.locator("article header bdi").all_text_contents()
        assert HOSTILE["a script"] in names
        assert HOSTILE["an image"] in names
        assert elements_in(reader, texts) <= PLAIN
        assert all(link.startswith(("http://", "https://")) for link in links_in(reader, texts))
        assert_nothing_overflows(reader, "article")
        assert_nothing_happened(reader, calls)


def test_every_attack_on_the_sanitizer_is_words_at_the_desk_in_the_queue_and_in_the_case(
    product: Running, come: Come
) -> None:
    story = add_site(product, "attacked")
    # Of the same shape, and harmless: a text with all that the checks mark, and one with nothing to mark.
    harmless = [
        held_at(product, story, name, text)
        for name, text in (
            ("Wenna", "Count the passes too, please."),
            ("Tobias", "See https://example.net/ or www.example.net, ring +44 20 7946 0958, you idiot."),
            ("Tobias", "See https://example.net/ or www.example.net, ring +44 20 7946 0958, you idiot."),
        )
    ]
    attacks = {held_at(product, story, payload, payload): payload for payload in PAYLOADS}
    # Five to a case, so that each is on one.
    several = [PAYLOADS[at : at + 5] for at in range(0, len(PAYLOADS), 5)]
    crowded = {held_at(product, story, some[-1], "\n\n".join(some)): some for some in several}
    attacks |= {one: "\n\n".join(some) for one, some in crowded.items()}
    asked = "/v1/admin/comments?queue=held&site=attacked&limit=100"
    total = len(attacks) + len(harmless)
    product.until(lambda: len(product.as_admin("GET", asked).json()["comments"]) == total, what="all held")
    moderator = come(viewport={"width": 360, "height": 800})
    calls = let_canary_sing(moderator)
    open_queue(moderator, product, "?queue=held&site=attacked")
    cards = moderator.locator(".card")
    while moderator.locator("#more").is_visible():
        before = cards.count()
        moderator.locator("#more").click()
        expect(cards.nth(before)).to_be_visible()
    expect(cards).to_have_count(total)
    shown = moderator.evaluate(SHAPES, [".card", ""])
    least = set.intersection(*(set(shown[f"c-{one}"]) for one in harmless))
    most = set.union(*(set(shown[f"c-{one}"]) for one in harmless))
    assert "h3 id" in least
    for comment_id, payload in attacks.items():
        assert least <= set(shown[f"c-{comment_id}"]) <= most, payload
    for item in product.as_admin("GET", asked).json()["comments"]:
        card = moderator.locator(f"[id='c-{item['id']}']")
        assert card.locator(".text").first.text_content() == item["text"]
        assert card.locator("h3").text_content() == item["author"]["name"]
    assert_nothing_happened(moderator, calls)

    cases = [case_of(moderator, product, one) for one in harmless]
    least, most = set.intersection(*cases), set.union(*cases)
    for comment_id, some in crowded.items():
        assert least <= case_of(moderator, product, comment_id) <= most, some
    assert_nothing_happened(moderator, calls)
    assert met(moderator).hosts == {f"127.0.0.1:{product.port}"}


def held_at(product: Running, story: str, name: str, text: str) -> str:
    """A comment on this story, under this name where names may be so, and under a plain one where not; its id."""
    for each in (name[:NAME_MAX], "Mallory"):
        author = {"name": each, "email": "mallory@example.org"}
        answer = product.post(text, site="attacked", url=story, author=author)
        if answer.status == 202:
            found: str = answer.json()["id"]
            return found
        assert "/author/name" in {one["pointer"] for one in answer.json()["errors"]}, answer.body
    raise AssertionError(text)


# What stands in each box, by the box's id: elements with their attributes' names; what is below ``[1]`` is left out.
SHAPES = """([boxes, but]) => Object.fromEntries(
    [...document.querySelectorAll(boxes)].map((box) => [box.id, [...box.querySelectorAll("*")]
        .filter((each) => !but || !each.closest(but) || each.matches(but))
        .map((each) => [each.localName, ...each.getAttributeNames().sort()].join(" "))]))"""


def case_of(page: Page, product: Running, comment_id: str) -> set[str]:
    """What a case is made of, with everything in it opened; what readers would see of it is of plain elements."""
    page.goto(f"{product.url}/moderation/comments/{comment_id}", wait_until="domcontentloaded")
    page.locator("details").evaluate_all("(all) => all.forEach((each) => { each.open = true; })")
    expect(page.locator(".case .prose").first).to_be_visible()
    assert elements_in(page, ".case .prose") <= PLAIN
    assert all(link.startswith(("http://", "https://")) for link in links_in(page, "body"))
    return set(page.evaluate(SHAPES, ["main", ".prose"])["main"])


def test_the_embed_is_a_second_gate_behind_the_services_own(product: Running, come: Come) -> None:
    """Whatever a service that was broken into might send, a publisher's page gets a few plain elements of it."""
    html = (
        "<p onclick=canary() style=color:red id=victim>Words <b>stay</b></p><base href=/hostile>"
        "<iframe src=/hostile></iframe><form action=/hostile><input name=x></form>"
        "<a href='jav\tascript:canary()'>a</a><a href=data:text/html,x>b</a>"
        "<a href=https://example.org/ target=x>c</a>" + "".join(HOSTILE.values())
    )
    comment = {
        "id": "0197a000-0000-7000-8000-000000000001",
        "parent_id": None,
        "status": "approved",
        "author": {"name": HOSTILE["an image"]},
        "html": html,
        "created_at": "2026-11-24T09:00:00Z",
        "edited_at": None,
        "replies": [],
    }

    def broken_into(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "count": 1, "comments": [comment]})

    # Most publishers have no policy that would help.
    reader = come(bypass_csp=True)
    calls = let_canary_sing(reader)
    reader.route("**/v1/threads*", broken_into)
    reader.goto(f"{product.url}/demo/")
    body = thread_of(reader).locator(".body")
    expect(body).to_contain_text("Words stay")
    assert elements_in(reader, "greenroom-comments .body") <= PLAIN
    assert links_in(reader, "greenroom-comments .body") == {"https://example.org/"}
    names = body.evaluate(
        "(box) => [...box.querySelectorAll('*')].flatMap((each) => each.getAttributeNames())"
    )
    assert set(names) == {"href", "rel"}
    assert_nothing_happened(reader, calls)


def most_marks(text: str) -> int:
    longest = run = 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        longest = max(longest, run)
    return longest


def put_on_stage(product: Running) -> None:
    for status in ("held", "rejected"):
        for item in product.as_admin("GET", f"/v1/admin/comments?status={status}").json()["comments"]:
            decided = product.as_admin(
                "POST",
                f"/v1/admin/comments/{item['id']}/decision",
                {"action": "approve", "revision": item["revision"]},
            )
            assert decided.status == 200, decided.body
