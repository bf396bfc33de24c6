"""The pages checked with axe, by keyboard and with reduced motion.

Catches: a control without a name, text too pale for AA in either scheme, a region that the keyboard cannot reach, a
focus order that differs from the page's, and motion for readers who prefer none. axe-core (MPL-2.0) comes with
axe-playwright-python and is used only by these tests; the site does not contain it.
"""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from system.project import ROOT

LESSON = "lessons/watch-it-learn.html"
PAGES = [
    *("index.html", LESSON, "lessons/a-tiny-text.html", "authoring.html", "teachers.html", "404.html"),
    *("reference/speed.html", "reference/loss-curve-doctor.html", "reference/departures.html", "credits.html"),
]
# An author may remove the tiny lesson.
PAGES = [page for page in PAGES if "tiny" not in page or (ROOT / "docs" / page).with_suffix(".md").is_file()]
# Together they have every style of prose, code, tables, formulas and widgets, so these are enough for the dark scheme.
OF_ALL_COLOURS = [LESSON, "authoring.html", "reference/speed.html"]
TINY = "trials/tiny.html"
PHONE = {"width": 360, "height": 740}
OF_COLOUR = ["color-contrast", "link-in-text-block"]
PAPER = "getComputedStyle(document.body).backgroundColor"
# Waits until the transition from one colour scheme to the other has ended.
COLOURS_STAY = """(async () => {
    const moving = document.getAnimations().filter((one) => one instanceof CSSTransition);
    await Promise.allSettled(moving.map(({ finished }) => finished));
})()"""
# The focused element, by widget and name; null outside widgets.
FOCUSED = """(() => {
    const element = document.activeElement, widget = element?.closest('[data-ps]')?.dataset.ps;
    if (!widget) return null;
    const name = element.getAttribute('aria-label') || element.labels?.[0]?.innerText || element.textContent;
    return [widget, name.trim().split(':')[0], getComputedStyle(element).outlineStyle];
})()"""


def violations(page: Page, rules: list[str] | None = None) -> list[tuple]:
    """What axe finds with the given rules, or with all: each violated rule with its places."""
    found = Axe().run(page, options={"runOnly": rules} if rules else None).response["violations"]
    return [(rule["id"], rule["help"], [node["target"] for node in rule["nodes"]]) for rule in found]


def tabbed(page: Page) -> list[tuple[str, str]]:
    """Every stop of the Tab key, from the first in the first widget to the last in the last widget."""
    page.locator("[data-ps] :is(button, input)").first.focus()
    stops = []
    while (stop := page.evaluate(FOCUSED)) is not None:
        stops.append(stop)
        page.keyboard.press("Tab")
        assert len(stops) < 100, stops
    assert [stop for stop in stops if stop[2] == "none"] == [], "each stop is to be seen"
    return [(widget, name) for widget, name, _ in stops]


def assert_nothing_found(visit, where: str) -> None:
    """Checks all rules in the light scheme, and the colour rules in the dark one, where only the colours differ."""
    assert violations(visit.page) == [], where
    paper = visit.evaluate(PAPER)
    visit.page.emulate_media(color_scheme="dark")
    visit.wait_until(f"{PAPER} !== '{paper}'", 5)
    visit.evaluate(COLOURS_STAY)
    assert violations(visit.page, OF_COLOUR) == [], f"{where}, dark"
    visit.page.emulate_media(color_scheme="light")
    visit.wait_until(f"{PAPER} === '{paper}'", 5)
    visit.evaluate(COLOURS_STAY)


def open_page(visit, served: str, path: str) -> None:
    visit.page.goto(f"{served}/{path}")
    visit.wait_until("!document.querySelector('[data-ps]:not(.ps-mounted)')")


def test_axe_finds_nothing_on_any_page(served: str, visit) -> None:
    for path in PAGES:
        open_page(visit, served, path)
        if path in OF_ALL_COLOURS:
            assert_nothing_found(visit, path)
        else:
            assert violations(visit.page) == [], path
    visit.page.set_viewport_size(PHONE)
    visit.go(f"{served}/{LESSON}")
    assert_nothing_found(visit, "on a phone")


@pytest.mark.full
def test_axe_finds_no_colour_problem_on_any_dark_page(served: str, visit) -> None:
    visit.page.emulate_media(color_scheme="dark")
    for path in PAGES:
        open_page(visit, served, path)
        assert violations(visit.page, OF_COLOUR) == [], path


def test_axe_finds_nothing_in_a_run(served: str, visit) -> None:
    visit.go(f"{served}/{LESSON}")
    visit.session("session.start()")
    visit.wait("session.samples.length > 0 && session.iteration > 0")
    assert violations(visit.page) == [], "running"
    visit.session("session.pause()")
    visit.wait("session.status === 'paused'")
    assert_nothing_found(visit, "paused")
    visit.go(f"{served}/{TINY}")
    visit.session("session.start()")
    visit.wait("session.samples.length > 3")
    visit.session("session.pause()")
    assert_nothing_found(visit, "with a log")
    visit.page.get_by_role("button", name="two side by side").click()
    visit.page.get_by_role("button", name="log axis").click()
    assert_nothing_found(visit, "side by side")


def test_axe_finds_a_nameless_button_and_pale_text(served: str, visit) -> None:
    """Checks that the tests above can fail: on a button without a name, and on text that is too pale."""
    visit.go(f"{served}/{TINY}")
    visit.evaluate("""(document.querySelector('.ps-primary').after(document.createElement('button')),
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


def test_with_reduced_motion_a_sample_appears_at_once_and_nothing_plays_by_itself(served: str, visit) -> None:
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
