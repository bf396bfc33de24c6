"""The pages by axe, by keyboard and without motion.

Catches: a control without a name, text too pale for AA in either scheme, a region that the keyboard cannot reach, a
focus order that is not the page's, and things that move for readers who asked for none of it. axe-core (MPL-2.0) comes
with axe-playwright-python and runs here alone; nothing of it is in the site.
"""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

LESSON = "lessons/watch-it-learn.html"
PAGES = [
    *("index.html", LESSON, "lessons/a-tiny-text.html", "authoring.html", "teachers.html", "404.html"),
    *("reference/speed.html", "reference/loss-curve-doctor.html", "reference/departures.html", "credits.html"),
]
TINY = "trials/tiny.html"
SCHEMES = ["light", "dark"]
PHONE = {"width": 360, "height": 740}
# What has the focus, by widget and name; null outside of widgets.
FOCUSED = """(() => {
    const element = document.activeElement, widget = element?.closest('[data-ps]')?.dataset.ps;
    if (!widget) return null;
    const name = element.getAttribute('aria-label') || element.labels?.[0]?.innerText || element.textContent;
    return [widget, name.trim().split(':')[0], getComputedStyle(element).outlineStyle];
})()"""


def violations(page: Page) -> list[tuple]:
    """What axe finds: each rule with the places that break it."""
    found = Axe().run(page).response["violations"]
    return [(rule["id"], rule["help"], [node["target"] for node in rule["nodes"]]) for rule in found]


def tabbed(page: Page) -> list[tuple[str, str]]:
    """Every stop of the Tab key from the first widget's first to the last widget's last."""
    page.locator("[data-ps] :is(button, input)").first.focus()
    stops = []
    while (stop := page.evaluate(FOCUSED)) is not None:
        stops.append(stop)
        page.keyboard.press("Tab")
        assert len(stops) < 100, stops
    assert [stop for stop in stops if stop[2] == "none"] == [], "each stop is to be seen"
    return [(widget, name) for widget, name, _ in stops]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_on_any_page(served: str, visit, scheme: str) -> None:
    visit.page.emulate_media(color_scheme=scheme)
    for path in PAGES:
        visit.page.goto(f"{served}/{path}")
        visit.wait_until("!document.querySelector('[data-ps]:not(.ps-mounted)')")
        assert violations(visit.page) == [], path
    visit.page.set_viewport_size(PHONE)
    visit.go(f"{served}/{LESSON}")
    assert violations(visit.page) == [], "on a phone"


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_in_a_run(served: str, visit, scheme: str) -> None:
    visit.page.emulate_media(color_scheme=scheme)
    visit.go(f"{served}/{LESSON}")
    visit.session("session.start()")
    visit.wait("session.samples.length > 0 && session.iteration > 0")
    assert violations(visit.page) == [], "running"
    visit.session("session.pause()")
    visit.wait("session.status === 'paused'")
    assert violations(visit.page) == [], "paused"
    visit.go(f"{served}/{TINY}")
    visit.session("session.start()")
    visit.wait("session.samples.length > 3")
    visit.session("session.pause()")
    assert violations(visit.page) == [], "with a log"
    visit.page.get_by_role("button", name="two side by side").click()
    visit.page.get_by_role("button", name="log axis").click()
    assert violations(visit.page) == [], "side by side"


def test_axe_would_find_something(served: str, visit) -> None:
    """The test of the tests above: a button that has lost its name, and text too pale."""
    visit.go(f"{served}/{TINY}")
    visit.evaluate("""(document.querySelector('.ps-primary').replaceChildren(),
        document.querySelector('.ps-rules').style.color = '#bbb', null)""")
    assert {rule for rule, *_ in violations(visit.page)} == {"button-name", "color-contrast"}


def test_tab_walks_through_the_widgets_in_their_order(served: str, visit) -> None:
    visit.go(f"{served}/{TINY}")
    switch = [("runner", "use the graphics card")]  # these tests have chosen the CPU engine
    before = [("runner", "Start"), ("runner", "seed"), ("runner", "log axis"), *switch]
    assert tabbed(visit.page) == [*before, ("samples", "Earlier samples, newest first")]
    visit.session("session.start()")
    visit.wait("session.samples.length === 3")
    visit.session("session.pause()")
    visit.wait("session.status === 'paused' && !session.speaking")
    copies = [
        ("samples", f"Copy the sample of iteration {i}")
        for i in visit.session("session.samples.map(({ iteration }) => iteration).reverse()")
    ]
    controls = [("runner", name) for name in ("Resume", "Reset", "seed", "log axis")]
    log = [("samples", "Earlier samples, newest first")]
    assert tabbed(visit.page) == [*controls, *switch, ("samples", "two side by side"), copies[0], *log, *copies[1:]]
    visit.page.get_by_role("button", name="two side by side").press("Enter")
    sides = [("samples", "two side by side"), ("samples", "Sample on the left"), ("samples", "Sample on the right")]
    assert tabbed(visit.page) == [*controls, *switch, *sides]


def test_without_motion_a_sample_stands_there_at_once_and_nothing_plays_by_itself(served: str, visit) -> None:
    visit.page.emulate_media(reduced_motion="reduce")
    visit.go(f"{served}/{LESSON}")
    replay = visit.page.locator(".ps-replay")
    assert not replay.get_by_role("button", name="Play", exact=True).is_visible()
    scrubber = replay.get_by_role("slider")
    scrubber.focus()
    visit.page.keyboard.press("Home")
    assert scrubber.get_attribute("aria-valuetext").startswith("iteration 0,")
    visit.session("session.start()")
    visit.wait("session.speaking && session.speaking.shown < 40")
    text = visit.session("session.speaking.sample.text")
    visit.wait_until(f"document.querySelector('.ps-stage .ps-said').textContent === {text!r}", 5)
    assert visit.session("session.speaking !== null"), "the rest is the same; only the typing is left out"
    moving = "document.getAnimations().filter((one) => one.playState === 'running').length"
    assert visit.evaluate(moving) == 0
    assert replay.locator(".ps-iteration").inner_text().startswith("iter 0 /")
