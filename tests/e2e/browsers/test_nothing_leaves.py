"""Every page and widget in Firefox and WebKit, with a proxy for all requests to other machines. In Chromium
tests/site/test_no_calls_home.py and test_usb.py do the same walk.

Catches: a request that leaves the machine in only one browser, on a server or on file://; a gate that would not record
it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from gate import Gate
from walk import pages, walk_driven

ASK_ELSEWHERE = """Promise.all(["http://a.example/x.png", "https://b.example/x.png"].map((address) =>
  new Promise((done) => Object.assign(new Image(), { onload: done, onerror: done, src: address })).then(() => null)))"""


def test_the_gate_records_a_request_that_leaves(tmp_path: Path, driven, gate: Gate) -> None:
    """A page without our policy requests two pictures; Firefox tries the first one over https too."""
    page = tmp_path / "free.html"
    page.write_text("<!doctype html><title>free</title>", encoding="utf-8")
    driven.open(page.as_uri())
    driven.evaluate(ASK_ELSEWHERE)
    assert len(gate.left()) >= 2 and any("a.example" in request for request in gate.asked), gate.asked
    gate.asked.clear()


@pytest.mark.full
def test_a_walk_through_every_page_and_widget_stays_on_this_machine(base: str, driven, watched_site: Path) -> None:
    """The fixture `driven` checks the gate at the end."""
    walked = [page for page in pages(watched_site) if not page.startswith("trials/")]
    pressed = [button for page in walked for button in walk_driven(driven, f"{base}/{page}")]
    assert len(walked) >= 8 and {"runner: Start", "speed: Measure"} <= set(pressed), pressed
