"""Firefox and WebKit let a reader ask about a character of a sample.

Catches: characters that only Chromium finds under the pointer, and a text that moves when it becomes single characters.
"""

from __future__ import annotations

import pytest

from driven import Driven

SAID, PANEL = ".ps-samples .ps-stage .ps-said", ".ps-samples .ps-ask-panel"
HEIGHT = "document.querySelector('.ps-samples .ps-stage .ps-script').getBoundingClientRect().height"
RANGE = "document.querySelector('.ps-samples .ps-stage .ps-ask-range')"
# Where the first letter after the tenth character is, counted from 1, as :nth-child does.
LETTER = "session.samples.at(-1).text.slice(10).search(/\\S/) + 11"


@pytest.mark.full
def test_a_click_and_the_keyboard_ask_about_a_character(driven: Driven, base: str) -> None:
    driven.go(f"{base}/trials/asking.html")
    driven.session("session.start()")
    driven.wait("session.status === 'done' && !session.speaking")
    driven.wait_until(f"!{RANGE}.disabled", 10)
    height = driven.evaluate(HEIGHT)
    driven.press("shade by surprise")
    assert abs(driven.evaluate(HEIGHT) - height) < 1
    assert driven.evaluate(f"document.querySelectorAll('{SAID} > [class*=ps-shade]').length") > 0
    letter, length = driven.session(LETTER), driven.session("session.samples.at(-1).text.length")
    driven.click(f"{SAID} > span:nth-child({letter})")
    place = "Iteration 120, character {} of {}"
    assert driven.text(f"{PANEL} .ps-ask-place") == place.format(letter, length)
    assert driven.evaluate(f"document.querySelectorAll('{PANEL} .ps-ask-early tr').length") == 5
    driven.evaluate(f"""(() => {{
        {RANGE}.value = 3;
        {RANGE}.dispatchEvent(new Event('input'));
    }})()""")
    assert driven.text(f"{PANEL} .ps-ask-place") == place.format(3, length)
    assert "likeliest: " in driven.evaluate(f"{RANGE}.getAttribute('aria-valuetext')")
    assert driven.complaints() == []
