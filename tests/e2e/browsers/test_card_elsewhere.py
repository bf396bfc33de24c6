"""The report card in Firefox and WebKitGTK.

Catches: a card that only Chromium can make, save or draw, a browser's name that says too much, and weights that differ
from those of the same module without a browser.
"""

from __future__ import annotations

import json

import pytest

SPEED = "reference/speed.html?seconds=0.05&blocks=1"
# Instead of saving, keeps the name and the text of each file.
KEEP = """(() => {
    globalThis.kept = [];
    HTMLAnchorElement.prototype.click = function () {
        const { download, href } = this;
        fetchText(href).then((text) => kept.push([download, text]));
    };
    const blobs = new Map(), make = URL.createObjectURL;
    URL.createObjectURL = (blob) => { const url = make(blob); blobs.set(url, blob); return url; };
    const fetchText = (url) => blobs.get(url).text();
})()"""


@pytest.mark.full
def test_the_card_can_be_made_saved_and_drawn(base: str, driven, recorded: dict) -> None:
    driven.open(f"{base}/{SPEED}")
    driven.wait_until("document.querySelector('.ps-speed.ps-mounted')")
    driven.press("Measure")
    driven.wait_until("document.querySelector('.ps-card-text')", 120)
    text = driven.text(".ps-card-text")
    card = json.loads(text)
    known = {recorded["module"]: recorded["fingerprint"], "base": recorded["base"]["fingerprint"]}
    assert card["cpu"]["fingerprint"] == card["cpu"]["recorded"] == known[card["cpu"]["module"]]
    assert "Mozilla" not in text and card["browser"].endswith(", Linux")
    driven.evaluate(KEEP)
    driven.press("Save as a file")
    driven.settle("kept.length === 1")
    assert driven.evaluate("kept[0]") == [f"press-start-report-{card['date']}.json", text + "\n"]
    driven.press("Show as a QR code")
    modules, height = driven.evaluate("""(() => {
        const code = document.querySelector('.ps-card-code svg'), { width, height } = code.getBoundingClientRect();
        return [code.viewBox.baseVal.width, Math.abs(width - height) < 1 ? height : 0];
    })()""")
    assert 60 < modules < height / 3, "each module has three pixels or more"
    assert driven.complaints() == []
