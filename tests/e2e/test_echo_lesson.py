"""Compares what the lesson on echo promises with a run in the browser, observed as its blocks ask.

Catches: a run in which copying is not learned, a runner whose run is not the recorded one, an observation that does not
reach the page.
"""

from __future__ import annotations

import json

import pytest

from system.project import ROOT
from texts import echo

PAGE = "lessons/echo.html"


def test_the_run_on_the_page_is_the_recorded_one(served: str, visit) -> None:
    recorded = json.loads((ROOT / "docs/recorded/run-echo.json").read_text(encoding="utf-8"))
    visit.go(f"{served}/{PAGE}")
    options = visit.session("session.options")
    assert (options["seed"], options["training"]) == (recorded["seed"], recorded["config"]["training"])
    assert options["sampling"]["every"] == recorded["config"]["sampling"]["every"]


@pytest.mark.full
def test_copies_are_learned(served: str, visit) -> None:
    visit.go(f"{served}/{PAGE}")
    visit.press("Start")
    visit.wait("session.status === 'done'", 900)
    losses = visit.session("session.observations.map(({ iteration, writings }) => ({ iteration, ...writings }))")
    floors = echo.expected_floors()
    assert [one["iteration"] for one in losses] == [*range(0, 401, 25)]
    assert losses[0]["copies"] > 2.8 and losses[-1]["copies"] < 0.1
    assert floors.first < losses[-1]["first"] < floors.first + 0.1
    best = visit.session("session.observations.map(({ line }) => Math.max(...line.prefix))")
    assert best[-1] > 2 * best[0]
