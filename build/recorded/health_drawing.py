"""The health strip of a recorded run as inline SVG: a small drawing for each quantity and group of weights.

engine/widgets/instruments/strip_drawing.ts draws the same in the page, of a run in training. Positions are percentages,
so text keeps its size; the line is in an inner drawing that is stretched. The scale is logarithmic, the same for all
groups of a quantity.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from recorded import health
from recorded.health import NormsAt

LEFT, RIGHT, TOP, BOTTOM, UNITS = 25, 97, 9, 82, 1000
LEAST_DECADES = 2
MOST_TICKS = 3
_SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


@dataclass(frozen=True)
class Scale:
    """Exponents of ten."""

    bottom: int
    top: int

    def height(self, value: float) -> float:
        """From 0 at the top to 1 at the bottom. 0 lies at the bottom, infinity and NaN lie at the top."""
        if value == 0:
            return 1
        if not value < math.inf:
            return 0
        return min(1, max(0, (self.top - math.log10(value)) / (self.top - self.bottom)))

    def ticks(self) -> list[int]:
        every = math.ceil((self.top - self.bottom) / MOST_TICKS)
        return list(range(self.top, self.bottom - 1, -every))[::-1]


def scale(values: Iterable[float]) -> Scale:
    """Holds all finite values above 0, and two decades at least: a value that stays level must look level."""
    logs = [math.log10(value) for value in values if 0 < value < math.inf]
    bottom, top = (math.floor(min(logs)), math.ceil(max(logs))) if logs else (-1, 1)
    lacking = max(0, LEAST_DECADES - (top - bottom))
    return Scale(bottom - lacking // 2, top + lacking - lacking // 2)


def rows(milestones: Sequence[NormsAt], last: int, groups: int, stream: bool) -> list[dict[str, Any]]:
    """What the template shows of a recorded run: a row for each quantity, with a cell for each of the `groups`.

    `last` is the last iteration of the axis. Without milestones there are only the axes. `stream` adds a row for the
    residual stream.
    """
    found = []
    for quantity in health.QUANTITIES:
        if quantity == "stream" and not stream:
            continue
        names = health.group_names(groups)[: groups - 1 if quantity == "stream" else groups]
        wanted = health.described()["wanted_ratio"] if quantity == "ratio" else None
        known = [one for one in milestones if health.values(quantity, one)]
        columns = list(zip(*(health.values(quantity, one) for one in known), strict=True)) or [()] * len(names)
        of = scale([value for column in columns for value in column] + ([wanted] if wanted else []))
        at = [one["iteration"] for one in known]
        cells = [
            {
                "name": name,
                "value": health.short(columns[number][-1]) if known else "–",
                "drawing": _cell(at, columns[number], of, last, wanted),
                "column": [health.short(value) for value in columns[number]],
            }
            for number, name in enumerate(names)
        ]
        found.append({"cells": cells, **_named(quantity, at, cells)})
    return found


def _named(quantity: str, at: Sequence[int], cells: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    words = health.described()
    said = ", ".join(f"{cell['name']} {cell['value']}" for cell in cells) if at else words["nothing_yet"]
    when = f" at iteration {at[-1]}" if at else ""
    name = words["names"][quantity]
    return {
        "name": name,
        "short": words["short_names"][quantity],
        "label": f"{name}{when}, on a logarithmic scale: {said}",
    }


def _cell(at: Sequence[int], column: Sequence[float], of: Scale, last: int, wanted: float | None) -> Markup:
    def across(iteration: int) -> str:
        return _percent(LEFT + (RIGHT - LEFT) * iteration / last)

    def down(part: float) -> str:
        return _percent(TOP + (BOTTOM - TOP) * part)

    def level(kind: str, part: float) -> str:
        return f'<line class="{kind}" x1="{LEFT}%" y1="{down(part)}" x2="{RIGHT}%" y2="{down(part)}"/>'

    parts = ['<svg class="ps-strip-drawing" aria-hidden="true">']
    for exponent in of.ticks():
        part = (of.top - exponent) / (of.top - of.bottom)
        words = f"10{str(exponent).translate(_SUPERSCRIPTS)}" if exponent else "1"
        parts += [level("ps-strip-level", part), _text(words, f"{LEFT - 3}%", down(part), "end", ' dy="0.35em"')]
    parts += [_text("0", across(0), "99%", "middle"), _text(str(last), across(last), "99%", "end")]
    parts += [level("ps-line-rung", of.height(wanted))] if wanted else []
    places = [f"{UNITS * x / last:.0f},{UNITS * of.height(y):.0f}" for x, y in zip(at, column, strict=True)]
    parts.append(
        f'<svg x="{LEFT}%" y="{TOP}%" width="{RIGHT - LEFT}%" height="{BOTTOM - TOP}%" viewBox="0 0 {UNITS} {UNITS}" '
        f'preserveAspectRatio="none"><polyline class="ps-line-norm" points="{" ".join(places)}"/>'
        f'<path class="ps-line-norm-dots" d="{"".join(f"M{place}h0" for place in places)}"/></svg>'
    )
    said = [health.short(value) for value in column]
    for number, value in enumerate(column):
        if 0 < value < math.inf or (number > 0 and said[number - 1] == said[number]):
            continue
        shift = ' dy="-0.4em"' if value == 0 else ' dy="1em"'
        parts.append(_text(said[number], across(at[number]), down(of.height(value)), "start", shift, "ps-strip-off"))
    return Markup("".join([*parts, "</svg>"]))


def _text(words: str, x: str, y: str, anchor: str, more: str = "", kind: str = "ps-curve-tick") -> str:
    return f'<text class="{kind}" x="{x}" y="{y}" text-anchor="{anchor}"{more}>{words}</text>'


def _percent(value: float) -> str:
    return f"{value:.1f}%"
