"""Failures in a reader's browser: the page explains each and says what to do, and doing that works.

Catches: a page that hangs or silently continues, a raw error message instead of a sentence, a reset that does not help.
"""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

# Failures that a browser could cause, simulated in every Worker.
NO_SIMD = "WebAssembly.validate = () => false;"
NO_MEMORY = "WebAssembly.instantiate = () => Promise.reject(new RangeError('Out of memory'));"
THROWS_LATER = "setTimeout(() => { throw new Error('boom'); }, 1500);"
TRAPS = """
const instantiate = WebAssembly.instantiate;
let calls = 0;
WebAssembly.instantiate = async (...given) => {
  const { instance } = await instantiate(...given);
  const trap = (call) => (...values) => {
    if (++calls === 200) throw new WebAssembly.RuntimeError('unreachable');
    return call(...values);
  };
  const exports = Object.entries(instance.exports);
  const wrapped = exports.map(([name, one]) => [name, typeof one === 'function' ? trap(one) : one]);
  return { instance: { exports: Object.fromEntries(wrapped) } };
};
"""
# A fake graphics card that accepts every call, reports no error and returns only zeros.
ZEROS = """
const answers = {
  info: { description: 'ACME Zero 3000' }, features: new Set(), isFallbackAdapter: false, lost: new Promise(() => {}),
  [Symbol.toPrimitive]: () => 2 ** 31,
  mapAsync: async () => {}, onSubmittedWorkDone: async () => {}, popErrorScope: async () => null,
  getMappedRange: (at, bytes) => new ArrayBuffer(bytes), getCompilationInfo: async () => ({ messages: [] }),
};
const card = new Proxy(function () {}, {
  get: (_, name) => name in answers ? answers[name] : name === 'then' ? undefined : card,
  apply: () => card,
});
for (const name of ['requestAdapter', 'requestDevice', 'createComputePipelineAsync']) answers[name] = async () => card;
Object.defineProperty(navigator, 'gpu', { value: card });
"""
AGAIN = "Press reset to begin again from the same seed."
CASES = {
    "no SIMD": (
        NO_SIMD,
        "This browser does not run WebAssembly with SIMD, which the engine needs.",
        "Update the browser: all versions since 2023 run it.",
    ),
    "no memory": (
        NO_MEMORY,
        "The browser has no memory left for this model.",
        f"Close other tabs. {AGAIN}",
    ),
    "a Worker throws": (
        THROWS_LATER,
        "A Worker of the engine ended unexpectedly (Uncaught Error: boom).",
        AGAIN,
    ),
    "the engine traps": (TRAPS, "A Worker of the engine ended unexpectedly (unreachable).", AGAIN),
}


def failed(visit) -> dict:
    visit.wait_until("pressStart.sessions.main.status === 'failed'")
    return visit.session("session.failure")


@pytest.mark.parametrize(
    ("case", "workers"),
    [
        pytest.param(case, workers, marks=[] if (case, workers) == ("no SIMD", 2) else [pytest.mark.full])
        for case in CASES
        for workers in (1, 2)
    ],
)
def test_a_failure_is_explained_and_reset_helps_once_the_cause_is_gone(
    served: str, visit, case: str, workers: int
) -> None:
    program, message, way_out = CASES[case]
    visit.cores(workers)
    visit.in_workers(program)
    visit.go(f"{served}/trials/tiny.html")
    visit.press("Start")
    assert failed(visit) == {"message": message, "way_out": way_out}
    alert = visit.page.get_by_role("alert").filter(visible=True)
    assert alert.inner_text() == f"{message} {way_out}"
    assert visit.badge == "stopped"
    assert visit.page.get_by_role("button", name="Start", exact=True).is_disabled()
    assert visit.evaluate("pressStart.sessions.main.fingerprint().catch(({ message }) => message)") == message
    assert visit.workers == [], "nothing goes on behind a failure"

    visit.cure()  # before the reset, which immediately prepares a new engine
    visit.press("Reset")
    assert visit.session("[session.status, session.failure, session.iteration]") == ["idle", None, 0]
    assert alert.count() == 0
    visit.press_when_read("Start")
    visit.wait("session.iteration > 30")
    assert visit.complaints == []


