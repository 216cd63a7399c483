"""The element on a publisher's page, which trusts us with a script and connections to our host, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.browsing import approved, fill_in, met, text_field, thread_of, times_stored, write_comment
from tests.browser.publisher import Publisher, element, newspaper
from tests.product.running import Running

pytestmark = [pytest.mark.browser, pytest.mark.processes]

ELEMENT = element("daily")


@pytest.fixture(scope="module")
def publisher(product: Running) -> Iterator[Publisher]:
    with newspaper(product, "daily", "The Daily") as found:
        yield found


def held_texts(product: Running) -> list[str]:
    found = product.as_admin("GET", "/v1/admin/comments?status=held&site=daily&limit=100").json()["comments"]
    return [comment["text"] for comment in found]


def assert_welcome(page: Page, publisher: Publisher, product: Running) -> None:
    """Nothing on this page was against its policy, nobody else was asked, and nothing is kept on the device."""
    assert page.evaluate("violations") == []
    assert met(page).errors == []
    assert met(page).hosts == {f"127.0.0.1:{publisher.port}", f"127.0.0.1:{product.port}"}
    assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
    assert page.evaluate("indexedDB.databases()") == []


def test_a_page_with_a_strict_policy_gets_comments_and_form(
    product: Running, publisher: Publisher, reader: Page
) -> None:
    story = publisher.publish("/strict", ELEMENT)
    text = f"With *stress* and a [link](https://example.org/). {uuid4().hex}"
    above = approved(
        product, text, site="daily", url=story, author={"name": "Odile", "email": "o@example.org"}
    )
    reader.goto(f"{story}?utm_source=letter#foot")
    section = thread_of(reader)
    expect(section.get_by_role("heading", name="1 comment")).to_be_visible()
    expect(section.locator(".body em")).to_have_text("stress")
    expect(section.locator(".body a")).to_have_attribute("rel", "nofollow ugc noopener")
    # Its own style sheet is applied although the page allows none: a script may construct one.
    assert (
        section.locator("button.strong").evaluate("(each) => getComputedStyle(each).minBlockSize") == "44px"
    )

    section.get_by_role("button", name="Reply to Odile").click()
    reply = f"A reply {uuid4().hex}"
    write_comment(section, reply)
    expect(section.locator(".replies").get_by_text(reply)).to_be_visible()
    product.until(lambda: reply in held_texts(product), what="the reply held")
    [held] = [
        one
        for one in product.as_admin("GET", "/v1/admin/comments?status=held&site=daily").json()["comments"]
        if one["text"] == reply
    ]
    assert held["parent_id"] == above["id"]
    assert_welcome(reader, publisher, product)


def test_two_threads_on_one_page_and_the_script_twice(
    product: Running, publisher: Publisher, reader: Page
) -> None:
    one, two = publisher.url + "/one", publisher.url + "/two"
    for story, name in ((one, "Wenna"), (two, "Tobias")):
        approved(
            product,
            f"Under {story}",
            site="daily",
            url=story,
            author={"name": name, "email": "x@example.org"},
        )
    both = "".join(
        ELEMENT.replace("<a", f'<a id="{name}"').replace("site=", f'url="{url}" loading="eager" site=')
        for url, name in ((one, "first"), (two, "second"))
    )
    page = publisher.publish("/both", both, scripts=2)
    reader.goto(page)
    sections = reader.locator("greenroom-comments[data-loaded]")
    expect(sections).to_have_count(2)
    for number, story in enumerate((one, two)):
        section = sections.nth(number)
        expect(section.locator("section")).to_have_count(1)
        expect(section.locator("form")).to_have_count(1)
        expect(section.locator("article")).to_have_count(1)
        expect(section.get_by_text(f"Under {story}")).to_be_visible()
        text = f"To thread {number} {uuid4().hex}"
        write_comment(section, text)
        expect(section.get_by_text(text)).to_be_visible()
        expect(sections.nth(1 - number).get_by_text(text)).to_have_count(0)
        product.until(lambda text=text: text in held_texts(product), what="the comment held")  # type: ignore[misc]
    # A page that moves the element about, as single-page applications do, keeps what is in it.
    reader.evaluate("document.body.append(document.querySelector('greenroom-comments'))")
    expect(sections.nth(1).get_by_text(f"Under {one}")).to_be_visible()
    assert_welcome(reader, publisher, product)


def test_an_origin_that_is_not_registered_gets_a_readable_sentence(
    product: Running, publisher: Publisher, reader: Page
) -> None:
    publisher.publish("/stranger", ELEMENT)
    # The same server by another name is another origin.
    reader.goto(f"http://localhost:{publisher.port}/stranger")
    expect(reader.get_by_text("The comments could not be loaded.").last).to_be_visible()
    expect(reader.get_by_role("link", name="Read and write comments")).to_be_visible()
    expect(reader.get_by_role("button", name="Try again")).to_be_visible()

    # A registered page about a story that is not the site's is told what is wrong.
    wrong = publisher.publish("/wrong", ELEMENT.replace("site=", 'url="https://example.net/story" site='))
    reader.goto(wrong)
    expect(
        reader.get_by_text("This page does not belong to one of the site's registered origins.")
    ).to_be_visible()
    unknown = publisher.publish("/unknown", ELEMENT.replace("daily", "nosuch"))
    reader.goto(unknown)
    expect(reader.get_by_text("No such site is registered here.")).to_be_visible()


def test_when_the_network_fails_the_text_stays_and_a_second_try_stores_it_once(
    product: Running, publisher: Publisher, reader: Page
) -> None:
    reader.goto(publisher.publish("/network", ELEMENT))
    section = thread_of(reader)
    text = f"Written in a tunnel {uuid4().hex}"
    reader.context.set_offline(True)
    write_comment(section, text)
    sentence = "No answer came from the comment service. Your text is still here."
    expect(section.get_by_role("alert")).to_have_text(sentence)
    expect(text_field(section)).to_have_value(text)
    reader.context.set_offline(False)

    def lose_the_answer(route: Route) -> None:
        if route.request.method == "POST":
            assert route.fetch().status == 202
            route.abort()
        else:
            route.continue_()

    comments = f"{product.url}/v1/comments"
    reader.route(comments, lose_the_answer)
    with reader.expect_event("requestfailed"):
        section.get_by_role("button", name="Post Comment").click()
    product.until(lambda: text in held_texts(product), what="the comment stored")
    expect(section.get_by_role("alert")).to_have_text(sentence)
    expect(text_field(section)).to_have_value(text)
    reader.unroute(comments)
    section.get_by_role("button", name="Post Comment").click()
    expect(section.get_by_text("Thank you. Your comment waits for approval.").last).to_be_visible()
    expect(text_field(section)).to_have_value("")
    assert times_stored(product, text) == 1


def test_a_double_click_sends_one_comment(product: Running, publisher: Publisher, reader: Page) -> None:
    reader.goto(publisher.publish("/double", ELEMENT))
    section = thread_of(reader)
    text = f"Clicked twice {uuid4().hex}"
    fill_in(section, text)
    section.get_by_role("button", name="Post Comment").dblclick()
    expect(section.get_by_text("Thank you. Your comment waits for approval.").last).to_be_visible()
    assert len([url for url in met(reader).requests if url.endswith("/v1/comments")]) == 1
    assert times_stored(product, text) == 1
    assert_welcome(reader, publisher, product)


def test_faults_of_the_form_stand_beside_their_fields(
    product: Running, publisher: Publisher, reader: Page
) -> None:
    reader.goto(publisher.publish("/faults", ELEMENT))
    section = thread_of(reader)
    section.get_by_role("button", name="Post Comment").click()
    for field, sentence in (
        ("name", "Please write your name."),
        ("email", "Please write your email address."),
        ("text", "Please write a comment."),
    ):
        expect(section.locator(f"#{field}-error")).to_have_text(sentence)
        expect(section.locator(f"#{field}")).to_have_attribute("aria-invalid", "true")
    expect(section.get_by_label("Name")).to_be_focused()
    # What only the service knows comes back beside its field as well.
    write_comment(section, "Fine", email="wenna@localhost")
    expect(section.locator("#email-error")).not_to_have_text("")
    expect(section.get_by_label("Email")).to_be_focused()
    expect(section.locator("#name-error")).to_have_text("")
    expect(text_field(section)).to_have_value("Fine")


def test_counts_come_in_one_request_and_count_what_everybody_sees(
    product: Running, publisher: Publisher, reader: Page
) -> None:
    stories = [publisher.url + path for path in ("/none", "/once", "/twice")]
    for story in stories[1:] + stories[2:]:
        approved(product, f"{uuid4().hex} in {story}", site="daily", url=story)
    product.post("Not seen yet", site="daily", url=stories[1])
    places = "".join(f'<a href="{story}" data-greenroom-count="{story}">Comments</a> ' for story in stories)
    reader.goto(publisher.publish("/front", f'<div data-greenroom-site="daily">{places}</div>'))
    expect(reader.locator("[data-greenroom-count]")).to_have_text(["0 comments", "1 comment", "2 comments"])
    assert len([url for url in met(reader).requests if "/v1/" in url]) == 1
    assert_welcome(reader, publisher, product)
