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
UNITS = 1000  # width and height of the inner drawing; whole units are finer than a screen's pixels, and short to write


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


Rows = Sequence[Mapping[str, Any]]  # {iteration, train, val}


def span(curves: Sequence[Rows], vocab_size: int) -> tuple[float, float]:
    """The lowest and the highest loss of a drawing that has room for each of the curves, and for ln V."""
    heights = [row[which] for rows in curves for row in rows for which in ("train", "val") if row[which] is not None]
    heights.append(math.log(vocab_size))
    return _rounded(min(heights), max(heights))


def end(rows: Rows, iterations: int) -> float | None:
    """The last val loss, or the last train loss if the text has no validation part; None for a run that diverged."""
    if rows[-1]["iteration"] < iterations:
        return None
    found = [row[which] for which in ("val", "train") for row in reversed(rows) if row[which] is not None]
    return next(iter(found), None)


def drawn(
    rows: Rows,
    lines: Sequence[Level],
    key: str,
    title: str,
    heights: tuple[float, float] | None = None,
    behind: Rows = (),
    stretches: int = STRETCHES,
) -> Markup:
    """The <svg> of the `rows`. The ids of its title and description begin with `key`, which must be unique on the page.

    `heights` are the lowest and the highest loss of the drawing; left out, they follow from the curve. The val loss of
    the rows `behind` is drawn first, to compare with. The train loss is thinned to the extremes of so many `stretches`.
    """
    train = [(row["iteration"], row["train"]) for row in rows if row["train"] is not None]
    val = [(row["iteration"], row["val"]) for row in rows if row["val"] is not None]
    compared = [(row["iteration"], row["val"]) for row in behind if row["val"] is not None]
    last = max(1, rows[-1]["iteration"])
    frame = _Frame(last, *(heights or _heights(train + val, lines)))
    some = thinned(train, stretches, lambda point: point[1])
    parts = [
        f'<svg class="ps-curve" role="img" aria-labelledby="{key}-title {key}-words">',
        f'<title id="{key}-title">{escape(title)}</title><desc id="{key}-words">{_words(train, val, lines)}</desc>',
        *_ticks(frame),
        *_lines(frame, lines),
        f'<svg x="{LEFT}%" y="{TOP}%" width="{RIGHT - LEFT}%" height="{BOTTOM - TOP}%" '
        f'viewBox="0 0 {UNITS} {UNITS}" preserveAspectRatio="none">',
        *([f'<polyline class="ps-line-behind" points="{frame.points(compared)}"/>'] if compared else []),
        f'<polyline class="ps-line-train" points="{frame.points(some)}"/>',
        *([f'<polyline class="ps-line-val" points="{frame.points(val)}"/>', _dots(frame.points(val))] if val else []),
        "</svg></svg>",
    ]
    return Markup("".join(parts))


def _heights(points: Sequence[tuple[int, float]], lines: Sequence[Level]) -> tuple[float, float]:
    heights = [nats for _, nats in points] + [level.nats for level in lines]
    lacking = max(0.0, SMALLEST_SPAN - (max(heights) - min(heights)))
    return _rounded(min(heights) - lacking / 2, max(heights) + lacking / 2)


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
        return " ".join(f"{UNITS * i / self.last:.0f},{height * (self.highest - nats):.0f}" for i, nats in values)


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


def _label(nats: float, step: float) -> str:
    """With as many decimals as the step between two labels has: 1.8, 2.0, 2.2."""
    if abs(nats) >= 1e6:
        return f"{nats:g}"
    return f"{nats:,.{max(0, -math.floor(math.log10(step)))}f}"


def _dots(points: str) -> str:
    return f'<path class="ps-line-dots" d="{"".join(f"M{point}h0" for point in points.split())}"/>'


def _ticks(frame: _Frame) -> list[str]:
    y_step, x_step = _step(frame.highest - frame.lowest), _step(frame.last)
    down = [
        f'<text class="ps-curve-tick" x="{LEFT - 1}%" y="{frame.y(nats):.2f}%" dy="0.35em" text-anchor="end">'
        f"{_label(nats, y_step)}</text>"
        for nats in _multiples(y_step, frame.lowest, frame.highest)
    ]
    along = [
        f'<text class="ps-curve-tick" x="{frame.x(at):.2f}%" y="98%" text-anchor="middle">{at:,.0f}</text>'
        for at in _multiples(x_step, 0, frame.last)
    ]
    axis = f'<line class="ps-line-axis" x1="{LEFT}%" y1="{BOTTOM}%" x2="{RIGHT}%" y2="{BOTTOM}%"/>'
    return [axis, *down, *along]


def _lines(frame: _Frame, lines: Sequence[Level]) -> list[str]:
    lines = sorted(lines, key=lambda level: -level.nats)
    labels = _apart([frame.y(level.nats) for level in lines])
    parts: list[str] = []
    for level, label in zip(lines, labels, strict=True):
        y = frame.y(level.nats)
        parts.append(
            f'<line class="ps-line-{level.kind}" x1="{LEFT}%" y1="{y:.2f}%" x2="{RIGHT}%" y2="{y:.2f}%"/>'
            f'<text class="ps-curve-name" x="{RIGHT + 1}%" y="{label:.2f}%" dy="0.35em">{escape(level.name)}</text>'
        )
    return parts


def _apart(wanted: Sequence[float]) -> list[float]:
    """The heights of the labels, moved apart as on the live chart: down, and up again from the axis."""
    placed: list[float] = []
    for height in wanted:
        placed.append(max(height, placed[-1] + LABEL_GAP) if placed else height)
    limit = BOTTOM
    for at in reversed(range(len(placed))):
        placed[at] = min(placed[at], limit)
        limit = placed[at] - LABEL_GAP
    return placed


def _words(train: Sequence[tuple[int, float]], val: Sequence[tuple[int, float]], lines: Sequence[Level]) -> str:
    """The curve in words, for a reader who cannot see it."""
    which, values = ("Validation", val) if val else ("Training", train)
    (first, begin), (last, end) = values[0], values[-1]
    turn = "falls" if end < begin else "rises"
    below = [level.name for level in lines if level.kind == "rung" and end < level.nats]
    rungs = f" It ends below these lines: {', '.join(below)}." if below else ""
    words = f"{which} loss {turn} from {begin:.2f} nats at iteration {first} to {end:.2f} at iteration {last}.{rungs}"
    return str(escape(words))