@pytest.mark.full
@pytest.mark.parametrize("one", [pytest.param(0, marks=pytest.mark.full), 1])
def test_a_worker_that_ends_silently_does_not_block_the_next_run(served: str, visit, one: int) -> None:
    """No browser reports that a Worker has closed itself; the reader sees a counter that stands still."""
    visit.cores(2)
    visit.go(f"{served}/trials/tiny.html")
    visit.press("Start")
    visit.wait("session.iteration > 25")
    visit.workers[one].evaluate("close()")
    visit.page.wait_for_timeout(1500)
    stands = visit.session("session.iteration")
    visit.page.wait_for_timeout(500)
    assert visit.session("session.iteration") == stands
    visit.press("Reset")
    visit.press("Start")
    visit.wait("session.iteration > 25", 20)
    assert visit.complaints == []


def test_a_damaged_text_is_reported(site: Path, served: str, visit) -> None:
    page = (site / "trials/tiny.html").read_text(encoding="utf-8")
    script = site / "assets/press-start" / re.search(r"corpus-[\w-]+\.js", page).group()
    text = script.read_text(encoding="utf-8")
    middle = text.index('"gzip_base64"') + 50_000
    damaged = text[:middle] + text[middle : middle + 100][::-1] + text[middle + 100 :]
    assert damaged != text
    visit.page.route("**/corpus-*.js", lambda route: route.fulfill(body=damaged, content_type="text/javascript"))
    visit.go(f"{served}/trials/tiny.html")
    visit.press("Start")
    assert failed(visit) == {
        "message": "The text that came with this page could not be unpacked.",
        "way_out": "Reload the page. If that does not help, build or copy the site again. "
        "A server must send .js files whole and as text/javascript.",
    }
    visit.page.unroute("**/corpus-*.js")
    visit.page.reload()
    visit.wait_mounted()
    visit.press("Start")
    visit.wait("session.iteration > 5")


def test_a_missing_text_is_reported_in_place_of_the_runner(served: str, visit) -> None:
    visit.page.route("**/corpus-*.js", lambda route: route.abort())
    visit.page.goto(f"{served}/trials/tiny.html")
    alert = visit.page.get_by_role("alert").first
    alert.wait_for()
    assert "did not arrive with this page. Reload it, or build or copy the site again." in alert.inner_text()


@pytest.mark.full
def test_an_infinite_or_nan_loss_ends_the_run_as_diverged_and_keeps_earlier_results(served: str, visit) -> None:
    visit.go(f"{served}/trials/too-fast.html")
    visit.press("Start")
    visit.wait_until("pressStart.sessions.main.status === 'diverged'")
    losses = visit.session("session.history.train.map((loss) => loss === null ? 'none' : String(loss))")
    at = next(i for i, loss in enumerate(losses) if not math.isfinite(float(loss.replace("Infinity", "inf"))))
    assert 25 < at < 100
    assert visit.badge == f"diverged: the loss at iteration {at} is not a number"
    assert visit.text(".ps-iteration").startswith(f"iter {at} /"), "one count everywhere"
    assert visit.session("session.failure") is None
    assert "Weight decay multiplies the weights" in visit.text(".ps-notes"), "the page says why"
    assert len(losses) == at + 1, "no loss follows the first infinite or NaN one"
    assert [sample["iteration"] for sample in visit.session("session.samples")] == [0, 25]
    drawn = "document.querySelector('.ps-stage .ps-said').textContent === pressStart.sessions.main.samples[1].text"
    visit.wait_until(drawn, 5)
    assert len(visit.session("session.fingerprint()")) == 64
    visit.press_when_read("Start again")
    visit.press_when_read("Replace it")
    visit.wait_until("pressStart.sessions.main.status === 'diverged'")
    again = visit.session("session.history.train.map((loss) => loss === null ? 'none' : String(loss))")
    assert again == losses


