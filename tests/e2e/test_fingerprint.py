"""A seed gives the same weights in the browser and without it, with any number of Workers, whatever the reader does.

That holds for each of the CPU engine's two modules. A Chromium with a flag against fused multiply-add stands for
a processor that has none.

Catches: a sum whose order depends on the Workers, a hash that exists only in a secure context, a measurement that
changes a random stream.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from by_module import WITHOUT_FMA, by_module

LESSON = "lessons/watch-it-learn.html"
WORKERS = [pytest.param(n, marks=[] if n == 2 else pytest.mark.full) for n in (1, 2, 4)]  # eight: test_choice.py
# Saves the run, begins another, refuses a damaged file, and loads the saved one.
SAVED_AND_LOADED = """async () => {
  const session = pressStart.sessions.main, file = await session.save(), { state } = await session.hashes();
  const damaged = new Uint8Array(await file.arrayBuffer());
  damaged[damaged.length - 1] ^= 1;
  session.reset("ophelia");
  const refused = await session.load(damaged).catch((error) => error.message);
  return { ...await session.load(new File([file], "run.safetensors")), state, refused };
}"""
DIGITS = 1e-6  # a recorded run rounds losses to seven digits


def trained_to(iteration: int, visit, url: str) -> str:
    visit.go(url)
    visit.pause_at_sample(iteration)
    visit.press("Start")
    visit.wait("session.status === 'paused'")
    assert visit.session("session.iteration") == iteration
    return visit.session("session.fingerprint()")


@pytest.mark.full
def test_without_a_browser_the_number_of_workers_changes_nothing(record: Callable[[int], dict], recorded: dict) -> None:
    again = record(4)
    assert again == recorded
    assert again["seed"] == "hamlet" and again["fingerprint"] == again["fingerprints"]["50"]


@pytest.mark.full
@pytest.mark.parametrize("workers", WORKERS)
def test_a_browser_that_rounds_twice_trains_the_weights_of_the_other_module(
    served: str, visit_with, recorded: dict, workers: int
) -> None:
    visit = visit_with(WITHOUT_FMA)
    visit.cores(workers)
    assert trained_to(50, visit, f"{served}/{LESSON}") == by_module(recorded, "base")["fingerprint"]
    assert len(visit.workers) == workers
    assert visit.session("session.engine.module") == "base"
    line = visit.page.locator(".ps-runner .ps-facts").first.inner_text()
    assert "rounding twice" in line and "This browser rounds twice where our recordings round once" in line


@pytest.mark.parametrize("workers", WORKERS)
def test_the_page_trains_the_same_weights(served: str, visit, recorded: dict, workers: int) -> None:
    visit.cores(workers)
    assert trained_to(50, visit, f"{served}/{LESSON}") == recorded["fingerprint"]
    assert len(visit.workers) == workers
    assert visit.session("session.engine.description").startswith(f"CPU engine, {workers} Worker")
    assert visit.session("session.engine.module") == recorded["module"]
    line = visit.page.locator(".ps-runner .ps-facts").first.inner_text()
    assert ("rounds twice" in line) == (recorded["module"] == "base")
    for shown, sample in zip(visit.session("session.samples"), recorded["samples"], strict=True):
        assert (shown["iteration"], shown["phase"], shown["prompt"]) == tuple(
            sample[key] for key in ("iteration", "phase", "prompt")
        )
        assert shown["val"] == pytest.approx(sample["val"], rel=DIGITS)
        # In the recorded run iteration 50 is the last, with a full sample; in the lesson it is early, with a short one.
        assert sample["text"].startswith(shown["text"])
    losses = [row["train"] for row in recorded["curve"][:50]]
    assert visit.session("session.history.train.slice(0, 50)") == pytest.approx(losses, rel=DIGITS)


@pytest.mark.full
def test_a_page_outside_a_secure_context_has_a_fingerprint_too(served: str, visit_with, recorded: dict) -> None:
    """A teacher's server on a LAN address: the browser hides crypto.subtle there."""
    visit = visit_with("--host-resolver-rules=MAP lan.test 127.0.0.1")
    fingerprint = trained_to(25, visit, served.replace("127.0.0.1", "lan.test") + f"/{LESSON}")
    assert visit.page.evaluate("[isSecureContext, typeof crypto.subtle]") == [False, "undefined"]
    assert fingerprint == recorded["fingerprints"]["25"]
    facts = visit.page.evaluate(SAVED_AND_LOADED)
    assert facts["hashes"] == {"weights": fingerprint, "state": facts["state"]} and facts["unlike"] is None
    assert facts["about"]["engine"] == f"cpu-{recorded['module']}" and facts["refused"].endswith(
        "does not match its content."
    )
    assert (visit.session("session.iteration"), visit.session("session.seed")) == (25, recorded["seed"])
    assert visit.session("session.fingerprint()") == fingerprint


@pytest.mark.full
def test_samples_do_not_change_the_training(served: str, visit) -> None:
    weights = []
    for page, samples in (("tiny-120", [0, 25, 50, 100, 120]), ("tiny-120-without-early-samples", [0, 120])):
        visit.go(f"{served}/trials/{page}.html")
        visit.session("session.start()")
        visit.wait("session.status === 'done'")
        assert visit.session("session.samples.map(({ iteration }) => iteration)") == samples
        weights.append(visit.session("session.fingerprint()"))
    assert weights[0] == weights[1]


@pytest.mark.full
def test_a_fingerprint_taken_in_the_middle_does_not_stop_the_run(served: str, visit) -> None:
    visit.go(f"{served}/trials/tiny-120.html")
    visit.session("session.start()")
    visit.wait("session.iteration > 5")
    first = visit.session("session.fingerprint()")
    visit.wait("session.status === 'done'")
    last = visit.session("session.fingerprint()")
    assert first != last and len(first) == len(last) == 64
