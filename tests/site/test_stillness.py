"""Catches: a widget that moves the prose when its script arrives, when the model writes, when a run begins or ends, or
when a longer sample follows a shorter one.

Shifts are the browser's layout-shift entries, as in CLS. Movement within half a second of a press is expected and does
not count. A slow machine draws the page before it has parsed all of its HTML; what moves then has a limit of its own.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

LESSON = "lessons/watch-it-learn.html"
# Rounding of a text's baseline when a widget redraws it is too small to see.
UNSEEN = 0.001
# Until the HTML is parsed, and so before any script of ours has run. "Good" is a tenth (CLS).
WHILE_PARSED = 0.01
LONG = pytest.mark.full
PLACES = [("file", 360), ("http", 1280), pytest.param("file", 1280, marks=LONG), pytest.param("http", 360, marks=LONG)]
WIDTHS = [320, 412, 768, 1280, *(pytest.param(width, marks=LONG) for width in (360, 600, 1024))]
WATCH = """
globalThis.shifts = [];
globalThis.doing = "loading";
new PerformanceObserver((list) => {
  for (const { hadRecentInput, startTime, value, sources } of list.getEntries()) {
    const { domInteractive } = performance.getEntriesByType("navigation")[0];
    const parsing = domInteractive === 0 || startTime < domInteractive;
    const nodes = sources.map(({ node }) => node?.className || node?.textContent?.slice(0, 40) || String(node));
    if (!hadRecentInput) shifts.push({ doing, parsing, value, nodes });
  }
}).observe({ type: "layout-shift", buffered: true });
"""
# Shows each recorded sample in turn on the replay's stage, on the live stage, and beside the last sample. Returns the
# heights of each widget, and whether its stage has to scroll.
SAMPLES = """async () => {
  const [replay, live] = ["replay", "samples"].map((kind) => document.querySelector(`[data-ps=${kind}]`));
  const { samples } = JSON.parse(replay.querySelector("script").textContent).runs[0];
  const { main } = pressStart.sessions, slider = replay.querySelector("input[type=range]");
  const heights = { replay: new Set(), live: new Set(), compared: new Set() };
  const scrolling = [];
  const look = (name, root, stages) => {
    heights[name].add(root.offsetHeight);
    for (const stage of root.querySelectorAll(stages)) {
      const { innerText, scrollHeight, clientHeight } = stage;
      if (scrollHeight > clientHeight) scrolling.push([name, innerText, scrollHeight, clientHeight]);
    }
  };
  for (const sample of samples) {
    slider.value = String(sample.iteration);
    slider.dispatchEvent(new Event("input"));
    main.samples.push(sample);
    look("replay", replay, ".ps-stage");
    pressStart.mount(live);
    look("live", live, ".ps-stage");
  }
  [...live.querySelectorAll("button")].find(({ textContent }) => textContent === "two side by side").click();
  for (const select of live.querySelectorAll("select")) {
    for (const { value } of select.options) {
      select.value = value;
      select.dispatchEvent(new Event("change"));
      look("compared", live, ".ps-side");
    }
  }
  const sizes = Object.fromEntries(Object.entries(heights).map(([name, found]) => [name, [...found]]));
  return { sizes, scrolling, samples: samples.length };
}"""


@pytest.fixture(params=["http", "file"])
def base(request: pytest.FixtureRequest, lesson_site: Path, serve_folder) -> str:
    return lesson_site.as_uri() if request.param == "file" else serve_folder(lesson_site)


@pytest.fixture
def page(chromium: Browser) -> Page:
    one = chromium.new_page()
    one.add_init_script(WATCH)
    return one


def mounted(page: Page) -> None:
    page.locator(".ps-mounted").first.wait_for()
    expect(page.locator("[data-ps]:not(.ps-mounted)")).to_have_count(0)


def assert_nothing_moved(page: Page) -> None:
    shifts = page.evaluate("shifts")
    # The list of earlier samples, newest first, grows while the model writes: its other entries move down.
    moved = [shift for shift in shifts if {*shift["nodes"]} != {"ps-entry"}]
    assert sum(shift["value"] for shift in moved if not shift["parsing"]) < UNSEEN, shifts
    assert sum(shift["value"] for shift in shifts) < WHILE_PARSED, shifts


# A narrow page from disk and a wide one from a server; the other two combinations with --full.
@pytest.mark.parametrize(("base", "width"), PLACES, indirect=["base"])
def test_nothing_moves_while_the_page_comes_alive(base: str, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{base}/{LESSON}")
    mounted(page)
    page.wait_for_timeout(500)
    assert_nothing_moved(page)


@pytest.mark.parametrize(("base", "width"), PLACES, indirect=["base"])
def test_a_widget_takes_the_room_that_was_kept_for_it(base: str, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    held = []  # the script stays under way: a failed script would give another page
    page.route("**/press-start.js", lambda route: held.append(route))
    page.goto(f"{base}/{LESSON}", wait_until="commit")
    page.wait_for_selector("footer", state="attached")
    while not held:
        page.wait_for_timeout(20)
    measure = "[...document.querySelectorAll('[data-ps]')].map((root) => Math.round(root.offsetHeight))"
    kept = page.evaluate(measure)
    held[0].continue_()
    mounted(page)
    taken = page.evaluate(measure)
    assert len(kept) >= 2 and all(abs(a - b) <= 1 for a, b in zip(kept, taken, strict=True)), (kept, taken)


def use(page: Page, what: str, wait_ms: int = 700) -> None:
    """Names the current action for the report, and waits for its effect longer than the half second after a press."""
    page.evaluate("(what) => { globalThis.doing = what; }", what)
    page.wait_for_timeout(wait_ms)


@pytest.mark.full
@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_moves_while_a_reader_scrolls_trains_breaks_and_answers(
    lesson_site: Path, serve_folder, page: Page, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{serve_folder(lesson_site)}/{LESSON}")
    mounted(page)
    page.locator(".ps-runner .ps-facts").first.scroll_into_view_if_needed()
    for engine in ("fastest", "cpu", "fastest", "cpu"):  # the text beside the switch comes and goes
        page.evaluate("(engine) => pressStart.sessions.main.prefer(engine)", engine)
        while page.evaluate("pressStart.sessions.main.engine === null"):
            page.wait_for_timeout(50)
        use(page, f"the engine is there: {engine}", 150)
    height = page.evaluate("document.documentElement.scrollHeight")
    for y in [*range(0, height, 700), 0]:
        page.evaluate("(top) => scrollTo({ top, behavior: 'instant' })", y)
        use(page, f"scrolling to {y}", 40)
    runner, broken, replay = (page.locator(f"[data-ps={kind}]").first for kind in ("runner", "presets", "replay"))
    runner.get_by_role("button", name="Start", exact=True).click()
    use(page, "training")
    while page.evaluate("pressStart.sessions.main.samples.length") < 3:
        page.wait_for_timeout(200)
    runner.get_by_role("button", name="Pause").click()
    use(page, "paused")
    broken.locator("[data-preset=dead] button").click()
    use(page, "a run that goes wrong", 1500)
    broken.get_by_role("button", name="Stop", exact=True).click()
    use(page, "a run that has ended")
    quiz = page.locator("[data-ps=quiz]").filter(has=page.get_by_role("button", name="Check my answer")).first
    if quiz.count():  # a text with a known floor has no question
        quiz.locator("label:has(input)").first.click()
        quiz.get_by_role("button", name="Check my answer").click()
        use(page, "answered")
    replay.get_by_role("button", name="Play", exact=True).click()
    use(page, "replaying", 1500)
    assert page.evaluate("pressStart.sessions.main.iteration") > 0
    assert_nothing_moved(page)


@pytest.mark.parametrize("width", WIDTHS)
def test_no_recorded_sample_makes_a_stage_higher(lesson_site: Path, serve_folder, page: Page, width: int) -> None:
    """Shows the samples of a run of minutes in a moment: only its samples could move the page."""
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{serve_folder(lesson_site)}/{LESSON}")
    mounted(page)
    found = page.evaluate(SAMPLES)
    assert found["samples"] > 10
    assert {name: len(heights) for name, heights in found["sizes"].items()} == dict.fromkeys(found["sizes"], 1), found
    assert found["scrolling"] == []
