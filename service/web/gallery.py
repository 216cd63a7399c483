"""The gallery of looks: the demo's comments dressed as six papers would have them, each with its rules to copy.

The rules stand in one static file, from which the page is dressed and its text is taken. It is for publishers, who
read English here as in the documentation; where the demo is off, so is the gallery.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from textwrap import dedent

from flask import Blueprint, Response

from service.web.answers import html_page
from service.web.demo import demo_addresses
from service.web.identity import rooms
from service.web.pages import no_demo

door = Blueprint("gallery", __name__)

RULES = Path(__file__).parent / "static" / "looks.css"
_BLOCK = re.compile(r"^\.([a-z]+) \{\n(.*?)^\}$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Look:
    """One look. ``key`` names its block of rules; ``theme``, ``lang`` and ``dir`` are what the element says besides."""

    key: str
    name: str
    about: str
    theme: str | None = None
    lang: str | None = None
    dir: str | None = None

    @property
    def rules(self) -> str:
        return blocks()[self.key]

    @property
    def attributes(self) -> str:
        """As a publisher writes them."""
        said = {name: getattr(self, name) for name in ("theme", "lang", "dir")}
        return "".join(f' {name}="{value}"' for name, value in said.items() if value)


LOOKS = (
    Look("newspaper", "A newspaper", "Serifs, paper rather than white, names in small capitals."),
    Look("dark", "A dark page", "Always dark, whatever the reader's device prefers.", theme="dark"),
    Look("magazine", "A magazine", "One loud colour, round corners, and plenty of room."),
    Look("compact", "A compact list", "Small type and little space, for pages where much is said."),
    Look("contrast", "High contrast", "Black, white and one yellow, with strong lines.", theme="dark"),
    Look("arabic", "From right to left", "Arabic words, numbers and direction.", lang="ar", dir="rtl"),
)


@cache
def blocks() -> dict[str, str]:
    """The rules of each look by its key, as they stand in the file, without the class around them."""
    found = _BLOCK.findall(RULES.read_text("utf-8"))
    return {key: dedent(rules).strip() for key, rules in found}


@door.get("/demo/gallery")
def gallery_page() -> Response:
    """The comments of the demo's story in every look."""
    here = rooms()
    if not here.settings.demo:
        return no_demo()
    return html_page("gallery.html", looks=LOOKS, **demo_addresses(here.settings.public_url))
