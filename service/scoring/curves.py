"""ROC curves as a picture (SVG), drawn without a library for it."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

_SIDE, _LEFT, _TOP = 420, 60, 40
_COLOURS = ("#1b6ca8", "#c0392b", "#8e44ad", "#d35400", "#16a085", "#7f8c8d", "#b7950b", "#2c3e50")
_POINTS = 200


@dataclass(frozen=True)
class Curve:
    """``points``: (false alarms, recall) pairs from (0, 0) to (1, 1)."""

    name: str
    points: list[tuple[float, float]]


def roc_points(truth: NDArray[np.float64], scores: NDArray[np.float64]) -> list[tuple[float, float]]:
    """At most some 200 points of the ROC curve."""
    order = np.argsort(-scores, kind="stable")
    positive = truth[order] >= 0.5
    last = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))
    recall = np.cumsum(positive)[last] / max(1, positive.sum())
    alarms = np.cumsum(~positive)[last] / max(1, (~positive).sum())
    step = max(1, len(last) // _POINTS)
    found = [(0.0, 0.0), *zip(alarms[::step].tolist(), recall[::step].tolist(), strict=True), (1.0, 1.0)]
    return [(float(x), float(y)) for x, y in found]


def draw(curves: list[Curve], title: str) -> str:
    """The curves in one square with a legend, as an SVG document."""
    width, height = _LEFT + _SIDE + 190, _TOP + _SIDE + 60
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"'
        ' font-family="sans-serif" font-size="13">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text x="{_LEFT}" y="24" font-size="15" font-weight="bold">{escape(title)}</text>',
    ]
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        x, y = _place(tick, tick)
        parts += [
            f'<path d="M{x} {_TOP}V{_TOP + _SIDE}M{_LEFT} {y}H{_LEFT + _SIDE}" stroke="#ddd"/>',
            f'<text x="{x}" y="{_TOP + _SIDE + 18}" text-anchor="middle">{tick:g}</text>',
            f'<text x="{_LEFT - 8}" y="{y + 4}" text-anchor="end">{tick:g}</text>',
        ]
    parts.append(
        f'<text x="{_LEFT + _SIDE / 2}" y="{height - 10}" text-anchor="middle">share of false alarms</text>'
    )
    middle = _TOP + _SIDE / 2
    parts.append(
        f'<text x="16" y="{middle}" text-anchor="middle" transform="rotate(-90 16 {middle})">recall</text>'
    )
    for number, curve in enumerate(curves):
        colour = _COLOURS[number % len(_COLOURS)]
        line = " ".join("{:.1f},{:.1f}".format(*_place(x, y)) for x, y in curve.points)
        x, y = _LEFT + _SIDE + 20, _TOP + 20 + 22 * number
        parts += [
            f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>',
            f'<path d="M{x} {y - 4}h22" stroke="{colour}" stroke-width="3"/>',
            f'<text x="{x + 30}" y="{y}">{escape(curve.name)}</text>',
        ]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _place(x: float, y: float) -> tuple[float, float]:
    return round(_LEFT + x * _SIDE, 1), round(_TOP + _SIDE * (1 - y), 1)
