"""What docs/embed/ has people copy, built by the generators themselves and opened by a reader."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser.browsing import approved, met, thread_of, write_comment
from tests.browser.conftest import Come
from tests.browser.generators import DOCUMENTS, GENERATORS, Site, blocks_of
from tests.browser.publisher import Publisher, assert_clean, newspaper
from tests.product.running import Running

pytestmark = [pytest.mark.browser, pytest.mark.processes]


@dataclass(frozen=True)
class Built:
    """A site on line, with one comment below its first story."""

    name: str
    site: Site
    publisher: Publisher
    text: str

    def at(self, path: str) -> str:
        return self.publisher.url + path


@pytest.fixture(scope="module", params=list(GENERATORS))
def built(
    request: pytest.FixtureRequest, product: Running, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Built]:
    name: str = request.param
    with newspaper(product, name, "The Daily") as publisher:
        blocks = blocks_of(name, publisher)
        site = GENERATORS[name](tmp_path_factory.mktemp(name), blocks, publisher)
        publisher.pages |= site.pages
        text = f"Read on a page of {name}. {uuid4().hex}"
        approved(product, text, site=name, url=publisher.url + site.first, thread=site.thread)
        yield Built(name, site, publisher, text)


def test_every_page_of_the_folder_is_tried_here() -> None:
    pages = {path.stem for path in DOCUMENTS.glob("*.md")} - {"README"}
    assert pages == set(GENERATORS)
    index = (DOCUMENTS / "README.md").read_text()
    assert [name for name in GENERATORS if f"]({name}.md)" not in index] == []


def test_a_story_shows_its_comments_under_its_own_id(built: Built, reader: Page) -> None:
    reader.goto(built.at(built.site.first))
    section = thread_of(reader)
    expect(section.get_by_role("heading", name="1 comment")).to_be_visible()
    expect(section.get_by_text(built.text)).to_be_visible()
    expect(section).to_have_attribute("url", built.at(built.site.first))
    expect(section).to_have_attribute("thread", built.site.thread)
    assert_clean(reader)
    ports = {urlsplit(url).netloc for url in (built.publisher.url, built.publisher.service)}
    assert met(reader).hosts == ports


def test_a_story_without_an_id_of_its_own_is_known_by_its_address(
    product: Running, built: Built, reader: Page
) -> None:
    reader.goto(built.at(built.site.second))
    section = thread_of(reader)
    expect(section.get_by_role("heading", name="Be the first to comment")).to_be_visible()
    assert section.get_attribute("thread") == built.site.second_thread
    text = f"The first here {uuid4().hex}"
    write_comment(section, text)
    expect(section.get_by_text("Thank you. Your comment waits for approval.").last).to_be_visible()

    def stories() -> list[str]:
        listed = product.as_admin("GET", f"/v1/admin/comments?status=held&site={built.name}").json()[
            "comments"
        ]
        ids = [one["id"] for one in listed if one["text"] == text]
        cards = [product.as_admin("GET", f"/v1/admin/comments/{one}").json() for one in ids]
        return [card["thread"]["url"] for card in cards]

    product.until(stories, what="the comment held")
    assert stories() == [built.at(built.site.second)]
    assert_clean(reader)


def test_a_page_can_be_without_comments(built: Built, reader: Page) -> None:
    reader.goto(built.at(built.site.without))
    expect(reader.locator("body")).to_contain_text("A notice")
    expect(reader.locator("greenroom-comments, script, #comments")).to_have_count(0)


def test_lists_tell_how_many_comments_a_story_has(built: Built, reader: Page) -> None:
    reader.goto(built.at("/"))
    counts = reader.locator("[data-greenroom-count]")
    expect(counts).to_have_count(2)
    expect(reader.locator(f'a[href="{built.site.first}#comments"]')).to_have_text("1 comment")
    expect(reader.locator(f'a[href="{built.site.second}#comments"]')).to_have_text("0 comments")
    assert_clean(reader)
    reader.locator(f'a[href="{built.site.first}#comments"]').click()
    expect(reader.locator("#comments")).to_be_in_viewport()


def test_without_scripts_the_link_leads_to_the_same_comments(built: Built, come: Come) -> None:
    visitor = come(java_script_enabled=False)
    visitor.goto(built.at("/"))
    expect(visitor.locator(f'a[href="{built.site.first}#comments"]')).to_have_text("Comments")
    visitor.goto(built.at(built.site.first))
    visitor.get_by_role("link", name="Read and write comments").click()
    expect(visitor.get_by_text(built.text)).to_be_visible()
    expect(visitor.get_by_role("link", name="Back to the story")).to_have_attribute(
        "href", built.at(built.site.first)
    )
    # With a form that begins the conversation where there is none.
    visitor.goto(built.at(built.site.second))
    visitor.get_by_role("link", name="Read and write comments").click()
    expect(visitor.get_by_role("heading", name="Be the first to comment")).to_be_visible()


def test_the_policy_that_a_page_names_is_the_one_that_is_tried(built: Built) -> None:
    text = (DOCUMENTS / f"{built.name}.md").read_text()
    text = text.replace("https://talk.example.org", built.publisher.service)
    line = f"script-src {built.publisher.service}; connect-src {built.publisher.service}"
    assert f"```\n{line}\n```" in text
    assert line in built.publisher.policy
