"""The health strip of a recorded run: its numbers, its sentence and its drawing.

Catches: numbers or sentences that differ from those of a run in training (strip_words_test.ts goes by the same cases),
and a drawing that breaks off at 0, infinity or NaN.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from recorded import health, health_drawing


@pytest.fixture(scope="module")
def cases(root: Path) -> dict[str, Any]:
    return json.loads((root / "tests/engine/widgets/instruments/health_cases.json").read_text(encoding="utf-8"))


def at(iteration: int, **norms: list[float | str]) -> dict[str, Any]:
    return {"iteration": iteration, "norms": {name: [float(one) for one in found] for name, found in norms.items()}}


def test_numbers_are_those_of_the_page(cases: dict[str, Any]) -> None:
    assert [health.short(float(value)) for value, _ in cases["short"]] == [said for _, said in cases["short"]]


def test_scales_are_those_of_the_page(cases: dict[str, Any]) -> None:
    for case in cases["scales"]:
        scale = health_drawing.scale([float(value) for value in case["values"]])
        assert (scale.bottom, scale.top, scale.ticks()) == (case["bottom"], case["top"], case["ticks"])


def test_the_sentence_says_what_the_norms_show(cases: dict[str, Any]) -> None:
    for case in cases["says"]:
        said = health.saying(at(1200, **{name: case[name] for name in ("gradient", "update", "weight")}))
        assert all(part in said for part in case["has"]), said
        assert not re.search(r"[{}]|None", said)


def test_every_milestone_is_drawn_and_named() -> None:
    weight = [1.0, 1.0, 1.0]
    milestones = [
        at(1, gradient=[1, 1, 1], update=[0.1, 0.1, 0.1], weight=weight),
        at(50, gradient=["Infinity", "NaN", 0], update=[0.1, 0.1, 0], weight=weight),
        at(100, gradient=["Infinity", "NaN", 2], update=[0.1, 0.1, 0.1], weight=weight),
    ]
    gradient, ratio = health_drawing.rows(milestones, 100, 3, stream=False)
    drawn = [re.search(r'points="([^"]*)"', cell["drawing"])[1].split() for cell in gradient["cells"]]
    assert [len(points) for points in drawn] == [3, 3, 3]
    assert [points[1].split(",")[1] for points in drawn] == ["0", "0", "1000"]
    named = [re.findall(r'ps-strip-off"[^>]*>([^<]*)', cell["drawing"]) for cell in gradient["cells"]]
    assert named == [["above 1e38"], ["NaN"], ["0"]]
    assert "ps-line-rung" in ratio["cells"][0]["drawing"] and "ps-line-rung" not in gradient["cells"][0]["drawing"]
    assert [cell["name"] for cell in gradient["cells"]] == ["embeddings", "block 1", "final LayerNorm"]


def test_the_stream_has_a_row_where_a_line_was_observed() -> None:
    one = at(200, gradient=[1, 1, 1], update=[0.1, 0.1, 0.1], weight=[1, 1, 1])
    assert [row["short"] for row in health_drawing.rows([one], 200, 3, stream=False)] == [
        "gradient",
        "update ÷ weights",
    ]
    stream = health_drawing.rows([one | {"stream_rms": [0.1, 0.4]}], 200, 3, stream=True)[2]
    assert [(cell["name"], cell["value"]) for cell in stream["cells"]] == [("embeddings", "0.10"), ("block 1", "0.40")]


def test_the_axes_have_their_room_before_the_first_milestone() -> None:
    rows = health_drawing.rows([], 200, 3, stream=True)
    assert [[cell["value"] for cell in row["cells"]] for row in rows] == [["–"] * 3, ["–"] * 3, ["–"] * 2]
    assert all('points=""' in cell["drawing"] for row in rows for cell in row["cells"])
