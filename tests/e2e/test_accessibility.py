"""The pages checked with axe, by keyboard and with reduced motion.

Catches: a control without a name, text too pale for AA in either scheme, a region that the keyboard cannot reach, a
focus order that differs from the page's, and motion for readers who prefer none. axe-core (MPL-2.0) comes with
axe-playwright-python and is used only by these tests; the site does not contain it.
"""

from __future__ import annotations

import itertools

import pytest
from playwright.sync_api import Page

from axe_rules import OF_COLOUR, assert_nothing_found, violations
from file_hand import bring, saved
from system.project import ROOT

LESSON = "lessons/watch-it-learn.html"
PAGES = [
    *(
        "index.html",
        LESSON,
        "lessons/your-checkpoint.html",
        "lessons/a-tiny-text.html",
        "lessons/echo.html",
        "authoring.html",
        "teachers.html",
        "404.html",
    ),
    *(
        "reference/speed.html",
        "reference/loss-curve-doctor.html",
        "reference/departures.html",
        "reference/stored-runs.html",
        "credits.html",
    ),
]
# An author may remove the tiny lesson.
PAGES = [page for page in PAGES if "tiny" not in page or (ROOT / "docs" / page).with_suffix(".md").is_file()]
# Together they have every style of prose, code, tables, formulas and widgets, so these are enough for the dark scheme.
OF_ALL_COLOURS = [LESSON, "authoring.html", "reference/speed.html"]
TINY = "trials/tiny.html"
PHONE = {"width": 360, "height": 740}
# The focused element, by widget and name; null outside widgets.
FOCUSED = """(() => {
    const element = document.activeElement, root = element?.closest('[data-ps], [data-more]');
    if (!root) return null;
    const widget = root.dataset.ps ?? 'runner'; // a runner's part below its stage
    const name = element.getAttribute('aria-label') || element.labels?.[0]?.innerText || element.textContent;
    return [widget, name.trim().split(':')[0], getComputedStyle(element).outlineStyle];
})()"""


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


def open_page(visit, served: str, path: str) -> None:
    visit.page.goto(f"{served}/{path}")
    visit.wait_until("!document.querySelector('[data-ps]:not(.ps-mounted)')")


@pytest.mark.parametrize("paths", [[TINY], pytest.param(PAGES, marks=pytest.mark.full)], ids=["tiny", "all"])
def test_axe_finds_nothing_on_any_page(served: str, visit, paths: list[str]) -> None:
    for path in paths:
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


@pytest.mark.full
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


@pytest.mark.full
def test_axe_finds_nothing_while_a_reader_predicts(served: str, visit) -> None:
    page = visit.page
    visit.go(f"{served}/trials/predictions.html")
    assert violations(page) == [], "before"
    page.get_by_role("button", name="Draw your guess first").click()
    page.get_by_label("Shape").select_option("in steps")
    page.get_by_label("Ends at").fill("1.5")
    page.locator(".ps-guess-end .ps-guess-number").fill("many")
    page.locator(".ps-guess-end .ps-guess-number").press("Tab")
    assert_nothing_found(visit, "drawing, and with a hint")
    page.emulate_media(forced_colors="active")
    assert violations(page) == [], "in the reader's colours"
    page.emulate_media(forced_colors="none")
    page.set_viewport_size(PHONE)
    visit.session("session.start()")
    visit.wait("session.ended")
    assert page.locator(".ps-guess-outcome").first.inner_text().startswith("Your guess was")
    assert_nothing_found(visit, "compared, on a phone")


@pytest.mark.full
def test_axe_finds_nothing_in_what_a_file_brings(served: str, visit) -> None:
    page = visit.page
    visit.go(f"{served}/trials/files.html")
    page.set_viewport_size(PHONE)
    name, file = saved(page, "Save")
    assert_nothing_found(visit, "saved")
    bring(page, "drop", ("notes.txt", b"To be, or not to be"))
    page.locator(".ps-file-panel").get_by_role("alert").wait_for()
    assert_nothing_found(visit, "a bad file")
    bring(page, "drop", (name, file))
    page.locator(".ps-file-panel[role=dialog]").wait_for()
    assert_nothing_found(visit, "what is in a file")
    visit.press_when_read("Open it beside the run")
    page.locator(".ps-opened").wait_for()
    assert_nothing_found(visit, "a file opened beside the run")


def test_axe_finds_a_nameless_button_and_pale_text(served: str, visit) -> None:
    """Checks that the tests above can fail: on a button without a name, and on text that is too pale."""
    visit.go(f"{served}/{TINY}")
    visit.evaluate("""(document.querySelector('.ps-primary').after(document.createElement('button')),
        document.querySelector('.ps-rules').style.color = '#bbb', null)""")
    assert {rule for rule, *_ in violations(visit.page)} == {"button-name", "color-contrast"}


def test_tab_walks_through_the_widgets_in_their_order(served: str, visit) -> None:
    visit.go(f"{served}/{TINY}")
    # Below the stage. The tests chose the CPU engine.
    names = ("seed", "use the graphics card", "Save", "Save the weights", "Load a file")
    more = [("runner", name) for name in names]
    before = [("runner", "Start"), ("runner", "log axis"), ("samples", "shade by surprise")]
    assert tabbed(visit.page) == [*before, *more], "an empty list of samples has nothing to scroll"
    visit.session("session.start()")
    visit.wait("session.samples.length === 3")
    visit.session("session.pause()")
    # The engine answers after the milestone that it had begun, whose sample is one more.
    visit.session("session.fingerprint()")
    visit.wait("session.status === 'paused' && !session.speaking")
    iterations = visit.session("session.samples.map(({ iteration }) => iteration).reverse()")
    asks = [("samples", f"Ask about a character of the sample of iteration {i}") for i in iterations]
    copies = [("samples", f"Copy the sample of iteration {i}") for i in iterations]
    first, *earlier = [[*pair] for pair in zip(copies, asks, strict=True)]
    stage = [*first, ("samples", "shade by surprise"), ("samples", "two side by side")]
    controls = [("runner", name) for name in ("Resume", "Reset", "log axis")]
    log = [("samples", "Earlier samples, newest first")]
    assert tabbed(visit.page) == [*controls, *stage, *log, *itertools.chain(*earlier), *more]
    visit.page.get_by_role("button", name="two side by side").press("Enter")
    sides = [("samples", "Sample on the left"), asks[-1], ("samples", "Sample on the right"), asks[0]]
    assert tabbed(visit.page) == [*controls, *stage, *sides, *more]


def test_with_reduced_motion_a_sample_appears_at_once_and_nothing_plays_by_itself(served: str, visit) -> None:
    visit.page.emulate_media(reduced_motion="reduce")
    visit.go(f"{served}/{LESSON}")
    replay = visit.page.locator(".ps-replay")
    assert not replay.get_by_role("button", name="Play", exact=True).is_visible()
    scrubber = replay.get_by_role("slider", name="Iteration of the recorded run")
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
