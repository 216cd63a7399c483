"""The embed beside Isso's on the same page in Chromium: what comes over the wire, and when the first comment is seen.

Both have the same fifty comments, and each serves its own script. A page is loaded with an empty cache, both in turns,
at the machine's own pace and as on a slow phone.
"""

from __future__ import annotations

import gzip
import shutil
import statistics
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from playwright.sync_api import Browser, CDPSession, TimeoutError, sync_playwright

from benchmarks import greenroom, isso
from benchmarks.corpus import written
from benchmarks.greenroom import COMMAND, ORIGIN, SITE
from benchmarks.ground import Ground, NotMeasured, ask, run
from benchmarks.seeding import Seeder

COMMENTS = 50
LOADS = (15, 2)
STORY = "<p>" + "The council votes again on the old bridge, and nobody has counted the boats. " * 40 + "</p>"
# A story with its comments in the first window, and something below them. What each system's own page for publishers
# says is all that differs; Isso's names no rule by which a page could keep room for it.
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><link rel="icon" href="data:,">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>A story</title>{head}
</head><body><h1>A story</h1>{story}{comments}<footer><p>The end of the page</p></footer>{script}</body></html>"""
ROOM = "<style>greenroom-comments:not(:defined) { display: block; min-block-size: 40em; }</style>"
# What is seen of a comment, wherever it stands; looked for once in each frame, before it is painted.
FIRST = {
    "greenroom": "document.querySelector('greenroom-comments')?.shadowRoot?.querySelector('article .body')",
    "isso": "document.querySelector('#isso-root .isso-comment .isso-text')",
}
WATCH = """
window.shift = 0;
new PerformanceObserver((list) => { for (const one of list.getEntries()) window.shift += one.value; })
    .observe({ type: "layout-shift", buffered: true });
