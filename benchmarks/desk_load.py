"""The desk opened for the first time in a browser, with very many comments held: bytes, and when the first is seen."""

from __future__ import annotations

import shutil
import statistics
from typing import Any

import sqlalchemy as sa
from playwright.sync_api import Browser, sync_playwright

from benchmarks import desk, greenroom
from benchmarks.greenroom import COMMAND
from benchmarks.ground import Ground, NotMeasured, run

HELD = (100_000, 2_000)
# Pictures and fonts are not counted: the desk has no font, and one icon.
COUNTED = ("Document", "Script", "Stylesheet", "Fetch", "XHR", "Other")
# A row is seen with the frame after the one in which it stands in the document.
WATCH = """
new MutationObserver((_, watch) => {
    if (!document.querySelector(".card .text")) return;
    watch.disconnect();
    requestAnimationFrame(() => requestAnimationFrame(() => (window.seenAt = performance.now())));
}).observe(document, { childList: true, subtree: true });
"""


def measure(ground: Ground) -> dict[str, Any]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        raise NotMeasured("no Chromium is on the PATH")
    house = greenroom.installed(ground, "desk-load")
    desk.fill(house.settings.database_url, ground.pick(*HELD))
    engine = sa.create_engine(house.settings.database_url)
    with engine.begin() as connection:
        connection.execute(
            sa.text("UPDATE comments SET status = 'held', awaiting = 'held', place = 'hidden', escalated = 0")
        )
    engine.dispose()
    with house.running(worker=False) as target, sync_playwright() as playwright:
        token = run([*COMMAND, "token", "create", "desk load"], environment=house.environment).split()[-1]
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        rounds = [
            _first_time(browser, f"http://127.0.0.1:{target.port}", token) for _ in range(ground.pick(7, 2))
        ]
        browser.close()
    found = {
        "held": ground.pick(*HELD),
        "bytes": max(one["bytes"] for one in rounds),
        "requests": rounds[0]["requests"],
        "first_row_ms": round(statistics.median(one["first_row_ms"] for one in rounds), 1),
        "first_row_ms_all": [round(one["first_row_ms"], 1) for one in rounds],
    }
    ground.say(f"desk  first load: {found['bytes']:,} bytes, first row after {found['first_row_ms']:.0f} ms")
    return found


def _first_time(browser: Browser, address: str, token: str) -> dict[str, Any]:
    """The queue with an empty cache, by somebody who is signed in."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(f"{address}/moderation")
    page.get_by_label("Your token").fill(token)
    page.get_by_role("button", name="Sign in").click()
    page.locator(".card").first.wait_for()
    page.close()
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.setCacheDisabled", {"cacheDisabled": True})
    kinds: dict[str, str] = {}
    received: dict[str, float] = {}
    devtools.on("Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["type"]}))
    devtools.on(
        "Network.loadingFinished",
        lambda event: received.update({event["requestId"]: event["encodedDataLength"]}),
    )
    page.add_init_script(WATCH)
    page.goto(f"{address}/moderation", wait_until="networkidle")
    seen = page.evaluate("window.seenAt")
    context.close()
    counted = [request for request in received if kinds.get(request) in COUNTED]
    if seen is None or not counted:
        raise NotMeasured("the desk showed no comment")
    return {
        "bytes": int(sum(received[request] for request in counted)),
        "requests": len(counted),
        "first_row_ms": seen,
    }
