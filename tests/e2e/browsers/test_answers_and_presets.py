"""Questions and diverging runs in Firefox and WebKit; test_answering.py and test_preset_runs.py test Chromium.

Catches: an answer that one browser does not remember, or not on file://; a verdict that depends on the browser.
"""

from __future__ import annotations

import pytest

QUESTION = "trials/question.html"
PRESETS = "trials/presets.html"
RUN = "pressStart.sessions.preset"
VERDICT = ".ps-quiz-verdict"


def test_an_answer_is_explained_and_remembered(base: str, driven) -> None:
    driven.go(f"{base}/{QUESTION}")
    driven.click(".ps-quiz-form label:has(input[value='0'])")
    driven.press("Check my answer")
    driven.wait_until(f"document.querySelector('{VERDICT}').textContent.startsWith('Not this one.')", 10)
    assert driven.text(VERDICT) == "Not this one. Three is odd. Try again."
    driven.click(".ps-quiz-form label:has(input[value='1'])")
    driven.press("Check my answer")
    driven.wait_until(f"document.querySelector('{VERDICT}').textContent.startsWith('That is right.')", 10)
    driven.reload()
    driven.wait_mounted()
    assert driven.text("[data-answer=right]").startswith("four")
    assert driven.text(VERDICT) == "You have answered this one."
    assert driven.complaints() == []


@pytest.mark.parametrize("base", ["file", pytest.param("http", marks=pytest.mark.full)], indirect=True)
def test_a_learning_rate_of_ten_explodes_and_careless_arithmetic_makes_it_nan(base: str, driven) -> None:
    driven.go(f"{base}/{PRESETS}")
    driven.press("diverge (lr = 10)")
    driven.wait_until(f"{RUN}?.status === 'done'")
    driven.settle("document.querySelector('.ps-verdict').textContent.startsWith('Exploded at iteration ')")
    driven.click(".ps-preset-list input[type=checkbox]")
    driven.press("diverge (lr = 10)")
    driven.wait_until(f"{RUN}.status === 'diverged'")
    driven.settle("document.querySelector('.ps-verdict').textContent.startsWith('NaN at iteration ')")
    assert 0 < driven.evaluate(f"{RUN}.history.train.findIndex(Number.isNaN)") < 20
    assert driven.complaints() == []
