"""A reader says which run of an experiment ends lowest, then sees the recorded curves and trains one of the runs.

Catches: a curve that shows before the guess; a guess that is lost with the page; a run that is not drawn in its place,
or that goes on after Stop; a block that needs a script to show its recordings.
"""

from __future__ import annotations

import pytest

PAGE = "trials/experiment.html"
RUN = "pressStart.sessions.preset"
CELL = ".ps-experiment .ps-cell"


@pytest.fixture
def page(served: str, visit):
    visit.cores(2)
    visit.go(f"{served}/{PAGE}")
    return visit


def test_the_curves_show_after_a_guess_which_the_page_remembers(page, served: str) -> None:
    curves = page.page.locator(f"{CELL} svg.ps-curve .ps-line-train")
    assert curves.count() == 0
    axes = page.page.locator(f"{CELL} svg.ps-curve")
    assert axes.count() == 4 and "ln 65" in axes.first.text_content(), "nothing blank"
    assert axes.first.get_attribute("aria-label").startswith("Axes for the loss curve: ")
    assert page.text(".ps-experiment-question").startswith("Which of these runs ends lowest?")
    worst = page.page.locator(CELL, has_text="learning rate 0.01, no warm-up")
    worst.get_by_role("button").focus()
    page.page.keyboard.press("Enter")
    assert curves.count() == 4
    said = page.text(".ps-experiment-question")
    assert said.startswith("Not this one: it ends at ") and "The lowest " in said, said
    assert page.page.locator(f"{CELL}-result").all_inner_texts()[0].startswith("recorded, it ends at ")
    page.go(f"{served}/{PAGE}")
    assert page.text(".ps-experiment-question") == said
    assert page.complaints == []


def test_a_run_is_drawn_over_its_recording_and_stops_where_it_stands(page) -> None:
    cell = page.page.locator(CELL).nth(2)
    cell.get_by_role("button").click()
    page.page.wait_for_timeout(500)  # a press right after a label has changed does not count
    cell.get_by_role("button", name="Train it here").click()
    page.wait_until(f"globalThis.pressStart.sessions.preset && {RUN}.iteration > 5")
    assert page.evaluate(f"{RUN}.seed").endswith(" / clean")
    training = page.evaluate(f"{RUN}.options.training")
    assert (training["learning_rate"], training["warmup_iterations"]) == (0.01, 100)
    cell.locator(".ps-curve-live.ps-line-train").wait_for(state="attached")
    assert page.page.locator(".ps-curve-live.ps-line-train").count() == 1
    page.page.wait_for_timeout(500)
    cell.get_by_role("button", name="Stop").click()
    stopped = page.evaluate(f"{RUN}.iteration")
    page.page.wait_for_timeout(300)
    assert page.evaluate(f"{RUN}.iteration") == stopped
    assert page.complaints == []


def test_without_a_script_the_recordings_are_there(served: str, chromium) -> None:
    context = chromium.new_context(java_script_enabled=False)
    try:
        page = context.new_page()
        page.goto(f"{served}/{PAGE}")
        cells = page.locator(".ps-experiment-recorded .ps-cell")
        assert cells.count() == 4 and cells.locator("svg").nth(3).is_visible()
        assert not page.locator(".ps-experiment button").first.is_visible()
    finally:
        context.close()
