"""What the page of figures says of moderators' pages and of the desk in a browser."""

from __future__ import annotations

from typing import Any

from benchmarks.goals import NOT_YET

NAMES = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}


def method(desk: dict[str, Any]) -> str:
    large = " and ".join(f"{desk['sizes'][backend]['large']:,} ({name})" for backend, name in NAMES.items())
    return f"""\
- **Moderators' pages**: 50 comments from the API, and the desk's page of 30 as a signed-in browser gets it, over HTTP,
  one question after the other, of a house with {desk["sizes"]["sqlite"]["small"]:,} comments and one with
  {large} in turns. *Painted*: Chromium with an empty cache, the desk with
  its queue of held comments; *after a key*: "a" pressed on one card after the other, some four a second, from the
  key's own time until the frame after the one in which the next card has the focus, while the decisions are sent."""


def details(desk: dict[str, Any], load: dict[str, Any]) -> list[str]:
    """A line for each database and door: p50 and p99 of each page, in the small house and the large one; and one of
    decisions in a browser."""
    lines = []
    for backend, name in NAMES.items():
        lines.append(f"The API's answers to moderators on {name}{_pages(desk, desk[backend])}")
        pages = _pages(desk, desk["pages"][backend]) if "pages" in desk else f": {NOT_YET}."
        lines.append(f"The desk's pages on {name}{pages}")
    return [*lines, _deciding(load)]


def _pages(desk: dict[str, Any], rows: dict[str, Any]) -> str:
    pages = "; ".join(
        f"{desk['asked'][kind]} {_times(row['small'])}, {_times(row['large'])}" for kind, row in rows.items()
    )
    return f", p50/p99 in the small house and the large one: {pages}."


def _deciding(load: dict[str, Any]) -> str:
    if "deciding" not in load:
        return f"Decisions by key in Chromium: {NOT_YET}."
    found = load["deciding"]
    seen, answered = found["seen"], found["answered"]
    return (
        f"{found['presses']} decisions by key in Chromium: the next comment painted after"
        f" {seen['p50_ms']:.0f}/{seen['p95_ms']:.0f} ms (p50/p95), the decision answered after"
        f" {_times(answered)} (p50/p99)."
    )


def _times(row: dict[str, float]) -> str:
    return f"{row['p50_ms']:.1f}/{row['p99_ms']:.1f} ms"
