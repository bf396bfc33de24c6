"""A reader predicts a run's curve or its end, with the keyboard, a mouse or a finger, then reads how far off it was.

Catches: a guess that delays Start, gets lost in a reload, a reset or a remount, follows the wrong run, or is not drawn;
a finger that draws while it should scroll, or scrolls while it should draw; a comparison that is missing, or not with
the run that the reader saw; a guess without a word for screen readers, on paper or in the reader's record.
"""

from __future__ import annotations

import json
import re
from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

PAGE, DOOMED, PLAIN = "trials/predictions.html", "trials/doomed.html", "trials/tiny-120.html"
DRAW, CHANGE = "Draw your guess first", "Change your guess"
FORGOTTEN = "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };"
# The height of the sentence beside the chart: the end of a run must not move what the reader looks at.
HEIGHT = "document.querySelector('.ps-guess-outcome').offsetHeight"
# Pixels of the first chart in the colour of the guess's line.
INK = """(() => {
  const canvas = document.querySelector('.ps-chart-frame canvas');
  const { borderTopColor } = getComputedStyle(document.querySelector('.ps-key-guess'), '::before');
  const wanted = borderTopColor.match(/\\d+/g).map(Number).slice(0, 3);
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let found = 0;
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3] === 255 && wanted.every((value, j) => Math.abs(data[i + j] - value) < 12)) found++;
  }
  return found;
})()"""


def record(page: Page) -> dict[str, dict]:
    """What the browser has stored of the reader's commitments, by key."""
    kept = page.evaluate("localStorage.getItem(`press-start:${location.pathname}:reader`)")
    return {entry["key"]: entry for entry in json.loads(kept or "[]")}


def guess(page: Page) -> list[list[float]]:
    """The points of the guess at the main run's curve, as the browser stored them."""
    kept = page.evaluate("localStorage.getItem(`press-start:${location.pathname}:guess:curve:main`)")
    return json.loads(kept or "{}").get("points", [])


def draw(page: Page, *way: tuple[float, float], lift: bool = True) -> None:
    """Draws with the mouse on the first chart; points are parts of its width and height."""
    box = page.locator(".u-over").first.bounding_box()
    at = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in way]
    page.mouse.move(*at[0])
    page.mouse.down()
    for point in at[1:]:
        page.mouse.move(*point, steps=5)
    if lift:
        page.mouse.up()