(function look() {
    if (!(FIRST)?.getClientRects().length) return requestAnimationFrame(look);
    window.there = performance.timeOrigin + performance.now();
    requestAnimationFrame(() => (window.seen = performance.now()));
})();
"""
# Kilobits a second, milliseconds, and how much slower than this machine: what Chromium's tools call "Slow 4G" (their
# numbers hold back a tenth of the rate, and count 3.75 round trips), on a middling phone.
SLOW = {"down": 1_600 * 0.9, "up": 750 * 0.9, "latency": 150 * 3.75, "processor": 4}
PROFILES: dict[str, dict[str, float] | None] = {"plain": None, "slow": SLOW}
SETTLED_MS = 500


def measure(ground: Ground) -> dict[str, Any]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        raise NotMeasured("no Chromium is on the PATH")
    comments = written(COMMENTS)
    with ExitStack() as stack:
        pages: dict[str, str] = {}
        newspaper = stack.enter_context(_newspaper(pages))
        ours = greenroom.installed(ground, "greenroom-embed")
        run(
            [*COMMAND, "site", "set", SITE, "--origin", ORIGIN, "--origin", newspaper],
            environment=ours.environment,
        )
        (story,) = Seeder(ours).approved(comments, replies=False)
        target = stack.enter_context(ours.running(worker=False))
        yardstick = stack.enter_context(isso.isso(ground, page=newspaper))
        isso.fill_thread(yardstick, comments)
        ports = {"greenroom": target.port, "isso": yardstick.port}
        pages["/greenroom"] = PAGE.format(
            head=ROOM,
            story=STORY,
            comments=f'<greenroom-comments site="{SITE}" url="{story}"><a href="/elsewhere">Comments</a>'
            "</greenroom-comments>",
            script=f'<script type="module" src="http://127.0.0.1:{target.port}/embed.js"></script>',
        )
        isso_url = f"http://127.0.0.1:{yardstick.port}"
        pages["/isso"] = PAGE.format(
            head="",
            story=STORY,
            comments=f'<section id="isso-thread" data-isso-id="{isso.THREAD}" data-title="A story"></section>',
            script=f'<script data-isso="{isso_url}/" src="{isso_url}/js/embed.min.js"></script>',
        )
        browser = stack.enter_context(sync_playwright()).chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        stack.callback(browser.close)
        loads = _in_turns(browser, newspaper, rounds=ground.pick(*LOADS))
        found: dict[str, Any] = {
            "comments": COMMENTS,
            "loads": ground.pick(*LOADS),
            "slow": SLOW,
            **{name: {**_summary(loads[name]), **_weighed(ports[name], loads[name])} for name in FIRST},
        }
    for name in FIRST:
        one = found[name]
        ground.say(
            f"embed  {name}: {one['served_bytes']:,} bytes of script and style ({one['gzip_bytes']:,} gzipped),"
            f" {one['requests']} requests, first comment after {one['plain']['first_comment_ms']:.0f} ms"
            f" ({one['slow']['first_comment_ms']:.0f} ms slow), shift {one['shift']:.3f}"
        )
    return found


@contextmanager
def _newspaper(pages: dict[str, str]) -> Iterator[str]:
    """A publisher's server on a port of its own; its address."""

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = pages.get(self.path, "").encode()
            self.send_response(200 if content else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


# --- loads -----------------------------------------------------------------------------------------------------------


def _in_turns(browser: Browser, newspaper: str, *, rounds: int) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """By system and profile. The first load of each warms its server up and does not count."""
    loads: dict[str, dict[str, list[dict[str, Any]]]] = {name: {of: [] for of in PROFILES} for name in FIRST}
    for number in range(rounds + 1):
        for profile, pace in PROFILES.items():
            for name in FIRST:
                one = _load(browser, f"{newspaper}/{name}", FIRST[name], pace)
                if number:
                    loads[name][profile].append(one)
    return loads


def _load(browser: Browser, address: str, first: str, pace: dict[str, float] | None) -> dict[str, Any]:
    """The page once, with an empty cache. Raises ``NotMeasured`` where no comment comes."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    _slow_down(devtools, pace)
    asked: dict[str, dict[str, Any]] = {}
    received: dict[str, float] = {}
    encodings: dict[str, str] = {}
    devtools.on("Network.requestWillBeSent", lambda event: asked.update({event["requestId"]: event}))
    devtools.on(
        "Network.responseReceived",
        lambda event: encodings.update(
            {event["requestId"]: _header(event["response"]["headers"], "content-encoding") or "none"}
        ),
    )
    devtools.on(
        "Network.loadingFinished",
        lambda event: received.update({event["requestId"]: event["encodedDataLength"]}),
    )
    page.add_init_script(WATCH.replace("FIRST", first))
    page.goto(address, wait_until="networkidle")
    try:
        page.wait_for_function("() => window.seen")
    except TimeoutError:
        raise NotMeasured(f"no comment was seen at {address}") from None
    page.wait_for_timeout(SETTLED_MS)
    seen, there, shift = page.evaluate("() => [seen, there, shift]")
    context.close()
    before = {
        request: event
        for request, event in asked.items()
        if event["wallTime"] * 1000 <= there and event["type"] != "Document" and _is_web(event)
    }
    if not before:
        raise NotMeasured(f"nothing was asked for by {address}")
    return {
        "first_comment_ms": seen,
        "shift": shift,
        "requests": len(before),
        "files": [
            {
                "path": "/" + event["request"]["url"].split("/", 3)[3],
                "kind": event["type"],
                "wire": int(received.get(request, 0)),
                "encoding": encodings.get(request, "none"),
            }
            for request, event in before.items()
        ],
    }


def _header(headers: dict[str, str], name: str) -> str | None:
    return {one.lower(): value for one, value in headers.items()}.get(name)


def _is_web(event: dict[str, Any]) -> bool:
    found: bool = event["request"]["url"].startswith("http")
    return found


def _slow_down(devtools: CDPSession, pace: dict[str, float] | None) -> None:
    if pace is None:
        return
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": pace["processor"]})
    devtools.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": pace["latency"],
            "downloadThroughput": pace["down"] * 1000 / 8,
            "uploadThroughput": pace["up"] * 1000 / 8,
        },
    )


# --- figures ---------------------------------------------------------------------------------------------------------


def _summary(loads: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    every = [one for of_profile in loads.values() for one in of_profile]
    return {
        **{profile: _times([one["first_comment_ms"] for one in of]) for profile, of in loads.items()},
        "requests": max(one["requests"] for one in every),
        # All but the script itself.
        "after_script": max(one["requests"] for one in every) - 1,
        "shift": round(max(one["shift"] for one in every), 4),
    }


def _times(milliseconds: Sequence[float]) -> dict[str, Any]:
    return {
        "first_comment_ms": round(statistics.median(milliseconds), 1),
        "first_comment_ms_all": [round(one, 1) for one in milliseconds],
    }


def _weighed(port: int, loads: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Script and style of the first view: as they came, headers and all, and their content gzipped by us, which is
    what a proxy that packs would make of it."""
    files = [one for one in loads["plain"][0]["files"] if one["kind"] in ("Script", "Stylesheet")]
    contents = {
        one["path"]: ask(port, one["path"], headers={"Accept-Encoding": "identity"}).body for one in files
    }
    return {
        "files": [
            {
                **one,
                "plain": len(contents[one["path"]]),
                "gzip": len(gzip.compress(contents[one["path"]], 9, mtime=0)),
            }
            for one in files
        ],
        "served_bytes": sum(one["wire"] for one in files),
        "gzip_bytes": sum(len(gzip.compress(content, 9, mtime=0)) for content in contents.values()),
    }
