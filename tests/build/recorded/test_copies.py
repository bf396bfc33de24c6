"""The build's drawings of first writings and copies.

Catches: a curve upside down, a floor that is not drawn where it lies, a drawing too low for its curve, and an iteration
that is drawn in another's place.
"""

from __future__ import annotations

import re

from recorded import copies

ROWS = [
    {"iteration": 0, "first": 2.8, "copies": 2.8, "prefix": 0.04},
    {"iteration": 400, "first": 2.2, "copies": 1.4, "prefix": 0.1},
    {"iteration": 800, "first": 2.1, "copies": 0.0, "prefix": 0.5},
]
FLOORS = {"first": 2.1, "copies": 0.0}


def points(svg: str, which: str) -> list[list[float]]:
    found = re.search(rf'class="{which}" points="([^"]*)"', svg)
    assert found, svg
    return [[float(number) for number in point.split(",")] for point in found[1].split()]


def test_losses_fall_from_the_top_left() -> None:
    svg = copies.losses_drawn(ROWS, FLOORS, "key", "A title & more")
    assert points(svg, "ps-line-val") == [[0, 66.7], [500, 266.7], [1000, 300]]
    assert '<title id="key">A title &amp; more</title>' in svg
    assert re.findall(r'ps-line-floor" x1="0" y1="([\d.]+)"', svg) == ["300.0", "1000.0"]
    assert "M1000.0,1000.0h0" in svg  # the last copies cost nothing
    assert [*re.findall(r'text-anchor="middle">(\d+)<', svg)] == ["0", "200", "400", "600", "800"]


def test_the_score_is_drawn_between_0_and_1() -> None:
    svg = copies.score_drawn(ROWS, "key", "A title")
    assert points(svg, "ps-line-score")[-1] == [1000, 500]
    assert re.findall(r'text-anchor="end">([\d.]+)<', svg) == ["0.0", "0.5", "1.0"]