def touch(page: Page, *way: tuple[float, float]) -> None:
    """Moves a finger over the first chart; the browser itself decides whether that scrolls the page."""
    box = page.locator(".u-over").first.bounding_box()
    devtools = page.context.new_cdp_session(page)

    def send(kind: str, *points: tuple[float, float]) -> None:
        found = [{"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]} for x, y in points]
        devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": found})
        page.wait_for_timeout(20)

    send("touchStart", way[0])
    for (x0, y0), (x1, y1) in pairwise(way):
        for step in range(1, 9):
            send("touchMove", (x0 + (x1 - x0) * step / 8, y0 + (y1 - y0) * step / 8))
    send("touchEnd")


def tab_to(page: Page, name: str) -> None:
    """Presses Tab until the control of that name has the focus."""
    named = "(document.activeElement.labels?.[0] ?? document.activeElement).innerText.trim()"
    for _ in range(40):
        if page.evaluate(named).startswith(name):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {name}")


def run_to_the_end(visit, name: str = "main") -> None:
    visit.wait_until(f"pressStart.sessions[{name!r}].ended")
    visit.page.wait_for_timeout(300)  # widgets redraw only a few times a second


def test_the_keyboard_predicts_a_curve_and_the_page_says_how_far_off_it_was(served: str, visit) -> None:
    page = visit.page
    visit.go(f"{served}/{PAGE}")
    page.locator(".ps-primary").first.focus()
    tab_to(page, DRAW)
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.localName") == "select"
    page.keyboard.press("f")  # the first letter chooses “fast, then slow”
    tab_to(page, "Ends at")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("1,5")
    assert visit.text(".ps-guess-said").endswith("to 1.50 at iteration 120, fast, then slow.")
    tab_to(page, "Done")
    page.wait_for_timeout(600)
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.textContent") == CHANGE
    even = visit.session("Math.log(session.options.corpus.vocab_size).toFixed(2)")
    assert f"your guess: from {even} at iteration 0" in page.locator(".ps-chart-frame").first.get_attribute(
        "aria-label"
    )
    assert record(page)["curve:main"]["outcome"] is None

    page.locator(".ps-primary").first.press("Enter")
    visit.wait("session.iteration > 0")
    assert not page.get_by_role("button", name=CHANGE).is_visible(), "a run that has begun takes no guess"
    assert visit.text(".ps-guess-outcome").startswith("Your guess is on the chart")
    height = visit.evaluate(HEIGHT)
    run_to_the_end(visit)
    assert visit.evaluate(HEIGHT) == height
    outcome = visit.text(".ps-guess-outcome")
    readings = visit.session("session.history.val.filter((val) => val !== null).length")
    assert re.match(rf"Your guess was \d\.\d\d nats off on average over the {readings} measurements", outcome), outcome
    assert visit.session("session.val_nll.toFixed(2)") in outcome.split("most at ")[1]
    kept = record(page)["curve:main"]
    assert (kept["kind"], kept["outcome"]) == (
        "curve",
        f"{outcome} The run had the seed “{visit.session('session.seed')}”.",
    )
    assert visit.complaints == []


@pytest.mark.full
def test_a_drawn_curve_stays_through_reload_reset_theme_and_size(served: str, visit) -> None:
    page = visit.page
    visit.go(f"{served}/{PAGE}")
    assert visit.evaluate(INK) == 0 and not page.locator(".ps-key-guess").first.is_visible()
    page.get_by_role("button", name=DRAW).click()
    draw(page, (0.005, 0.2), (0.3, 0.5), (0.995, 0.7))
    page.wait_for_timeout(600)
    page.get_by_role("button", name="Done").click()
    drawn = guess(page)
    assert (drawn[0][0], drawn[-1][0]) == (0, 120), "a stroke that nearly reaches an edge reaches it"
    assert page.locator(".ps-key-guess").first.is_visible() and visit.evaluate(INK) > 100

    visit.go(f"{served}/{PAGE}")
    assert guess(page) == drawn
    page.get_by_role("button", name=CHANGE).wait_for()
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 360, "height": 740})
    page.get_by_role("button", name="log axis: spreads out the early iterations").first.click()
    visit.wait_until(f"{INK} > 100", 5)
    visit.press("Start")
    visit.wait("session.iteration > 0")
    visit.press_when_read("Pause")
    visit.wait("session.status === 'paused'")
    assert visit.evaluate(INK) > 30, "behind the run's curves"
    visit.press_when_read("Reset")
    page.wait_for_timeout(600)
    page.get_by_role("button", name=CHANGE).click()
    draw(page, (0.5, 0.9), (0.995, 0.9))
    assert guess(page)[:2] == drawn[:2] and guess(page)[-1][1] < drawn[-1][1], "a stroke replaces what it passes"
    page.wait_for_timeout(600)
    page.get_by_role("button", name="Remove").click()
    assert guess(page) == [] and record(page) == {} and visit.evaluate(INK) == 0
    assert visit.complaints == []


def test_a_stroke_is_stored_once_when_the_pen_lifts(served: str, visit) -> None:
    page = visit.page
    visit.go(f"{served}/{PAGE}")
    page.get_by_role("button", name=DRAW).click()
    page.evaluate("""() => {
      const { setItem } = Storage.prototype;
      globalThis.stored = [];
      Storage.prototype.setItem = function (key, value) {
        stored.push(key.split(":").slice(2).join(":"));
        setItem.call(this, key, value);
      };
    }""")
    draw(page, (0.005, 0.2), (0.5, 0.5), (0.9, 0.6), lift=False)
    assert visit.evaluate("stored") == [] and visit.evaluate(INK) > 100, "it follows the pen, and stores nothing"
    page.mouse.up()
    assert visit.evaluate("stored") == ["guess:curve:main", "reader"] and len(guess(page)) >= 2


