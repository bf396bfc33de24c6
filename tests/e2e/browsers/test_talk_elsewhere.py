"""Firefox and WebKit train twins that are equal to the last bit, and let a model of two iterations answer.

Catches: a form, a Worker or a chart that only Chromium has; an answer that another browser draws differently.
"""

from __future__ import annotations

import pytest

from driven import Driven

SAID = "[...document.querySelectorAll('.ps-talk-answer .ps-said')].map((one) => one.textContent)"
SUBMITS = "document.querySelector('.ps-{}-form').requestSubmit()"


@pytest.mark.full
def test_twins_are_equal(driven: Driven, base: str) -> None:
    driven.go(f"{base}/trials/twins.html")
    driven.evaluate(SUBMITS.format("twin"))
    driven.wait_until("document.querySelector('.ps-twin-verdict').textContent", 60)
    assert driven.text(".ps-twin-verdict") == "Equal to the last bit: all weights, both moments and the 42 losses."


@pytest.mark.full
def test_the_model_of_now_and_of_then_answer_with_the_words_of_the_run(driven: Driven, base: str) -> None:
    driven.go(f"{base}/trials/talk.html")
    driven.pause_at_sample(100)
    driven.session("session.start()")
    driven.wait("session.status === 'paused'")
    driven.wait_until("document.querySelectorAll('.ps-talk-fields option[value=\"25\"]').length === 2", 10)
    driven.evaluate("""(() => {
        const [left, right] = [...document.querySelectorAll('.ps-talk-fields select')].slice(-2);
        [left.value, right.value] = ['now', '25'];
        [...document.querySelectorAll('.ps-talk-fields input')][2].value = 40;
    })()""")
    driven.evaluate(SUBMITS.format("talk"))
    driven.wait_until(f"{SAID}.filter((text) => [...text].length === 40).length === 2", 30)
    expected = driven.session("[100, 25].map((at) => session.samples.find((one) => one.iteration === at).text)")
    assert driven.evaluate(SAID) == expected
