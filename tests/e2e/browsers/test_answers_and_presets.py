"""Questions, diverging runs and named curves in Firefox and WebKit; test_answering.py, test_preset_runs.py and
test_naming.py test Chromium.

Catches: an answer that one browser does not remember, or not on file://; a verdict that depends on the browser.
"""

from __future__ import annotations

import pytest

QUESTION = "trials/question.html"
PRESETS = "trials/presets.html"
NAMING = "trials/naming.html"
RUN = "pressStart.sessions.preset"
VERDICT = ".ps-quiz-verdict"


def test_an_answer_is_explained_and_remembered(base: str, driven) -> None:
    driven.go(f"{base}/{QUESTION}")
    driven.click(".ps-quiz-form label:has(input[value='0'])")
    driven.press("Check my answer")
    driven.wait_until(f"document.querySelector('{VERDICT}').textContent.startsWith('Not this one.')", 10)
    assert driven.text(VERDICT) == "Not this one. Try again."
    driven.click(".ps-quiz-form label:has(input[value='1'])")
    driven.press("Check my answer")
    driven.wait_until(f"document.querySelector('{VERDICT}').textContent.startsWith('That is right.')", 10)
    driven.reload()
    driven.wait_mounted()
    assert driven.text("[data-answer=right]").startswith("four")
    assert driven.text(VERDICT) == "You have answered this one."
    assert driven.complaints() == []


@pytest.mark.full
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


@pytest.mark.full
@pytest.mark.parametrize("base", ["file", "http"], indirect=True)
def test_a_curve_is_named_and_the_name_is_remembered(base: str, driven) -> None:
    driven.go(f"{base}/{NAMING}")
    driven.press("learning rate: 1e-7")
    driven.wait_until(f"{RUN}?.status === 'done'")
    driven.settle("!document.querySelector('.ps-names-form button').disabled")
    driven.click(".ps-name:has(input[value=exploded])")
    driven.press("Name it")
    driven.settle("document.querySelector('.ps-naming-answer').textContent.includes('The page calls it “Flat”.')")
    driven.reload()
    driven.wait_mounted()
    assert driven.text("[data-preset=dead] button") == "dead"
    assert driven.complaints() == []