@pytest.mark.parametrize("width", [360, pytest.param(1280, marks=pytest.mark.full)])
def test_the_guess_at_the_end_covers_nothing_of_the_chart(served: str, visit, width: int) -> None:
    page = visit.page
    page.set_viewport_size({"width": width, "height": 740})
    visit.go(f"{served}/{PAGE}")
    second = page.locator("[data-ps=runner]").nth(1)
    field, chart = second.locator(".ps-guess-end").bounding_box(), second.locator(".ps-chart").bounding_box()
    assert field["y"] + field["height"] <= chart["y"] and field["width"] > 100
    assert visit.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.full
def test_another_seed_is_compared_anew(served: str, visit) -> None:
    page = visit.page
    visit.go(f"{served}/{PAGE}")
    page.get_by_role("button", name=DRAW).click()
    draw(page, (0.005, 0.2), (0.995, 0.7))
    visit.press("Start")
    run_to_the_end(visit)
    first = visit.text(".ps-guess-outcome")
    visit.session("(session.reset('another'), null)")
    assert visit.text(".ps-guess-outcome") == ""
    visit.press_when_read("Start")
    visit.wait("session.iteration > 0")
    assert record(page)["curve:main"]["outcome"] is None
    run_to_the_end(visit)
    assert visit.text(".ps-guess-outcome") != first
    assert "“another”" in record(page)["curve:main"]["outcome"]


@pytest.mark.full
def test_start_takes_what_is_drawn_so_far(served: str, visit) -> None:
    page = visit.page
    visit.go(f"{served}/{PAGE}")
    page.get_by_role("button", name=DRAW).click()
    draw(page, (0.005, 0.2), (0.5, 0.5), lift=False)
    visit.session("session.start()")  # as a script, or a second finger, might
    visit.wait("session.iteration > 0")
    assert not page.locator(".ps-guess-panel").first.is_visible()
    page.mouse.move(0, 0)
    page.mouse.up()
    run_to_the_end(visit)
    assert 55 <= guess(page)[-1][0] <= 65
    assert "drew nothing after that" in visit.text(".ps-guess-outcome")


@pytest.mark.full
def test_start_works_without_a_guess(served: str, visit) -> None:
    page = visit.page
    visit.go(f"{served}/{PAGE}")
    page.get_by_role("button", name=DRAW).click()
    draw(page, (0.5, 0.5))
    assert visit.text(".ps-guess-said") == "A curve needs a second point."
    second = page.locator("[data-ps=runner]").nth(1)
    second.locator(".ps-guess-number").fill("about two")
    second.locator(".ps-guess-number").press("Tab")
    expect(second.locator(".ps-guess-hint")).to_contain_text("“about two” cannot be read as one number.")
    visit.press("Start")
    run_to_the_end(visit)
    second.get_by_role("button", name="Start", exact=True).click()
    run_to_the_end(visit, "second")
    assert page.locator(".ps-guess-outcome").all_inner_texts() == ["", ""] and record(page) == {}


@pytest.mark.full
def test_the_keyboard_predicts_the_end_and_the_page_compares_it_with_run_and_floor(served: str, visit) -> None:
    page = visit.page
    visit.go(f"{served}/{PAGE}")
    second = page.locator("[data-ps=runner]").nth(1)
    second.locator(".ps-primary").focus()
    tab_to(page, "Where will it end?")
    page.keyboard.type("2.9")
    visit.go(f"{served}/{PAGE}")  # a reload
    assert second.locator(".ps-guess-number").input_value() == "2.90"
    assert "2.90 nats per character" in second.locator(".ps-chart-frame").get_attribute("aria-label")
    second.locator(".ps-primary").press("Enter")
    run_to_the_end(visit, "second")
    assert not second.locator(".ps-guess-number").is_visible()
    val, floor = page.evaluate(
        "(({ val_nll, options }) => [val_nll, options.corpus.floor])(pressStart.sessions.second)"
    )
    said = second.locator(".ps-guess-outcome").inner_text()
    assert said.startswith(f"You guessed an end at 2.90 nats per character. The run ended at {val:.2f} (val NLL)"), said
    assert f"floor of this text is {floor:.2f}: your guess was {2.9 - floor:.2f} above it" in said
    assert visit.text(".ps-guess-outcome") == "", "the first runner has no guess"
    kept = record(page)
    assert list(kept) == ["end:second"] and kept["end:second"]["outcome"].startswith(said)
    assert visit.complaints == []


