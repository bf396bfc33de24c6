"""A curve drawn on the chart in Firefox and WebKit; test_predicting.py tests Chromium.

Catches: a browser whose presses on the chart draw nothing, that does not remember the guess, or not on file://, or in
which a run ends without the comparison.
"""

from __future__ import annotations

import pytest

PAGE = "trials/predictions.html"
# The chart's left axis: a press there draws at iteration 0.
LEFT = """(() => {
  const axes = [...document.querySelectorAll('.ps-guess-drawing .u-axis')];
  axes.sort((a, b) => a.getBoundingClientRect().width - b.getBoundingClientRect().width)[0].id = 'left';
})()"""
GUESS = "JSON.parse(localStorage.getItem(`press-start:${location.pathname}:guess:curve:main`))?.points ?? []"


@pytest.mark.full
def test_a_curve_is_drawn_remembered_and_compared(base: str, driven) -> None:
    driven.go(f"{base}/{PAGE}")
    driven.click(".ps-guess-line button")
    driven.wait_until("document.querySelector('.ps-guess-drawing .u-axis')", 10)
    driven.evaluate(LEFT)
    driven.click("#left")
    driven.click(".ps-guess-drawing .u-over")
    driven.wait_until(f"({GUESS}).length === 2", 10)
    drawn = driven.evaluate(GUESS)
    assert drawn[0][0] == 0 and 50 < drawn[1][0] < 70
    driven.reload()
    driven.wait_mounted()
    assert driven.evaluate(GUESS) == drawn
    assert driven.text(".ps-guess-line button") == "Change your guess"
    driven.press("Start")
    driven.wait_until("pressStart.sessions.main.ended")
    driven.settle("document.querySelector('.ps-guess-outcome').textContent.startsWith('Your guess was ')")
    assert driven.complaints() == []
