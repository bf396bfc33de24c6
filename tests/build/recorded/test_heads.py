"""What the build says of a recorded run's heads, and draws of them.

Catches: words that the page says differently, a map in another head's place, a picture that is lighter where a head
looks more.
"""

from __future__ import annotations

import json
from pathlib import Path

from recorded import heads, png

MAP = bytes([255, 0, 0, 128, 127, 0, 51, 204, 0])
FULL, EMPTY = bytes([255] * 9), bytes(9)


def test_the_build_says_what_the_page_says(root: Path) -> None:
    cases = json.loads((root / "tests/engine/widgets/instruments/head_cases.json").read_text())
    for case in cases:
        assert heads.does(case["previous"], case["prefix"], case["distance"]) == case["says"]


def test_heads_are_described_in_the_order_of_layers() -> None:
    found = heads.described(
        [MAP, EMPTY, FULL, FULL], [0.6, 0.1, 0.1, 0.3], [0.1, 0.1, 0.2, 0.1], 2, [1.5, 1.2, 1.0, 1.1]
    )
    assert [head.name for head in found] == ["layer 1, head 1", "layer 1, head 2", "layer 2, head 1", "layer 2, head 2"]
    assert found[0].does == "looks mostly at the character just before" and found[0].off == 1.5
    assert found[1].does == "looks 0.0 characters back, on average"
    assert found[2].does == "looks 0.8 characters back, on average"


def test_the_distance_is_a_mean_over_all_positions_after_the_first() -> None:
    assert heads.distance(MAP) == (128 + 2 * 51 + 204) / 510


def test_each_map_stands_in_its_head_s_place() -> None:
    maps = heads.maps_of(FULL + EMPTY + EMPTY + FULL, 4)
    data = png.written(heads.picture(maps, 2))
    picture = png.read(data)
    side = 3 * heads.SCALE
    assert (picture.width, picture.height) == (2 * side + heads.GAP,) * 2
    at = {name: picture.palette[picture.pixels[y * picture.width + x]] for name, (x, y) in corners(side).items()}
    assert at["first"] == at["last"] == heads.INK and at["right"] == at["below"] == heads.PAPER
    between = picture.pixels[side]
    assert between == len(picture.palette)  # transparent


def corners(side: int) -> dict[str, tuple[int, int]]:
    far = side + heads.GAP
    return {"first": (0, 0), "right": (far, 0), "below": (0, far), "last": (far + side - 1, far + side - 1)}
