"""Small bar charts as SVG, readable on light and dark pages, nothing but text and rectangles; and tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, LABELS, VALUES, EDGE = 720, 190, 120, 20
BAR, GAP, HEADING, FOOT = 22, 10, 44, 14

# A card of its own colour, so that the picture reads on any page; it follows the reader's own choice of dark.
STYLE = """
  .card { fill: #ffffff; stroke: #d5d9de }
  .title { font: 600 15px system-ui, sans-serif; fill: #1d2430 }
  .text { font: 13px system-ui, sans-serif; fill: #3f4957 }
  .value { font: 600 13px system-ui, sans-serif; fill: #1d2430 }
  .bar { fill: #9aa5b4 }
  .own { fill: #1c7c54 }
  .span { stroke: #1d2430; stroke-width: 1.5 }
  @media (prefers-color-scheme: dark) {
    .card { fill: #161b22; stroke: #39424e }
    .title, .value { fill: #eef2f6 }
    .text { fill: #b5bfca }
    .bar { fill: #6c7889 }
    .own { fill: #3fb283 }
    .span { stroke: #eef2f6 }
  }
"""


@dataclass(frozen=True)
class Bar:
    """``lowest`` and ``highest`` draw the span of the rounds; ``own`` marks the product's own bar."""

    label: str
    value: float
    text: str
    own: bool = False
    lowest: float | None = None
    highest: float | None = None


@dataclass(frozen=True)
class Panel:
    title: str
    bars: Sequence[Bar]


def draw(panels: Sequence[Panel], *, description: str) -> str:
    """One picture with a panel under another; each has a scale of its own that begins at nought."""
    parts: list[str] = []
    top = EDGE
    for panel in panels:
        parts.append(f'<text class="title" x="{EDGE}" y="{top + 18}">{escape(panel.title)}</text>')
        top += HEADING - 10
        most = max(max(bar.value, bar.highest or 0) for bar in panel.bars) or 1
        for bar in panel.bars:
            parts += _bar(bar, top, (WIDTH - LABELS - VALUES - 2 * EDGE) / most)
            top += BAR + GAP
        top += FOOT
    height = top + EDGE - FOOT
    body = "\n".join(f"  {part}" for part in parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
        f' role="img" aria-label="{escape(description)}">\n'
        f"  <style>{STYLE}  </style>\n"
        f'  <rect class="card" x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="10"/>\n{body}\n</svg>\n'
    )


def _bar(bar: Bar, top: float, scale: float) -> list[str]:
    left = EDGE + LABELS
    width = max(bar.value * scale, 1.5)
    end = left + max(width, (bar.highest or 0) * scale)
    middle = top + BAR / 2
    kind = "bar own" if bar.own else "bar"
    parts = [
        f'<text class="text" x="{left - 10}" y="{middle + 4.5}" text-anchor="end">{escape(bar.label)}</text>',
        f'<rect class="{kind}" x="{left}" y="{top}" width="{width:.1f}" height="{BAR}" rx="3"/>',
        f'<text class="value" x="{end + 10:.1f}" y="{middle + 4.5}">{escape(bar.text)}</text>',
    ]
    if bar.lowest is not None and bar.highest is not None:
        parts.append(
            f'<line class="span" x1="{left + bar.lowest * scale:.1f}" y1="{middle}"'
            f' x2="{left + bar.highest * scale:.1f}" y2="{middle}"/>'
        )
    return parts


def table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A table as Markdown has it."""
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
