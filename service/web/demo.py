"""The demo site: where its story lives, and from where its comments may come."""

from typing import Any
from urllib.parse import quote

STORY_PATH = "/demo/"


def demo_addresses(public_url: str) -> dict[str, Any]:
    """Where we are, the demo's story, and our own page of its thread, as its templates name them."""
    story_url = public_url + STORY_PATH
    page = f"{public_url}/demo/t?url={quote(story_url, safe='')}"
    return {"public_url": public_url, "story_url": story_url, "thread_page_url": page}
