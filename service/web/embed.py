"""The script that publishers put on their pages, in the form in which browsers get it.

It comes under two addresses: ``/embed.js``, which is always the present one, and ``/embed/<version>/main.js``, which
never changes, so that a page may pin it by its hash. The parts that it loads are found under its version alone, and
so are its words in other languages than English.
"""

from __future__ import annotations

import gzip
import json
import re
from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from hashlib import sha256, sha384
from pathlib import Path

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from service.web.answers import takes_gzip
from service.web.languages import ENGLISH, languages, voice
from service.web.sentences import for_the_embed

door = Blueprint("embed", __name__)

SOURCES = Path(__file__).parent / "static" / "embed"
MAIN = "main.js"
_VERSION = "@version@"
_LANGUAGES = "@languages@"
_COMMENTS = re.compile(r"/\*.*?\*/", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Embed:
    """The parts of the script by name, as they are served, and the version that all of them make together."""

    version: str
    parts: dict[str, bytes]

    def integrity(self, name: str = MAIN) -> str:
        """The hash for ``integrity=`` (https://www.w3.org/TR/SRI/)."""
        return "sha384-" + b64encode(sha384(self.parts[name]).digest()).decode()

    def lines(self, public_url: str, site: str, *, pinned: bool = False) -> str:
        """What a publisher writes into a page."""
        source = f"{public_url}/embed.js"
        more = ""
        if pinned:
            source = f"{public_url}/embed/{self.version}/{MAIN}"
            more = f' integrity="{self.integrity()}" crossorigin="anonymous"'
        return (
            f'<greenroom-comments site="{site}"><a href="{public_url}/{site}/t?url=ADDRESS-OF-THE-STORY">'
            "Read and write comments</a></greenroom-comments>\n"
            f'<script type="module" src="{source}"{more}></script>\n'
        )


@cache
def embed() -> Embed:
    """The script of this release."""
    spoken = " ".join(languages())
    scripts = {path.name: slim(path.read_text("utf-8")) for path in sorted(SOURCES.iterdir())}
    sources = {name: text.replace(_LANGUAGES, spoken) for name, text in scripts.items()} | words()
    version = sha256("\0".join(f"{name}\0{text}" for name, text in sources.items()).encode()).hexdigest()[:16]
    return Embed(version, {name: text.replace(_VERSION, version).encode() for name, text in sources.items()})


def words() -> dict[str, str]:
    """All sentences of the script in every language that has to be fetched, by the name under which it is."""
    return {
        f"words/{lang}.json": json.dumps(
            for_the_embed(voice(lang)), ensure_ascii=False, separators=(",", ":")
        )
        for lang in languages()
        if lang != ENGLISH
    }


def slim(source: str) -> str:
    """A script without its comments and indentation, which are a sixth of it on the wire. Its lines stay lines."""
    lines = (line.strip() for line in _COMMENTS.sub("", source).split("\n"))
    return "\n".join(line for line in lines if line and not line.startswith("//")) + "\n"


@cache
def packed(content: bytes) -> bytes:
    """A part as browsers take it, whether or not a proxy in front of us packs what it hands on."""
    return gzip.compress(content, 9, mtime=0)


@door.get("/embed.js")
def script() -> Response:
    """The present script."""
    return _part(MAIN, "public, max-age=300")


@door.get("/embed/<version>/<path:name>")
def part(version: str, name: str) -> Response:
    """A part of one version, for good."""
    found = embed()
    if version != found.version or name not in found.parts:
        raise NotFound
    return _part(name, "public, max-age=31536000, immutable")


def _part(name: str, caching: str) -> Response:
    kind = "application/json" if name.endswith(".json") else "text/javascript; charset=utf-8"
    content = embed().parts[name]
    zipped = takes_gzip(request.headers.get("Accept-Encoding", ""))
    response = Response(packed(content) if zipped else content, content_type=kind)
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = caching
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.add_etag()
    response.make_conditional(request)
    return response
