"""The blocks of the lesson on checkpoints in Firefox and WebKit, from a server and from disk.

Catches: a picture that a browser does not draw from disk, a file that it does not make there, a flipped bit that it
does not measure, styles that it refuses.
"""

from __future__ import annotations

import pytest

from driven import Driven

LESSON = "lessons/your-checkpoint.html"
CHOOSE = """(words) => {
  const label = [...document.querySelectorAll(".ps-weights-choice")].find((one) => one.textContent.includes(words));
  label.querySelector("input").click();
}"""


def text(driven: Driven, selector: str) -> str:
    return driven.evaluate(f"document.querySelector({selector!r}).textContent")


@pytest.mark.full
def test_weights_bytes_and_bits_are_shown(driven: Driven, base: str) -> None:
    driven.go(f"{base}/{LESSON}")
    driven.evaluate("document.querySelector('.ps-weights').scrollIntoView()")
    shows = "document.querySelector('.ps-weights-words').textContent.startsWith"
    driven.wait_until(f"{shows}('Recorded run, iteration 0.')", 30)
    driven.evaluate(f"({CHOOSE})('2,000') && null")
    driven.wait_until(f"{shows}('Recorded run, iteration 2,000.')", 30)
    driven.evaluate(f"({CHOOSE})('yours now') && null")
    driven.wait_until(f"{shows}('Your run with the seed')", 60)
    driven.click(".ps-bytes .ps-primary")
    driven.wait_until("document.querySelectorAll('.ps-bytes-row').length === 12", 60)
    assert "The header has " in text(driven, ".ps-bytes-words")
    driven.click(".ps-bit .ps-primary")
    driven.wait_until("document.querySelector('.ps-bit-button:not(:disabled)')", 60)
    driven.evaluate("new Promise((then) => setTimeout(then, 600))")
    driven.click(".ps-bit-button")
    driven.wait_until("/digits agree/.test(document.querySelector('.ps-bit-results').textContent)", 60)
    assert "The file is damaged: its checksum does not match its content." in text(driven, ".ps-bit-results")
    assert driven.complaints() == []
