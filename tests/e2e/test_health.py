"""The health strip of a run and of presets, as a reader trains them.

Catches: a preset whose norms are not observed from its first update on, or not shown; a strip that gives a covered name
away, keeps the numbers of the run before, cannot be read by pointer and keyboard, or differs from the recorded run.
"""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, expect

from recorded import health
from system.project import ROOT

PAGE, COVERED, LESSON = "trials/health.html", "trials/named-health.html", "lessons/watch-it-learn.html"
RUN = "pressStart.sessions.preset"
OF_PRESETS = ".ps-preset-stage .ps-strip"
OF_RUN, OF_DEAD = "#ps-instruments-3 .ps-strip", "#ps-instruments-4 .ps-strip"
# Before the first milestone, and the milestones of presets.
EARLY = [1, 2, 5, 10, 20]
EVERY = 25


@pytest.fixture
def page(served: str, visit):
    visit.cores(2)
    visit.go(f"{served}/{PAGE}")
    return visit


def texts(page: Page, selector: str) -> list[str]:
    return page.locator(selector).all_inner_texts()


def test_a_dead_preset_shows_gradients_and_updates_that_move_nothing(page) -> None:
    page.press("dead")
    page.wait_until(f"{RUN}.status === 'done'")
    observed = page.evaluate(f"{RUN}.observations.filter(({{ norms }}) => norms)")
    assert [one["iteration"] for one in observed] == [*EARLY, *range(EVERY, 151, EVERY)]
    says = page.page.locator(f"{OF_PRESETS} .ps-strip-says")
    expect(says).to_have_text(health.saying(observed[-1]))
    assert "The weights hardly move" in says.inner_text()
    names = ["embeddings", "block 1", "final LayerNorm"]
    assert texts(page.page, f"{OF_PRESETS} .ps-strip-row:not([hidden]) .ps-strip-name span:first-child") == names * 2
    values = [health.short(value) for name in ("gradient", "ratio") for value in health.values(name, observed[-1])]
    assert texts(page.page, f"{OF_PRESETS} .ps-strip-row:not([hidden]) .ps-strip-value") == values
    points = page.page.locator(f"{OF_PRESETS} .ps-line-norm:not(.ps-line-faint)").first.get_attribute("points")
    assert len(points.split()) == len(observed)
    expect(page.page.locator(f"{OF_DEAD} .ps-strip-whose")).to_have_text("This run")
    expect(page.page.locator(f"{OF_DEAD} .ps-strip-says")).to_have_text(health.saying(observed[-1]))
    page.press("clean")
    page.wait_until(f"{RUN}.seed.endsWith('/ clean') && {RUN}.observations.length > 3")
    expect(says).not_to_contain_text("hardly move")
    expect(page.page.locator(f"{OF_DEAD} .ps-strip-says")).to_contain_text("hardly move")
    assert page.complaints == []


@pytest.mark.full
def test_a_run_is_read_by_keyboard_pointer_and_table(page) -> None:
    strip = page.page.locator(OF_RUN)
    expect(strip.locator(".ps-strip-says")).to_have_text(health.described()["nothing_yet"])
    page.press("Start")
    page.wait("session.status === 'done'")
    observed = page.session("session.observations.filter(({ norms }) => norms)")
    at = [one["iteration"] for one in observed]
    assert len(at) > 3 and at[-1] == 120
    assert strip.locator(".ps-strip-row:not([hidden])").count() == 3, "with the residual stream"
    slider, where = strip.get_by_role("slider"), strip.locator(".ps-strip-at")
    expect(where).to_have_text("iteration 120")
    slider.focus()
    page.page.keyboard.press("Home")
    expect(where).to_have_text(f"iteration {at[0]}")
    assert slider.get_attribute("aria-valuetext").startswith(f"iteration {at[0]}: At iteration {at[0]} the norm")
    box = strip.locator(".ps-strip-frame svg svg").first.bounding_box()
    page.page.mouse.move(box["x"] + box["width"] * at[1] / 120, box["y"] + box["height"] / 2)
    expect(where).to_have_text(f"iteration {at[1]}")
    first = strip.locator(".ps-strip-value").first
    assert first.inner_text() == health.short(health.values("gradient", observed[1])[0])
    strip.get_by_text("The same as a table").click()
    assert strip.locator("tbody th").all_inner_texts() == [str(one) for one in at]
    assert strip.locator("tbody tr").first.locator("td").count() == 3 + 3 + 2
    page.session("session.reset()")
    expect(strip.locator(".ps-strip-says")).to_have_text(health.described()["nothing_yet"])
    assert page.complaints == []


@pytest.mark.full
def test_a_strip_stays_covered_until_the_curve_is_named(served: str, visit) -> None:
    visit.cores(2)
    visit.go(f"{served}/{COVERED}")
    visit.press("learning rate: 1e-7")
    visit.wait_until(f"{RUN}.status === 'done'")
    strip = visit.page.locator(OF_PRESETS)
    expect(strip).to_be_attached()
    expect(strip).to_be_hidden()
    visit.page.get_by_label("Flat", exact=True).check()
    visit.press("Name it")
    expect(strip).to_be_visible()
    assert visit.complaints == []


@pytest.mark.full
def test_it_fits_a_phone_and_paper(page) -> None:
    page.page.set_viewport_size({"width": 360, "height": 740})
    page.press("Start")
    page.wait("session.status === 'done'")
    for media in ("screen", "print"):
        page.page.emulate_media(media=media)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert page.page.locator(f"{OF_RUN} svg").first.is_visible()
    assert not page.page.locator(f"{OF_RUN} .ps-scrubber").is_visible()


def test_without_a_script_the_recorded_strips_are_in_the_page(served: str, chromium) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{served}/{LESSON}")
    for strip, drawings in (
        (page.locator(".ps-instruments .ps-strip").first, 12),
        (page.locator(".ps-recorded-presets .ps-strip").first, 3),
    ):
        assert strip.locator(".ps-line-norm").count() == drawings and strip.locator("svg").first.is_visible()
        assert strip.locator(".ps-strip-says").inner_text().startswith("At iteration ")
    assert not page.locator(".ps-instruments .ps-scrubber").first.is_visible()
    context.close()


@pytest.mark.full
def test_the_numbers_are_the_recorded_ones(served: str, visit, corpus) -> None:
    visit.cores(2)
    visit.go(f"{served}/{LESSON}")
    visit.page.evaluate("pressStart.sessions.main.prefer('cpu')")
    seen = json.loads((ROOT / f"docs/recorded/seen-{corpus.name}.json").read_text(encoding="utf-8"))
    recorded = {one["iteration"]: one["norms"] for one in seen["presets"]["dead"]["milestones"]}
    visit.press("learning rate: 1e-7")
    visit.wait_until(f"{RUN}.observations.length > 6")
    visit.press("Stop")
    for one in visit.evaluate(f"{RUN}.observations")[1:6]:
        for name, norms in one["norms"].items():
            assert norms == pytest.approx(recorded[one["iteration"]][name], rel=1e-3), (one["iteration"], name)
