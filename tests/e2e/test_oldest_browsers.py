"""The lesson in a browser without everything that one of the oldest supported browsers lacks, and in older ones.

Catches: a call to an API that only newer browsers have, in the page or in a Worker; a page with buttons that do
nothing, because the browser cannot parse its script.
"""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect

import browser_support

LESSON = "lessons/watch-it-learn.html"
OLDEST = {"chrome": (109,), "edge": (109,), "firefox": (115,), "safari": (16, 4)}
# These make a Worker's program, or the page's, one that a browser cannot parse, like syntax that is too new.
NOT_YET = "let is = = new;"


@pytest.fixture(scope="session")
def take_away() -> str:
    """A script that makes a browser look like the oldest supported one to other scripts."""
    return f"{browser_support.TAKE_AWAY}({json.dumps(browser_support.absent(OLDEST))});"


def test_the_page_calls_nothing_newer_than_the_oldest_browsers(served: str, visit, take_away: str) -> None:
    visit.page.add_init_script(take_away)
    visit.in_workers(take_away)
    visit.go(f"{served}/{LESSON}")
    assert visit.evaluate("[typeof Promise.withResolvers, typeof [].toSorted, 'gpu' in navigator]") == [
        "undefined",
        "undefined",
        False,
    ]
    visit.session("session.prefer('fastest')")
    visit.press("Start")
    visit.wait("session.iteration > 3")
    assert visit.session("session.engine.kind") == "cpu"
    visit.press("Pause")
    visit.evaluate("document.querySelector('.ps-preset-list button').click()")
    visit.wait_until("pressStart.sessions.preset?.iteration > 2")
    visit.evaluate("document.querySelector('.ps-replay .ps-primary').click()")
    visit.evaluate("document.querySelector('.ps-quiz-form input')?.click()")
    visit.page.wait_for_timeout(500)
    assert visit.complaints == []


def test_if_the_script_cannot_be_parsed_the_page_looks_as_without_script(served: str, visit) -> None:
    page = visit.page
    page.route("**/press-start.js", lambda route: route.fulfill(body=NOT_YET, content_type="text/javascript"))
    page.goto(f"{served}/{LESSON}")
    said = page.locator(".ps-noscript").first.inner_text()
    assert re.search(r"older than\s+Chrome or Edge 109, Firefox 115, Safari 16\.4", said)
    assert page.locator("html.no-js:not(.js)").count() == 1
    assert page.locator("[data-ps] button:visible").count() == 0
    assert page.locator(".ps-recorded-run .ps-curve:visible").count() > 0
    assert page.locator(".ps-recorded-run .ps-said:visible").count() > 0
    # A quiz that is asked again at the end of the page keeps its answer for then.
    answered = page.locator("[data-ps=quiz]").filter(has_not_text="Remember your answer")
    assert page.locator(".ps-quiz-fold:visible").count() == answered.count() > 0


def test_without_simd_the_recorded_run_appears_below_the_message(served: str, visit) -> None:
    visit.in_workers("WebAssembly.validate = () => false;")
    visit.go(f"{served}/{LESSON}")
    assert visit.page.locator(".ps-recorded-run:visible").count() == 0
    visit.press("Start")
    visit.wait_until("pressStart.sessions.main.status === 'failed'")
    assert "does not run WebAssembly with SIMD" in visit.page.get_by_role("alert").filter(visible=True).inner_text()
    page = visit.page
    assert page.locator("figure:has([data-ps=runner]) .ps-curve:visible").count() == 1
    assert page.locator("figure:has([data-ps=samples]) .ps-recorded-run .ps-said:visible").count() > 0
    visit.press("Reset")
    expect(page.locator(".ps-recorded-run:visible")).to_have_count(0)
