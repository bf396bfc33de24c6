"""The chart's axis, the words beside the val loss, the samples' log, two samples side by side, the estimated time of a
run, and the replay of a recorded run.

Catches: a switch without effect, a log that pushes the prose down, a comparison of the wrong samples, an estimate that
never appears or that changes the run, a replay that trains or shows something that was not recorded.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from system.project import ROOT

LESSON, TINY = "lessons/watch-it-learn.html", "trials/tiny.html"
PHONE = {"width": 360, "height": 740}
VIEWPORTS = {"phone": PHONE, "desk": {"width": 1280, "height": 900}}
ISLAND_BYTES = 60_000


def run_to(visit, samples: int) -> None:
    visit.session("session.start()")
    visit.wait(f"session.samples.length >= {samples}")
    visit.session("session.pause()")
    visit.wait("session.status === 'paused' && !session.speaking")
    visit.page.wait_for_timeout(300)  # widgets redraw only a few times a second


@pytest.mark.full
def test_the_axis_is_logarithmic_or_linear_as_the_reader_likes(served: str, visit) -> None:
    visit.go(f"{served}/{TINY}")
    run_to(visit, 4)
    frame = visit.page.locator(".ps-chart-frame")
    switch = visit.page.get_by_role("button", name="log axis: spreads out the early iterations")
    visit.page.wait_for_timeout(400)
    picture = "document.querySelector('.ps-chart-frame canvas').toDataURL()"
    linear = visit.evaluate(picture)
    assert "iterations is linear" in frame.get_attribute("aria-label")
    switch.press("Space")
    assert switch.get_attribute("aria-pressed") == "true"
    assert "iterations is logarithmic" in frame.get_attribute("aria-label")
    visit.page.wait_for_timeout(100)
    logarithmic = visit.evaluate(picture)
    assert logarithmic != linear
    switch.press("Enter")
    assert switch.get_attribute("aria-pressed") == "false"
    visit.page.wait_for_timeout(100)
    assert visit.evaluate(picture) != logarithmic
    assert "iterations is linear" in frame.get_attribute("aria-label")


def test_words_say_between_which_rungs_the_model_is(served: str, visit) -> None:
    visit.go(f"{served}/{TINY}")
    assert visit.text(".ps-standing") == ""
    run_to(visit, 1)
    words, ln_v = visit.text(".ps-standing"), visit.session("Math.log(session.options.corpus.vocab_size)")
    val = visit.session("session.history.val[0]")
    above = (
        f"{val - ln_v:.2f} above ln {visit.session('session.options.corpus.vocab_size')}: worse than guessing evenly"
    )
    assert words == above if val > ln_v else words.startswith("below ln"), words


@pytest.mark.full
def test_the_log_scrolls_inside_its_box_and_by_keyboard(served: str, visit) -> None:
    visit.go(f"{served}/{TINY}")
    height = "document.querySelector('.ps-log-room').offsetHeight"
    assert visit.evaluate("document.querySelector('.ps-log').tabIndex") == -1, "while empty it is no tab stop"
    before = {}
    for width, viewport in VIEWPORTS.items():
        visit.page.set_viewport_size(viewport)
        before[width] = visit.evaluate(height)
    run_to(visit, 8)
    log = visit.page.get_by_role("region", name="Earlier samples, newest first")
    assert log.evaluate("(log) => log.tabIndex") == 0
    for width, viewport in VIEWPORTS.items():
        visit.page.set_viewport_size(viewport)
        assert log.evaluate("(log) => log.scrollHeight > log.clientHeight + 40"), width
        assert visit.evaluate(height) == before[width], width
        log.evaluate("(log) => { log.scrollTo({ top: 0, behavior: 'instant' }); log.focus(); }")
        visit.page.keyboard.press("End")
        visit.wait_until("document.querySelector('.ps-log').scrollTop > 40", 5)


@pytest.mark.full
def test_any_two_samples_side_by_side(served: str, visit) -> None:
    visit.go(f"{served}/{TINY}")
    switch = visit.page.get_by_role("button", name="two side by side")
    assert switch.is_disabled()
    run_to(visit, 4)
    switch.click()
    samples = visit.session("session.samples")
    sides = visit.page.locator(".ps-side")
    left, right = (visit.page.get_by_role("combobox", name=f"Sample on the {side}") for side in ("left", "right"))

    def texts() -> list[str]:
        return [sides.nth(i).locator(".ps-script").evaluate("(text) => text.textContent") for i in (0, 1)]

    whole = [sample["prompt"] + sample["text"] for sample in samples]
    assert texts() == [whole[0], whole[-1]]
    left.select_option(label=f"iteration {samples[2]['iteration']}")
    right.select_option(label=f"iteration {samples[1]['iteration']}")
    assert texts() == [whole[2], whole[1]]
    assert f"val NLL {samples[2]['val']:.4f}" in sides.nth(0).inner_text()
    right.select_option(label="the newest sample")
    run_to(visit, 5)
    newest = visit.session("session.samples.at(-1)")
    assert texts() == [whole[2], newest["prompt"] + newest["text"]], "the newest is followed, the chosen one stays"
    tops = "[...document.querySelectorAll('.ps-side')].map((side) => side.getBoundingClientRect().top)"
    assert len(set(visit.evaluate(tops))) == 1
    visit.page.set_viewport_size(PHONE)
    assert len(set(visit.evaluate(tops))) == 2
    visit.press("Reset")
    expect(switch).to_be_disabled()
    expect(visit.page.locator(".ps-stage")).to_be_visible()


@pytest.mark.full
def test_the_time_of_a_run_is_estimated_before_it_begins(served: str, visit) -> None:
    visit.go(f"{served}/{LESSON}")
    visit.page.locator(".ps-runner").first.scroll_into_view_if_needed()
    visit.wait_until("document.querySelector('.ps-badge').textContent.includes('takes')")
    assert visit.badge.startswith("ready: press start; a run of 2,000 iterations takes ")
    assert visit.session("[session.status, session.iteration, session.history.train.length]") == ["idle", 0, 0]
    estimate = visit.session("session.time_left_ms")
    assert 1000 < estimate < 3_600_000
    visit.page.wait_for_timeout(500)
    assert visit.session("session.time_left_ms") == estimate, "measured once"


@pytest.fixture
def recording(corpus) -> dict:
    """The recorded run that the replay shows first."""
    return json.loads((ROOT / f"docs/recorded/run-{corpus.name}.json").read_text(encoding="utf-8"))


def test_a_recorded_run_is_replayed_and_nothing_is_trained(base: str, visit, recording: dict) -> None:
    visit.go(f"{base}/{LESSON}")
    replay = visit.page.locator(".ps-replay")
    replay.scroll_into_view_if_needed()
    label = replay.locator(".ps-recorded-label").inner_text()
    assert label.startswith("recorded") and recording["seed"] in label and "Nothing is trained here" in label
    iterations, samples = recording["config"]["training"]["iterations"], recording["samples"]
    counter, stage = replay.locator(".ps-iteration"), replay.locator(".ps-stage")
    scrubber = replay.get_by_role("slider", name="Iteration of the recorded run")

    def shows(sample: dict) -> None:
        assert stage.locator(".ps-said").evaluate("(text) => text.textContent") == sample["text"]
        assert sample["phase"] in stage.inner_text() and f"val NLL {sample['val']:.4f}" in stage.inner_text()

    assert counter.inner_text() == f"iter 0 / {iterations}"
    shows(samples[0])
    visit.evaluate("dispatchEvent(new Event('beforeprint'))")
    shows(samples[-1])  # on paper, an empty chart would say nothing
    visit.evaluate("dispatchEvent(new Event('afterprint'))")
    shows(samples[0])
    assert replay.locator("[role=status]").inner_text() == "", "printing announces no phase"
    for sample in samples[1:]:
        replay.get_by_role("button", name="next sample").press("Enter")
        assert counter.inner_text() == f"iter {sample['iteration']} / {iterations}"
        shows(sample)
    scrubber.press("Home")
    visit.page.keyboard.press("ArrowRight")
    assert scrubber.get_attribute("aria-valuetext") == f"iteration 1, val NLL {samples[0]['val']:.4f}"
    replay.get_by_role("combobox", name="Length of the replay").select_option(label="in 30 seconds")
    replay.get_by_role("button", name="Play", exact=True).press("Enter")
    visit.wait_until("!document.querySelector('.ps-replay .ps-iteration').textContent.startsWith('iter 1 ')", 10)
    replay.get_by_role("button", name="Pause", exact=True).press("Enter")
    stopped = counter.inner_text()
    visit.page.wait_for_timeout(300)
    assert counter.inner_text() == stopped
    assert visit.session("[session.status, session.iteration, session.samples.length]") == ["idle", 0, 0]
    assert visit.complaints == []


def test_without_a_script_the_replay_is_a_curve_and_its_samples(site: Path, chromium, recording: dict) -> None:
    page = chromium.new_context(java_script_enabled=False).new_page()
    page.goto(f"{site.as_uri()}/{LESSON}")
    still = page.locator(".ps-replay-still")
    assert still.locator("svg polyline").count() == 2
    said = [text.strip() for text in still.locator(".ps-said").all_text_contents()]
    assert said == [sample["text"].strip() for sample in recording["samples"]]
    island = page.locator(".ps-replay > script").text_content()
    assert len(island.encode()) < ISLAND_BYTES
    assert not page.locator(".ps-replay .ps-primary").is_visible()
