"""What the page of figures says of moderators' pages."""

from __future__ import annotations

from typing import Any

NAMES = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}


def method(desk: dict[str, Any]) -> str:
    large = " and ".join(f"{desk['sizes'][backend]['large']:,} ({name})" for backend, name in NAMES.items())
    return f"""\
- **Moderators' pages**: 50 comments over HTTP, one question after the other, of a house with
  {desk["sizes"]["sqlite"]["small"]:,} comments and one with {large} in turns."""


def details(desk: dict[str, Any]) -> list[str]:
    """A line for each database: p50 and p99 of each page, in the small house and in the large one."""
    lines = []
    for backend, name in NAMES.items():
        pages = "; ".join(
            f"{desk['asked'][kind]} {_times(row['small'])}, {_times(row['large'])}"
            for kind, row in desk[backend].items()
        )
        lines.append(f"Moderators' pages on {name}, p50/p99 in the small house and the large one: {pages}.")
    return lines


def _times(row: dict[str, float]) -> str:
    return f"{row['p50_ms']:.1f}/{row['p99_ms']:.1f} ms"
