"""The desk in a browser, with very many comments held: its first load, and how long a decision takes to be seen.

A decision shows at once and is sent meanwhile, so two times are taken of each: from the key until the next comment has
the focus and was painted, and how long the service takes to answer.
"""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

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
KEY = "a"
PRESSES = 50
# Between a comment that was seen and its key: as fast as somebody decides who hardly reads. Pressed at once, thirty
# comments are gone before the next ones of the queue are there.
READ_MS = 250
SECONDS = 10
# From the key itself, which may wait before any script hears of it, until the frame after the one in which another
# card has the focus; one that loses the focus again before that does not count.
PRESSED = """
window.waited = [];
// Whether that happens in time; asked in the page, whose policy lets nobody else wait in there.
window.happens = async (what) => {
    const end = performance.now() + SECONDS * 1000;
    while (!what() && performance.now() < end) await new Promise((next) => setTimeout(next, 5));
    return what();
};
window.answers = () => performance.getEntriesByType("resource").filter(({ name }) => name.endsWith("/decision"));
addEventListener("keydown", ({ key, timeStamp, target }) => {
    const card = target.closest?.(".card");
    if (key !== KEY || !card) return;
    document.addEventListener("focusin", function seen(event) {
        const next = event.target.closest(".card");
        if (!next || next === card) return;
        document.removeEventListener("focusin", seen);
        requestAnimationFrame(() => requestAnimationFrame(() => {
            const kept = next.isConnected && next.contains(document.activeElement);
            if (kept) window.waited.push(performance.now() - timeStamp);
        }));
    });
}, { capture: true });
""".replace("KEY", f'"{KEY}"').replace("SECONDS", str(SECONDS))


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
        pressed = [
            _pressed(browser, f"http://127.0.0.1:{target.port}", token) for _ in range(ground.pick(4, 1))
        ]
        browser.close()
    found = {
        "held": ground.pick(*HELD),
        "bytes": max(one["bytes"] for one in rounds),
        "requests": rounds[0]["requests"],
        "first_row_ms": round(statistics.median(one["first_row_ms"] for one in rounds), 1),
        "first_row_ms_all": [round(one["first_row_ms"], 1) for one in rounds],
        "deciding": {
            "presses": sum(len(seen) for seen, _ in pressed),
            "seen": _described([one for seen, _ in pressed for one in seen]),
            "answered": _described([one for _, answered in pressed for one in answered]),
        },
    }
    ground.say(f"desk  first load: {found['bytes']:,} bytes, first row after {found['first_row_ms']:.0f} ms")
    for what in ("seen", "answered"):
        row = found["deciding"][what]
        ground.say(
            f"desk  a decision is {what}: p50 {row['p50_ms']:.1f} p95 {row['p95_ms']:.1f} p99 {row['p99_ms']:.1f} ms"
        )
    return found


def _first_time(browser: Browser, address: str, token: str) -> dict[str, Any]:
    """The queue with an empty cache, by somebody who is signed in."""
    context = _signed_in(browser, address, token)
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


def _signed_in(browser: Browser, address: str, token: str) -> BrowserContext:
    """A browser without anything of the desk but its cookie and what it cached."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(f"{address}/moderation")
    page.get_by_label("Your token").fill(token)
    page.get_by_role("button", name="Sign in").click()
    page.locator(".card").first.wait_for()
    page.close()
    return context


def _pressed(browser: Browser, address: str, token: str) -> tuple[list[float], list[float]]:
    """Milliseconds until each of ``PRESSES`` decisions was seen, and until each was answered.

    The next comments of the queue are loaded meanwhile. Raises ``NotMeasured`` where the next comment does not come, or
    a decision is refused.
    """
    context = _signed_in(browser, address, token)
    page = context.new_page()
    page.add_init_script(PRESSED)
    page.goto(f"{address}/moderation", wait_until="networkidle")
    for number in range(PRESSES):
        _until(page, "document.activeElement.matches('.card')")
        page.wait_for_timeout(READ_MS)
        page.keyboard.press(KEY)
        _until(page, f"waited.length === {number + 1}")
    _until(page, f"answers().length === {PRESSES}")
    seen = page.evaluate("waited")
    answers = page.evaluate("answers().map((one) => [one.responseEnd - one.startTime, one.responseStatus])")
    context.close()
    if refused := sorted({status for _, status in answers if status not in (200, 201)}):
        raise NotMeasured(f"decisions were answered {refused}")
    return seen, [milliseconds for milliseconds, _ in answers]


def _until(page: Page, what: str) -> None:
    if not page.evaluate(f"happens(() => {what})"):
        raise NotMeasured(f"the desk did not come within {SECONDS} s to: {what}")


def _described(milliseconds: Sequence[float]) -> dict[str, float]:
    ordered = sorted(milliseconds)
    shares = {"p95_ms": 0.95, "p99_ms": 0.99}
    return {
        "p50_ms": round(statistics.median(ordered), 1),
        **{name: round(ordered[int(len(ordered) * share)], 1) for name, share in shares.items()},
    }
