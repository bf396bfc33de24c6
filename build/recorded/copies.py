"""First writings and their copies in a recorded run, as inline SVG: two losses, and the best prefix-match score below.

engine/widgets/instruments/copies_drawing.ts draws the reader's run in the same form.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

# Where the curves are, in per cent of a drawing, and the units inside.
LEFT, RIGHT, TOP, BOTTOM, UNITS = 9, 97, 6, 86, 1000
TICKS = 4  # iterations are marked at about this many places

Rows = Sequence[Mapping[str, Any]]  # {iteration, first, copies, prefix}


def losses_drawn(rows: Rows, floors: Mapping[str, float], key: str, title: str) -> Markup:
    """The <svg> of both losses with their floors. The id of its title begins with `key`."""
    highest = max([floors["first"], *(row[which] for row in rows for which in ("first", "copies"))])
    high = math.ceil(2 * highest) / 2
    frame = _Frame(rows, high)
    levels = [
        f'<line class="ps-line-floor" x1="0" y1="{frame.y(floor):.1f}" x2="{UNITS}" y2="{frame.y(floor):.1f}"/>'
        for floor in floors.values()
    ]
    return frame.drawn(key, title, 1 if high > 2 else 0.5, [*levels, *frame.curve("first"), *frame.curve("copies")])


def score_drawn(rows: Rows, key: str, title: str) -> Markup:
    """The <svg> of the best prefix-match score."""
    frame = _Frame(rows, 1)
    return frame.drawn(key, title, 0.5, frame.curve("prefix"))


class _Frame:
    """From 0 at the bottom to `high`."""

    def __init__(self, rows: Rows, high: float) -> None:
        self.rows, self.high, self.last = rows, high, max(1, rows[-1]["iteration"])

    def y(self, height: float) -> float:
        return UNITS * (self.high - height) / self.high

    def curve(self, which: str) -> list[str]:
        places = [f"{UNITS * row['iteration'] / self.last:.1f},{self.y(row[which]):.1f}" for row in self.rows]
        line = "ps-line-score" if which == "prefix" else "ps-line-val"
        dots = "".join(f"M{place}h0" for place in places)
        holes = [f'<path class="ps-line-dots ps-dots-hole" d="{dots}"/>'] if which == "first" else []
        return [
            f'<polyline class="{line}" points="{" ".join(places)}"/>',
            f'<path class="ps-line-dots ps-dots-{which}" d="{dots}"/>',
            *holes,
        ]

    def drawn(self, key: str, title: str, step: float, inside: Sequence[str]) -> Markup:
        heights = [number * step for number in range(math.floor(self.high / step) + 1)]
        places = {height: TOP + (BOTTOM - TOP) * (self.high - height) / self.high for height in heights}
        down = [
            f'<text class="ps-curve-tick" x="{LEFT - 1}%" y="{place:.2f}%" dy="0.35em" text-anchor="end">'
            f"{height:.1f}</text>"
            for height, place in places.items()
        ]
        along = [
            f'<text class="ps-curve-tick" x="{LEFT + (RIGHT - LEFT) * number / TICKS}%" y="97%" text-anchor="middle">'
            f"{round(self.last * number / TICKS)}</text>"
            for number in range(TICKS + 1)
        ]
        parts = [
            f'<svg class="ps-curve" role="img" aria-labelledby="{key}"><title id="{key}">{escape(title)}</title>',
            f'<line class="ps-line-axis" x1="{LEFT}%" y1="{BOTTOM}%" x2="{RIGHT}%" y2="{BOTTOM}%"/>',
            *down,
            *along,
            f'<svg x="{LEFT}%" y="{TOP}%" width="{RIGHT - LEFT}%" height="{BOTTOM - TOP}%" '
            f'viewBox="0 0 {UNITS} {UNITS}" preserveAspectRatio="none">',
            *inside,
            "</svg></svg>",
        ]
        return Markup("".join(parts))
