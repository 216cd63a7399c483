"""A publisher's own small web server, on another port: its pages embed Greenroom under a strict security policy."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import PurePosixPath
from urllib.parse import urlencode
from uuid import uuid4

from playwright.sync_api import Page

from tests.browser.browsing import met
from tests.product.running import ROOT, Running

# What our page for publishers says that a strict policy needs, and nothing else.
[DOCUMENTED] = re.findall(r"^script-src .*$", (ROOT / "docs" / "embed.md").read_text(), re.MULTILINE)
NOTE_VIOLATIONS = """
window.violations = [];
addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
  violations.push(`${violatedDirective} ${blockedURI}`));
"""


# What is not a page; everything else is.
TYPES = {".js": "text/javascript", ".css": "text/css", ".xml": "application/xml", ".txt": "text/plain"}


@dataclass
class Publisher:
    """Stories, and files beside them, by path. ``service`` is the only host that pages may load a script from or talk
    to, unless ``own_policy`` says something else."""

    port: int
    service: str
    strict: bool = True
    pages: dict[str, str] = field(default_factory=dict)
    own_policy: str | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def policy(self) -> str:
        return self.own_policy or (
            f"default-src 'none'; {DOCUMENTED.replace('https://talk.example.org', self.service)};"
            # For the page's own icon.
            " img-src data:; base-uri 'none'; form-action 'none'"
        )

    def publish(
        self,
        path: str,
        body: str,
        *,
        scripts: int = 1,
        title: str = "A story",
        lang: str = "en",
        doctype: str = "<!doctype html>",
    ) -> str:
        """Put a story on line, in light or dark as its reader likes it; its address. With two ``scripts`` the same is
        loaded under two addresses."""
        loads = "".join(
            f'<script type="module" src="{self.service}/embed.js{"?again" * number}"></script>'
            for number in range(scripts)
        )
        self.pages[path] = (
            f'{doctype}<html lang="{lang}"><head><meta charset="utf-8"><link rel="icon" href="data:,">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            '<meta name="color-scheme" content="light dark">'
            f"<title>{title}</title></head><body><h1>{title}</h1>{body}{loads}</body></html>"
        )
        return self.url + path


@contextmanager
def publishing(service: str, *, strict: bool = True) -> Iterator[Publisher]:
    """A publisher's server while the context is open; without ``strict`` its pages have no policy at all."""
    publisher: Publisher

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.split("?")[0]
            page = publisher.pages.get(path)
            kind = TYPES.get(PurePosixPath(path).suffix, "text/html") if page is not None else "text/html"
            content = (page or "Not found").encode()
            self.send_response(404 if page is None else 200)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            if publisher.strict:
                self.send_header("Content-Security-Policy", publisher.policy)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    publisher = Publisher(server.server_address[1], service, strict)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield publisher
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def newspaper(product: Running, site: str, name: str, *, strict: bool = True) -> Iterator[Publisher]:
    """A publisher's server while the context is open, whose site the service knows."""
    with publishing(product.url, strict=strict) as found:
        product.run("site", "set", site, "--name", name, "--origin", found.url)
        asked = f"/v1/threads?{urlencode({'site': site, 'url': found.url + '/'})}"
        product.until(lambda: product.ask("GET", asked).status == 200, what="the site known")
        yield found


def element(site: str) -> str:
    """What the site writes into a page for its comments."""
    return f'<greenroom-comments site="{site}"><a href="/elsewhere">Read and write comments</a></greenroom-comments>'


def new_story(publisher: Publisher, site: str) -> str:
    """The address of a story of its own, with the comments on its page."""
    return publisher.publish(f"/{uuid4().hex}", element(site))


def assert_clean(page: Page) -> None:
    """Nothing on this page was against its policy, and no script of it failed."""
    assert page.evaluate("violations") == []
    assert met(page).errors == []


def let_everything_through(product: Running, site: str) -> None:
    """A policy by which every comment is on stage once it was screened."""
    path = f"/v1/admin/policy?site={site}"
    off = dict.fromkeys(("model", "duplicates", "history", "trap"), "off")
    base = product.as_admin("GET", path).json()["version"]
    sent = {"document": {"otherwise": "approve", "checks": off}, "base_version": base}
    answer = product.as_admin("PUT", path, sent)
    assert answer.status == 200, answer.body
