"""The home page: a recorded run plays there by itself.

Catches: a replay that does not begin, cannot be paused, or moves for readers who prefer no motion; one that begins
again after the reader has stopped it; a home page without JavaScript that says nothing, or too much.
"""

from __future__ import annotations

import pytest

HOME = "index.html"
AT = "document.querySelector('.ps-replay .ps-scrubber').valueAsNumber"


@pytest.mark.parametrize("size", [pytest.param((1280, 900), marks=pytest.mark.full), (568, 320)])
def test_the_recorded_run_plays_by_itself_and_can_be_paused(served: str, visit, size: tuple[int, int]) -> None:
    page = visit.page
    page.set_viewport_size({"width": size[0], "height": size[1]})  # the second is less high than the replay
    page.emulate_media(reduced_motion="no-preference")
    visit.page.goto(f"{served}/{HOME}")
    page.locator(".ps-replay.ps-mounted").scroll_into_view_if_needed()
    visit.wait_until("document.querySelector('.ps-replay .ps-primary').textContent === 'Pause'")
    visit.wait_until(f"{AT} > 0", 30)
    assert page.locator(".ps-replay .ps-said").inner_text().strip() != ""
    page.wait_for_timeout(600)  # a label that has just changed does not count as pressed
    page.locator(".ps-replay .ps-primary").click()
    stopped = page.evaluate(AT)
    page.evaluate("scrollTo(0, 0)")
    page.locator(".ps-replay").scroll_into_view_if_needed()
    page.wait_for_timeout(1000)
    assert page.evaluate(AT) == stopped and page.locator(".ps-replay .ps-primary").inner_text() == "Play"
    assert visit.complaints == []


@pytest.mark.parametrize("width", [360, pytest.param(1280, marks=pytest.mark.full)])
def test_readers_who_prefer_no_motion_get_a_still_replay(served: str, visit, width: int) -> None:
    page = visit.page
    page.set_viewport_size({"width": width, "height": 740})
    page.emulate_media(reduced_motion="reduce")
    visit.page.goto(f"{served}/{HOME}")
    page.locator(".ps-replay.ps-mounted").scroll_into_view_if_needed()
    page.wait_for_timeout(1500)
    assert page.evaluate(AT) == 0 and not page.locator(".ps-replay .ps-primary").is_visible()
    page.get_by_role("button", name="next sample").click()
    assert page.evaluate(AT) > 0
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_without_a_script_the_last_sample_stands_there_as_text(served: str, chromium) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{served}/{HOME}")
    samples = page.locator(".ps-replay-still .ps-script")
    assert samples.count() == 1 and samples.is_visible() and len(samples.inner_text()) > 40
    assert page.locator(".ps-replay-still .ps-curve").is_visible()
    context.close()