@pytest.mark.full
def test_a_run_that_diverges_is_compared_up_to_there(served: str, visit) -> None:
    page = visit.page
    visit.go(f"{served}/{DOOMED}")
    page.get_by_role("button", name=DRAW).click()
    page.get_by_label("Shape").select_option("straight down")
    page.get_by_label("Ends at").fill("2")
    visit.press("Start")
    run_to_the_end(visit)
    assert visit.session("session.status") == "diverged"
    said = visit.text(".ps-guess-outcome")
    assert said.startswith("Your guess was"), said
    assert said.lower().endswith(f"it diverged at iteration {visit.session('session.iteration')}."), said


@pytest.mark.parametrize("drawing", [pytest.param(False, marks=pytest.mark.full), True], ids=["scrolls", "draws"])
def test_a_finger_draws_only_while_drawing_is_on(served: str, chromium, drawing: bool) -> None:
    page = chromium.new_context(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True).new_page()
    page.goto(f"{served}/{PAGE}")
    page.locator("[data-ps=runner].ps-mounted").first.wait_for()
    if drawing:
        page.get_by_role("button", name=DRAW).tap()
    page.locator(".ps-chart-frame").first.evaluate("(frame) => frame.scrollIntoView({ block: 'center' })")
    page.wait_for_timeout(300)
    before = page.evaluate("scrollY")
    touch(page, *([(0.02, 0.9), (0.4, 0.2), (0.98, 0.1)] if drawing else [(0.5, 0.9), (0.5, 0.1)]))
    page.wait_for_timeout(300)
    moved = abs(page.evaluate("scrollY") - before)
    if drawing:
        assert moved == 0 and (guess(page)[0][0], guess(page)[-1][0]) == (0, 120)
    else:
        assert moved > 20 and guess(page) == []


@pytest.mark.full
def test_a_remounted_runner_keeps_the_guess_without_storage(served: str, visit) -> None:
    page = visit.page
    page.add_init_script(FORGOTTEN)
    visit.go(f"{served}/{PAGE}")
    page.get_by_role("button", name=DRAW).click()
    draw(page, (0.005, 0.2), (0.995, 0.7))
    page.evaluate("""(() => {
        const root = document.querySelector('[data-ps=runner]');
        pressStart.unmount(root);
        pressStart.mount(root);
    })()""")
    page.get_by_role("button", name=CHANGE).wait_for()
    visit.wait_until(f"{INK} > 100", 5)
    visit.press("Start")
    run_to_the_end(visit)
    assert visit.text(".ps-guess-outcome").startswith("Your guess was")
    assert visit.complaints == []


@pytest.mark.full
def test_paper_has_the_guess_and_its_comparison_but_no_controls(served: str, visit) -> None:
    page = visit.page
    visit.go(f"{served}/{PAGE}")
    page.get_by_role("button", name=DRAW).click()
    draw(page, (0.005, 0.2), (0.995, 0.7))
    visit.press("Start")
    run_to_the_end(visit)
    page.emulate_media(media="print")
    visible = {name: page.locator(f".ps-{name}").first.is_visible() for name in ("key-guess", "guess-outcome")}
    assert visible == {"key-guess": True, "guess-outcome": True}
    assert page.locator(":is(.ps-guess-line, .ps-guess-end, .ps-guess-panel):visible").count() == 0


def test_nothing_is_asked_without_the_field_or_without_javascript(served: str, visit, chromium) -> None:
    visit.go(f"{served}/{PLAIN}")
    assert visit.evaluate("document.querySelectorAll('[class*=guess]').length") == 0
    page = chromium.new_context(java_script_enabled=False).new_page()
    page.goto(f"{served}/{PAGE}")
    assert "guess" not in page.locator("[data-ps=runner]").first.inner_text()
