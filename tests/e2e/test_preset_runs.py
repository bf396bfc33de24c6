"""A reader presses preset buttons while the run above trains.

Catches: a run above that does not wait, or loses its place; a verdict that depends on the button; two runs at a time;
a careless switch without effect; Workers that are not ended.
"""

from __future__ import annotations

import pytest

from authoring import presets

PAGE = "trials/presets.html"
RUN = "pressStart.sessions.preset"
NAMES = presets.read().names


def result_of(name: str) -> str:
    """Selector of the result of a preset's last run."""
    return f".ps-preset-list li:nth-child({NAMES.index(name) + 1}) .ps-preset-result"


@pytest.fixture
def page(served: str, visit):
    visit.cores(2)
    visit.go(f"{served}/{PAGE}")
    return visit


def test_the_run_above_waits_and_continues_from_the_same_iteration(page) -> None:
    assert page.page.locator(".ps-preset-list button").count() == len(NAMES)
    assert not page.page.locator(".ps-preset-stage").is_visible(), "nothing was pressed yet"
    page.press("Start")
    page.wait("session.iteration > 20")
    page.press("diverge (lr = 10)")
    assert page.session("session.status") == "waiting"
    page.wait_until(f"{RUN}.iteration > 5")
    stands = page.session("[session.iteration, session.elapsed_ms, session.train_nll]")
    reason, at = "for the run “diverge (lr = 10)” below", f"at iteration {stands[0]:,}"
    assert page.text(".ps-runner .ps-badge") == f"waiting {reason}, {at}"
    page.wait_until(f"{RUN}.status === 'done'")
    page.page.wait_for_timeout(300)  # until the page has drawn it
    verdict = page.text(".ps-verdict")
    assert verdict.startswith("Exploded at iteration "), verdict
    assert f"peaking at {page.evaluate(f'Math.round(Math.max(...{RUN}.history.train)).toLocaleString()')}" in verdict
    page.wait(f"session.iteration > {stands[0]}")
    assert page.session("session.log.map(({ text }) => text)") == [f"waited {at} {reason}, then continued"]
    # A row with only a val loss has no train loss yet.
    losses = [loss for loss in page.session("session.history.train.slice(0, 60)") if loss is not None]
    assert len(losses) > 20
    page.press("Pause")
    page.press("Reset")
    page.press("Start")
    page.wait("session.iteration >= 60")
    assert page.session("session.history.train.slice(0, 60)")[: len(losses)] == losses, "as if it had never waited"
    page.press("Pause")
    assert "exploded at" in page.text(result_of("diverge-fast"))
    assert page.complaints == []


@pytest.mark.full
def test_another_button_ends_the_first_run_and_stop_ends_the_second(page) -> None:
    page.press("noisy")
    page.wait_until(f"{RUN}.iteration > 3")
    page.press("clean")
    page.wait_until(f"{RUN}.iteration > 3 && {RUN}.seed.endsWith('/ clean')")
    page.page.wait_for_timeout(200)
    assert len(page.workers) == 4, "two of the run above, two of this one"
    assert page.text(result_of("noisy")) != "training …"
    page.press("Stop")
    stopped = page.evaluate(f"{RUN}.iteration")
    assert page.evaluate("document.activeElement.textContent") == "clean"
    page.page.wait_for_timeout(300)
    assert page.evaluate(f"{RUN}.iteration") == stopped
    assert len(page.workers) == 2
    assert page.session("session.status") == "idle", "it had not been started"
    assert page.complaints == []


def test_careless_arithmetic_becomes_nan_and_says_where(page) -> None:
    page.page.get_by_text("with careless arithmetic").click()
    page.press("diverge (lr = 10)")
    page.wait_until(f"{RUN}.status === 'diverged'")
    page.page.wait_for_timeout(300)
    words = page.text(".ps-verdict")
    assert words.startswith("NaN at iteration "), words
    assert "is not a number" in words and "e^" in words, words
    iteration = page.evaluate(f"{RUN}.history.train.findIndex(Number.isNaN)")
    assert 0 < iteration < 20 and f"NaN at iteration {iteration}:" in words
    assert page.text(".ps-preset-stage .ps-badge").startswith(f"ended at iteration {iteration} of ")
    assert f" iteration {iteration} of " in page.text(".ps-presets .ps-facts")
    assert page.text(result_of("diverge-fast")).startswith(f"NaN at {iteration},")
    assert "careless arithmetic" in page.text(".ps-presets .ps-facts")
    assert page.complaints == []


def test_a_learning_rate_of_the_readers_own(page) -> None:
    field = page.page.locator(".ps-rate")
    field.fill("a lot")
    page.press("Try it")
    assert "Type a number above 0" in page.text(".ps-rate-hint")
    assert page.evaluate(f"{RUN} === undefined")
    field.fill("2e-2")
    field.press("Enter")
    page.wait_until(f"globalThis.pressStart.sessions.preset && {RUN}.iteration > 2")
    training = page.evaluate(f"{RUN}.options.training")
    assert (training["learning_rate"], training["warmup_iterations"]) == (0.02, 100)
    page.page.get_by_text("with the warm-up of").click()
    page.press("Try it")
    page.wait_until(f"{RUN}.options.training.warmup_iterations === 0 && {RUN}.iteration > 2")
    assert page.text(".ps-preset-title") == "lr = 0.02 without warm-up"
    page.press("Stop")
    assert page.text(".ps-rate-hint") == ""


@pytest.mark.full
def test_unmounted_and_mounted_again_it_shows_the_same(page) -> None:
    page.press("diverge (lr = 10)")
    page.wait_until(f"{RUN}.status === 'done'")
    page.page.wait_for_timeout(300)
    parts = "'.ps-presets :is(p:not(.ps-unseen), li)'"
    shown = f"[...document.querySelectorAll({parts})].filter((one) => one.offsetParent)"
    look = f"{shown}.map((one) => one.innerText)"
    before = page.evaluate(look)
    page.evaluate("pressStart.mount(document.querySelector('[data-ps=presets]'))")
    assert page.evaluate(look) == before
    assert "Exploded" in " ".join(before)
