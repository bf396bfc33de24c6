"""The curve of a recorded run as inline SVG, for readers without JavaScript and for paper.

Positions are percentages of the drawing, so text keeps its size on a phone and on a projector. Only the curves are
stretched, in an inner drawing whose lines keep their width. Colours and dashes come from the style sheet.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from recorded.thinning import thinned
from texts import rungs as n_grams

# Where the curves are, in per cent of the drawing; losses are to the left, the names of the lines to the right.
LEFT, RIGHT, TOP, BOTTOM = 7.0, 82.0, 3.0, 90.0
# Two labels closer than this would touch.
LABEL_GAP = 6.0
STRETCHES = 120
# The least height of the drawing in nats: a loss that stays level must look level, not like magnified noise.
SMALLEST_SPAN = 1.0
UNITS = 1000  # width and height of the inner drawing


@dataclass(frozen=True)
class Level:
    """A line to compare the curve with: a rung, which a good model gets below, or a floor, which no model can."""

    name: str
    nats: float
    kind: str  # rung or floor


def levels(rungs: Mapping[str, float] | None, floor: float | None, vocab_size: int) -> list[Level]:
    """The lines of a text from the top down: always ln V (a uniform guess), then rungs and floor if they are known."""
    found = [Level(f"ln {vocab_size}", math.log(vocab_size), "rung")]
    found += [Level(n_grams.NAMES[name], nats, "rung") for name, nats in (rungs or {}).items()][1:]
    return found + ([] if floor is None else [Level("floor", floor, "floor")])


def drawn(rows: Sequence[Mapping[str, Any]], lines: Sequence[Level], key: str, title: str) -> Markup:
    """The <svg> of the `rows` {iteration, train, val}. The ids of its title and description begin with `key`.

    `key` must be unique on the page.
    """
    train = [(row["iteration"], row["train"]) for row in rows if row["train"] is not None]
    val = [(row["iteration"], row["val"]) for row in rows if row["val"] is not None]
    last = max(1, rows[-1]["iteration"])
    heights = [nats for _, nats in train + val] + [level.nats for level in lines]
    lacking = max(0.0, SMALLEST_SPAN - (max(heights) - min(heights)))
    frame = _Frame(last, *_rounded(min(heights) - lacking / 2, max(heights) + lacking / 2))
    some = thinned(train, STRETCHES, lambda point: point[1])
    parts = [
        f'<svg class="ps-curve" role="img" aria-labelledby="{key}-title {key}-words">',
        f'<title id="{key}-title">{escape(title)}</title><desc id="{key}-words">{_words(train, val, lines)}</desc>',
        *_ticks(frame),
        *_lines(frame, lines),
        f'<svg x="{LEFT}%" y="{TOP}%" width="{RIGHT - LEFT}%" height="{BOTTOM - TOP}%" '
        f'viewBox="0 0 {UNITS} {UNITS}" preserveAspectRatio="none">',
        f'<polyline class="ps-curve-train" points="{frame.points(some)}"/>',
        f'<polyline class="ps-curve-val" points="{frame.points(val)}"/></svg>' if val else "</svg>",
        *(f'<circle class="ps-curve-dot" cx="{frame.x(i):.2f}%" cy="{frame.y(nats):.2f}%" r="3"/>' for i, nats in val),
        "</svg>",
    ]
    return Markup("".join(parts))


@dataclass(frozen=True)
class _Frame:
    """Converts iterations and nats to positions in the drawing."""

    last: int
    lowest: float
    highest: float

    def x(self, iteration: float) -> float:
        return LEFT + (RIGHT - LEFT) * iteration / self.last

    def y(self, nats: float) -> float:
        return TOP + (BOTTOM - TOP) * (self.highest - nats) / (self.highest - self.lowest)

    def points(self, values: Sequence[tuple[int, float]]) -> str:
        height = UNITS / (self.highest - self.lowest)
        return " ".join(f"{UNITS * i / self.last:.4g},{height * (self.highest - nats):.4g}" for i, nats in values)


def _rounded(lowest: float, highest: float) -> tuple[float, float]:
    """The range, widened to round numbers."""
    step = _step(highest - lowest)
    low, high = math.floor(2 * lowest / step) * step / 2, math.ceil(2 * highest / step) * step / 2
    return low, max(high, low + step)


def _step(span: float) -> float:
    """1, 2 or 5 times a power of ten, so that about four of them fill the span."""
    rough = max(span, 1e-6) / 4
    power = 10 ** math.floor(math.log10(rough))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)


def _multiples(step: float, lowest: float, highest: float) -> list[float]:
    return [n * step for n in range(math.ceil(lowest / step - 1e-9), math.floor(highest / step + 1e-9) + 1)]


def _ticks(frame: _Frame) -> list[str]:
    y_step, x_step = _step(frame.highest - frame.lowest), _step(frame.last)
    down = [
        f'<text class="ps-curve-tick" x="{LEFT - 1}%" y="{frame.y(nats):.2f}%" dy="0.35em" text-anchor="end">'
        f"{nats:g}</text>"
        for nats in _multiples(y_step, frame.lowest, frame.highest)
    ]
    along = [
        f'<text class="ps-curve-tick" x="{frame.x(at):.2f}%" y="98%" text-anchor="middle">{at:,.0f}</text>'
        for at in _multiples(x_step, 0, frame.last)
    ]
    axis = f'<line class="ps-curve-axis" x1="{LEFT}%" y1="{BOTTOM}%" x2="{RIGHT}%" y2="{BOTTOM}%"/>'
    return [axis, *down, *along]


def _lines(frame: _Frame, lines: Sequence[Level]) -> list[str]:
    parts: list[str] = []
    label = -LABEL_GAP
    for level in sorted(lines, key=lambda level: -level.nats):
        y = frame.y(level.nats)
        label = max(y, label + LABEL_GAP)
        parts.append(
            f'<line class="ps-curve-{level.kind}" x1="{LEFT}%" y1="{y:.2f}%" x2="{RIGHT}%" y2="{y:.2f}%"/>'
            f'<text class="ps-curve-name" x="{RIGHT + 1}%" y="{label:.2f}%" dy="0.35em">{escape(level.name)}</text>'
        )
    return parts


def _words(train: Sequence[tuple[int, float]], val: Sequence[tuple[int, float]], lines: Sequence[Level]) -> str:
    """The curve in words, for a reader who cannot see it."""
    which, values = ("Validation", val) if val else ("Training", train)
    (first, begin), (last, end) = values[0], values[-1]
    turn = "falls" if end < begin else "rises"
    below = [level.name for level in lines if level.kind == "rung" and end < level.nats]
    rungs = f" It ends below these lines: {', '.join(below)}." if below else ""
    words = f"{which} loss {turn} from {begin:.2f} nats at iteration {first} to {end:.2f} at iteration {last}.{rungs}"
    return str(escape(words))