@pytest.mark.full
def test_a_card_that_computes_zeros_is_named_and_the_cpu_engine_trains(served: str, visit) -> None:
    """Other kinds of wrong cards: wrong_card_test.ts and cross_check_test.ts in tests/engine/."""
    visit.in_workers(ZEROS)
    visit.go(f"{served}/trials/tiny.html")
    visit.session("session.prefer('fastest')")  # which visit.go() had replaced by the CPU engine
    for _ in range(2):
        visit.session("session.start()")
        visit.wait("session.iteration > 25")
        visit.session("session.pause()")
        facts = visit.text(".ps-facts")
        assert facts.startswith("CPU engine"), facts
        assert "This graphics card computes wrong results. ACME Zero 3000: the loss at iteration 0 is 0.0000" in facts
        assert facts.endswith("use the graphics card"), "the reader may have it tried again"
        assert visit.session("session.samples[0].val") > 2
        assert visit.session("session.history.train.slice(0, 20).every((loss) => loss > 1)")
        visit.session("session.reset()")
    visit.cure()
    visit.press("use the graphics card")
    visit.session("session.start()")
    visit.wait("session.iteration > 5")
    assert "wrong results" not in visit.text(".ps-facts"), "another card, or none, is judged again"
    assert visit.complaints == []


@pytest.mark.full
def test_an_error_in_a_listening_script_does_not_end_the_run(served: str, visit) -> None:
    visit.go(f"{served}/trials/tiny.html")
    visit.session("session.on('metrics', () => { throw new Error('a mistake'); }) && null")
    visit.press("Start")
    visit.wait("session.iteration > 30")
    assert visit.session("session.failure") is None
    assert set(visit.complaints) == {"a mistake"}, "the console says whose mistake it was"


SHIFTS = """
globalThis.shifts = [];
new PerformanceObserver((list) => {
  for (const { hadRecentInput, value, sources } of list.getEntries()) {
    if (!hadRecentInput) shifts.push([value, ...sources.map(({ node }) => node?.outerHTML?.slice(0, 80) ?? "")]);
  }
}).observe({ type: "layout-shift" });
"""


@pytest.mark.full
def test_while_a_card_does_not_answer_the_page_offers_the_cpu_engine(served: str, visit) -> None:
    """Tests the runner and a preset. The Worker hangs in a call to the browser, so only ending it helps. The button
    offered while the page waits does not move anything else.
    """
    visit.in_workers("navigator.gpu.requestAdapter = () => { for (;;); };")
    visit.page.set_viewport_size({"width": 360, "height": 900})
    visit.go(f"{served}/trials/presets.html")
    page = visit.page
    runner, stage = page.locator(".ps-runner"), page.locator(".ps-preset-stage")
    to_card = runner.get_by_role("button", name="use the graphics card")
    to_cpu = runner.get_by_role("button", name="use the CPU engine")
    page.wait_for_timeout(600)  # the time that a reader needs to read its label
    page.evaluate(SHIFTS)
    to_card.click()  # the tests chose the CPU engine
    to_cpu.wait_for()
    assert visit.session("session.status") == "idle", "the engine gets ready before the start"
    visit.press("Start")
    assert (visit.session("session.status"), visit.badge) == ("loading", "waiting for the graphics card to answer")
    page.wait_for_timeout(600)
    to_cpu.click()
    visit.wait("session.iteration > 0")
    assert visit.session("[session.engine.kind, session.engine.instead, session.samples.length]") == ["cpu", None, 1]

    page.wait_for_timeout(600)
    to_card.click()
    page.locator("[data-preset='clean'] button").click()
    stage.get_by_role("button", name="use the CPU engine").click()
    visit.wait_until("pressStart.sessions.preset.iteration > 0")
    assert not stage.get_by_role("button", name="use the CPU engine").is_visible()
    assert visit.evaluate("shifts.filter(([value]) => value > 0.001)") == []
    stage.get_by_role("button", name="Stop").click()
    assert visit.complaints == []
