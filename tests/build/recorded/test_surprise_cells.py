"""Catches: a bar that is not as high as its number, a mark at another character, a mean of other terms."""

from __future__ import annotations

import math
import re

from recorded import surprise_cells
from recorded.surprise_cells import HEIGHT, better_at, drawn, worked_out

LINE, MODEL, COUNTING = "a<b\n", [0.5, 3.0, 7.0], [1.6, 3.5, 8.0]


def test_each_character_but_the_first_has_its_two_bars() -> None:
    html = drawn(LINE, MODEL, COUNTING, 6.0)
    cells = html.split('<span class="ps-surprise-cell')[1:]
    assert [re.search(r"<span>(.*?)</span>", cell)[1] for cell in cells] == ["a", "&lt;", "b", "↵"]
    assert "rect" not in cells[0]
    for cell, nats in zip(cells[1:], zip(MODEL, COUNTING, strict=True), strict=True):
        heights = [float(height) for height in re.findall(r'height="([\d.]+)" y', cell)]
        tops = [float(y) for y in re.findall(r' y="([\d.]+)"', cell)]
        assert heights == [round(HEIGHT * min(one, 6.0) / 6.0, 1) for one in nats]
        assert all(math.isclose(top + height, HEIGHT) for top, height in zip(tops, heights, strict=True))
    assert ["data-better" in cell for cell in cells] == [False, True, False, True]
    assert ["data-cut" in cell for cell in cells] == [False, False, False, True]


def test_without_a_run_only_the_counting_model_has_bars() -> None:
    html = drawn(LINE, None, COUNTING, 6.0)
    assert html.count('class="ps-bar-model" x="1" width="3.5" height="0.0"') == 3 and "data-better" not in html


def test_a_character_is_marked_where_the_model_is_a_nat_better() -> None:
    assert better_at([0.5, 3.0, 0.0, 1.0], [1.5, 3.9, 4.0, 0.0]) == [2, 0]


def test_the_mean_is_worked_out_from_its_terms() -> None:
    assert worked_out([0.31, 2.1, 0.02, 0.57]) == "(0.31 + 2.10 + 0.02 + 0.57) / 4 = 3.00 / 4 = 0.75"
    long = worked_out([1.0, 2.0, 3.0] + [0.0] * 36 + [4.0])
    assert long == "(1.00 + 2.00 + 3.00 + … + 4.00) / 40 = 10.00 / 40 = 0.25"


def test_bars_are_cut_above_one_and_a_half_even_guesses() -> None:
    assert surprise_cells.top(65) == round(1.5 * math.log(65), 2)
