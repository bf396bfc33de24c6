"""A textbook loss curve as a small SVG, with words on both axes.

Its lines look as they do on every other chart: colours and strokes come from curves.css, by class.
"""

from __future__ import annotations

from html import escape

Points = list[tuple[float, float]]

WIDTH, HEIGHT = 492, 232
# The plot inside the drawing; the rest is for words.
LEFT, RIGHT, TOP, BOTTOM = 56, 442, 12, 196
THUMB_WIDTH, THUMB_HEIGHT = 96, 56
# Space above the highest point, as a factor. The axis always reaches ln V.
AIR = 1.08
# The least distance between the words at the ends of the curves.
LABEL_GAP = 17
# Stretches between the dots on a val curve, where a real run would be measured.
DRAWN_STRETCHES, THUMB_STRETCHES = 8, 3


def drawing(title: str, train: Points, val: Points | None) -> str:
    """The curve with its axes, on one line of HTML."""
    top = _top(train, val)

    def place(point: tuple[float, float]) -> tuple[float, float]:
        x, y = point
        return LEFT + x * (RIGHT - LEFT), BOTTOM - y / top * (BOTTOM - TOP)

    ln_v = place((0, 1))[1]
    curves = {"train": train} | ({"val": val} if val else {})
    ends = _apart({name: place(points[-1])[1] for name, points in curves.items()})
    parts = [
        f'<line class="ps-line-rung" x1="{LEFT}" y1="{ln_v:.1f}" x2="{RIGHT}" y2="{ln_v:.1f}"/>',
        f'<path class="ps-line-axis" d="M{LEFT} {TOP}V{BOTTOM}H{RIGHT}"/>',
        f'<text x="{LEFT - 6}" y="{ln_v + 4:.1f}" text-anchor="end">ln V</text>',
        f'<text x="{RIGHT}" y="{BOTTOM + 20}" text-anchor="end">iterations</text>',
        f'<text transform="translate(14 {(TOP + BOTTOM) / 2:.0f}) rotate(-90)" text-anchor="middle">loss</text>',
    ]
    if BOTTOM - ln_v > LABEL_GAP:
        parts.append(f'<text x="{LEFT - 6}" y="{BOTTOM + 4}" text-anchor="end">0</text>')
    for name, points in curves.items():
        parts.append(f'<path class="ps-line-{name}" d="{_path([place(point) for point in points])}"/>')
        parts.append(f'<text class="ps-shape-name" x="{RIGHT + 6}" y="{ends[name] + 4:.1f}">{name}</text>')
    if val:
        parts.append(_dots([place(point) for point in _measured(val, DRAWN_STRETCHES)]))
    lines = "training and validation loss" if val else "training loss"
    label = escape(f"{title}: a drawing of {lines} over the iterations of a run")
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">{"".join(parts)}</svg>'


def thumbnail(train: Points, val: Points | None) -> str:
    """A small curve without words, to be recognised by its outline. It has no accessible name; its caller adds one."""
    top = _top(train, val)

    def places(points: Points) -> Points:
        return [(3 + x * (THUMB_WIDTH - 6), THUMB_HEIGHT - 3 - y / top * (THUMB_HEIGHT - 6)) for x, y in points]

    axes = f'<path class="ps-line-axis" d="M1 1V{THUMB_HEIGHT - 1}H{THUMB_WIDTH - 1}"/>'
    lines = f'<path class="ps-line-train" d="{_path(places(train))}"/>'
    if val:
        dots = _dots(places(_measured(val, THUMB_STRETCHES)))
        lines += f'<path class="ps-line-val" d="{_path(places(val))}"/>{dots}'
    return f'<svg viewBox="0 0 {THUMB_WIDTH} {THUMB_HEIGHT}" aria-hidden="true">{axes}{lines}</svg>'


def _top(train: Points, val: Points | None) -> float:
    return AIR * max(1.0, *(y for _, y in train), *(y for _, y in val or []))


def _path(places: list[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in places)


def _measured(points: Points, stretches: int) -> Points:
    """Points on the curve at equal distances along x, from its beginning to its end."""
    first, last = points[0][0], points[-1][0]
    return [(x, _between(points, x)) for x in (first + (last - first) * i / stretches for i in range(stretches + 1))]


def _between(points: Points, x: float) -> float:
    """The value at x of straight lines between the points."""
    after = next((at for at, point in enumerate(points) if at > 0 and point[0] >= x), len(points) - 1)
    (x0, y0), (x1, y1) = points[after - 1], points[after]
    return y0 + (y1 - y0) * min(1.0, max(0.0, (x - x0) / (x1 - x0)))


def _dots(places: Points) -> str:
    return f'<path class="ps-line-dots" d="{"".join(f"M{x:.1f} {y:.1f}h0" for x, y in places)}"/>'


def _apart(heights: dict[str, float]) -> dict[str, float]:
    """The heights of the labels; if two would overlap, they are moved apart evenly."""
    if len(heights) < 2:
        return heights
    upper, lower = sorted(heights, key=heights.__getitem__)
    lack = max(0.0, LABEL_GAP - (heights[lower] - heights[upper]))
    # The words of the axis are below the lower label, so the upper one makes up for what the lower one cannot move.
    down = min(lack / 2, max(0.0, BOTTOM - heights[lower]))
    return {upper: heights[upper] - (lack - down), lower: heights[lower] + down}
