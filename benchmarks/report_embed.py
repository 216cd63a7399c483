"""What the page of figures says of the embed, beside Isso's."""

from __future__ import annotations

from typing import Any

from benchmarks.goals import NOT_YET

NAMES = {"greenroom": "Greenroom", "isso": "Isso"}


def method(found: dict[str, Any]) -> str:
    if not found:
        return f"- **The embed** beside Isso's: {NOT_YET}."
    slow = found["slow"]
    processor, rate, latency = slow["processor"], slow["down"], slow["latency"]
    return f"""\
- **The embed**: a page with a story, {found["comments"]} comments that begin in its first window, and a footer below,
  of a server of its own. Greenroom's has the rule that its page for publishers names, which keeps room until the
  script is there. Chromium with an empty cache for each of {found["loads"]} loads, both systems in turns. *Seen*: the
  frame after the one in which the first comment stands. *Slow*: {processor} times slower than this machine,
  {rate:,.0f} kbit/s down, {latency:.0f} ms for each request. *Shift*: the sum of all layout shifts."""


def details(found: dict[str, Any]) -> list[str]:
    """A line for each system."""
    return [
        f"The embed of {name}: {one['served_bytes']:,} bytes of script and style over the wire with their headers"
        f" (encoding: {_encodings(one)}; gzipped {one['gzip_bytes']:,}); {one['requests']} requests until the first"
        f" comment is seen, after {one['plain']['first_comment_ms']:,.0f} ms, and after"
        f" {one['slow']['first_comment_ms']:,.0f} ms slow; shift {one['shift']:.3f}."
        for name, one in ((name, found[key]) for key, name in NAMES.items() if found)
    ]


def _encodings(one: dict[str, Any]) -> str:
    return ", ".join(sorted({file["encoding"] for file in one["files"]}))
