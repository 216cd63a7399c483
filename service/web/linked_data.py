"""A conversation for search engines: schema.org as JSON-LD, to stand in the page of the story.

Its root is the story and not a forum's posting: the comments are a part of the article that the publisher describes
on the same page, and what is said of one ``@id`` in two places is one thing. Of the story nothing is told but how many
comments it has: its title may be a stranger's.
"""

from __future__ import annotations

import json
from typing import Any

from markupsafe import Markup

from service.adapters.sanitizer import text_of
from service.web.atom import place
from service.web.schemas import LinkedThread


def linked_data(document: dict[str, Any]) -> bytes:
    """The tree of a thread's document as a schema.org ``NewsArticle`` with nested ``Comment``.

    No ``<`` is in it, so that it can stand in a page as it is.
    """
    story = document["url"]
    article = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        **({"@id": story} if story else {}),
        "commentCount": document["count"],
        "comment": [_comment(story, node) for node in document["comments"]],
    }
    # Outside of its strings JSON has no "<", and in them this means the same.
    return json.dumps(article, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c").encode()


def in_a_page(written: bytes) -> Markup:
    """The element by which a page holds what ``linked_data`` wrote. Browsers do not run it."""
    return Markup(f'<script type="{LinkedThread.media_type}">{written.decode()}</script>')


def _comment(story: str, node: dict[str, Any]) -> dict[str, Any]:
    described: dict[str, Any] = {"@type": "Comment", "@id": place(story, node["id"])}
    if node["status"] == "removed":
        # It has to stand there: those below answer it.
        described["creativeWorkStatus"] = "Deleted"
    else:
        described |= {
            "text": text_of(node["html"]),
            "author": {"@type": "Person", "name": node["author"]["name"]},
            "datePublished": node["created_at"],
        }
        if node["edited_at"]:
            described["dateModified"] = node["edited_at"]
    if node["replies"]:
        described["comment"] = [_comment(story, reply) for reply in node["replies"]]
    return described
