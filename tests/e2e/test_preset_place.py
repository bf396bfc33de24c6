"""Where the chart of a preset opens, at every width.

Catches: a press after which nothing seems to happen, because the chart opened out of view; a button that jumps away
from under the finger; a focus that is lost when the chart moves; a question that appears far from the button pressed;
a reader who asked for less motion and sees the page glide.
"""

from __future__ import annotations

import pytest

PAGE, LESSON = "trials/everything.html", "lessons/watch-it-learn.html"
SIZES = {(1280, 720): True, (1366, 768): True, (1920, 1080): True, (800, 900): False, (360, 740): False}
HEADER = 48
RECTS = """(name) => {
  const rect = (one) => { const { left, right, top, bottom, height } = one.getBoundingClientRect();
    return { left, right, top, bottom, height }; };
  return { button: rect(document.querySelector(`[data-preset="${name}"] button`)),
    chart: rect(document.querySelector(".ps-presets .ps-chart")),
    focused: document.activeElement.closest("[data-preset]")?.dataset.preset ?? document.activeElement.textContent,
    within: document.querySelector(".ps-preset-stage").closest("li")?.dataset.preset ?? null };
}"""
# Lessons have no navigation beside them.
LIKE_A_LESSON = "document.querySelectorAll('.md-sidebar').forEach((one) => one.style.display = 'none')"
BUSY = "document.querySelector('.ps-presets canvas')"
STOP = "document.querySelector('.ps-preset-head button').click()"


def shown(rect: dict, height: int) -> float:
    """The part of a rectangle that is below the page's header and inside the window."""
    return max(0.0, min(rect["bottom"], height) - max(rect["top"], HEADER)) / rect["height"]


def centre(page, name: str) -> None:
    page.evaluate(f"document.querySelector('[data-preset={name}]').scrollIntoView({{ block: 'center' }})")


@pytest.mark.parametrize(
    "size",
    [size if size in ((1280, 720), (360, 740)) else pytest.param(size, marks=pytest.mark.full) for size in SIZES],
)
def test_a_press_brings_the_chart_into_view_and_moves_nothing_else(served: str, visit, size: tuple[int, int]) -> None:
    page, (width, height) = visit.page, size
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(reduced_motion="reduce")
    visit.go(f"{served}/{PAGE}")
    page.evaluate(LIKE_A_LESSON)
    assert page.locator(".ps-preset-empty").is_visible() == SIZES[size], "no empty column without a word"
    # Down the list and up again: the stage closes above the pressed button, then below it.
    for name in ("clean", "noisy", "dead", "overfit", "diverge-fast"):
        centre(page, name)
        before = page.evaluate(RECTS, name)
        visit.evaluate(f"document.querySelector('[data-preset={name}] button').focus()")
        page.keyboard.press("Enter")
        visit.wait_until(f"pressStart.sessions.preset?.seed.endsWith('/ {name}') && {BUSY}")
        after = page.evaluate(RECTS, name)
        assert after["focused"] == name
        assert shown(after["button"], height) >= 0.9, (name, after)
        assert shown(after["chart"], height) >= 0.95, (name, after)
        if SIZES[size]:
            assert after["within"] is None and after["chart"]["left"] >= after["button"]["right"], name
        else:
            assert after["within"] == name and after["chart"]["top"] >= after["button"]["bottom"], name
        moved = before["button"]["top"] - after["button"]["top"]
        below, above = after["chart"]["bottom"] >= height - 30, after["chart"]["top"] <= HEADER + 50
        assert abs(moved) < 1 or (below if moved > 0 else above), f"{name} moved by {moved}"
        visit.evaluate(STOP)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert visit.complaints == []


@pytest.mark.full
def test_turning_the_screen_moves_the_chart_and_keeps_the_focus(served: str, visit) -> None:
    page = visit.page
    visit.go(f"{served}/{PAGE}")
    page.evaluate(LIKE_A_LESSON)
    page.locator("[data-preset=overfit] button").click()
    visit.wait_until(BUSY)
    page.evaluate("document.querySelector('.ps-preset-head button').focus()")
    for width, within in ((500, "overfit"), (1280, None), (400, "overfit")):
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_timeout(300)
        seen = page.evaluate(RECTS, "overfit")
        assert seen["within"] == within, width
        assert seen["focused"] in ("Stop", "overfit"), "on the stage's button, or its entry once the run has ended"
    assert page.evaluate("document.activeElement !== document.body")
    assert visit.complaints == []


def test_a_smooth_scroll_only_for_readers_who_want_motion(served: str, visit) -> None:
    page = visit.page
    page.set_viewport_size({"width": 360, "height": 740})
    page.add_init_script("""{
      const own = globalThis.scrollBy;
      globalThis.scrolls = [];
      globalThis.scrollBy = (how) => { scrolls.push(how.behavior); own(how); };
    }""")
    for motion, behaviour in (("no-preference", "smooth"), ("reduce", "instant")):
        page.emulate_media(reduced_motion=motion)
        visit.go(f"{served}/{PAGE}")
        page.locator("[data-preset=noisy] button").click()
        visit.wait_until("scrolls.length > 0")
        assert page.evaluate("scrolls.at(-1)") == behaviour


@pytest.mark.parametrize("size", [(1280, 720), (360, 740)])
def test_the_last_buttons_of_the_lesson_are_seen_with_their_chart(served: str, visit, size: tuple[int, int]) -> None:
    page, (width, height) = visit.page, size
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(reduced_motion="reduce")
    visit.go(f"{served}/{LESSON}")
    for last in (".ps-own-rate button", ".ps-mystery button"):
        button = page.locator(f".ps-presets {last}").first
        if button.count() == 0:
            continue  # an author may leave out the mystery run
        button.evaluate("(one) => one.scrollIntoView({ block: 'center' })")
        button.click()
        visit.wait_until(BUSY)
        page.wait_for_timeout(300)
        boxes = button.bounding_box(), page.locator(".ps-presets .ps-chart").first.bounding_box()
        for box in boxes:
            rect = {"top": box["y"], "bottom": box["y"] + box["height"], "height": box["height"]}
            assert shown(rect, height) >= 0.9, (last, boxes)
        visit.evaluate(STOP)
