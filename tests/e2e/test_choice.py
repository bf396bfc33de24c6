"""The faster engine is chosen by measurement, in a real browser. Chromium's SwiftShader is the slow graphics card.

Catches: a choice that a real card, a real store or a page from a disk prevents, or that the page does not explain.
"""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from by_module import WITHOUT_FMA, by_module
from kept_engines import STORED, kept_in, storing_eight_workers

SWIFTSHADER = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"]
PAGE = "trials/tiny.html?software-gpu"
LESSON = "lessons/watch-it-learn.html"
# The tests' other pages choose the CPU engine; these leave the choice to the page.
ALIVE = "document.querySelector('.ps-mounted') && !document.querySelector('[data-ps]:not(.ps-mounted)')"
NO_STORE = "Object.defineProperty(globalThis, 'localStorage', { get() { throw new Error('storage is off'); } })"
SHIFTS = """
globalThis.shifts = [];
new PerformanceObserver((list) => {
  for (const { value, sources } of list.getEntries()) {
    if (value > 0.001) shifts.push([value, ...sources.map(({ node }) => node?.outerHTML?.slice(0, 80) ?? "")]);
  }
}).observe({ type: "layout-shift" });
"""
# Each gradient takes a fifth of a second more.
SLOW_CPU = """
const instantiate = WebAssembly.instantiate;
WebAssembly.instantiate = async (...given) => {
  const { instance } = await instantiate(...given);
  const { gradients } = instance.exports;
  const slowly = (...values) => {
    for (const end = performance.now() + 200; performance.now() < end;);
    return gradients(...values);
  };
  return { instance: { exports: { ...instance.exports, gradients: slowly } } };
};
"""
# Once the engine exists, each answer of the card takes four seconds more.
SLOW_CARD = """
const { mapAsync } = GPUBuffer.prototype, post = self.postMessage.bind(self);
let slow = false;
self.postMessage = (message, ...rest) => {
  slow ||= message.type === 'created';
  post(message, ...rest);
};
GPUBuffer.prototype.mapAsync = async function (...given) {
  if (slow) await new Promise((resolve) => setTimeout(resolve, 4000));
  return await mapAsync.apply(this, given);
};
"""


@pytest.fixture
def base(request: pytest.FixtureRequest, site: Path, serve_folder) -> str:
    return site.as_uri() if request.param == "file" else serve_folder(site)


@pytest.fixture
def visit(visit_with):
    return visit_with(*SWIFTSHADER)


def compared(visit) -> None:
    """Waits until the page says what both engines made."""
    visit.wait("session.measured")
    visit.wait_until("document.querySelector('.ps-facts').textContent.includes('iterations a second here')", 5)


def workers_left(visit, count: int) -> bool:
    """Whether there soon are only so many Workers: browsers end them in the background."""
    end = time.monotonic() + 10
    while len(visit.workers) != count and time.monotonic() < end:
        visit.page.wait_for_timeout(50)
    return len(visit.workers) == count


def opened(visit, base: str) -> None:
    visit.page.goto(f"{base}/{PAGE}")
    visit.wait_until(ALIVE)


def numbers(words: str, facts: str) -> list[float]:
    found = re.search(words, facts)
    assert found, facts
    return [float(number.replace(",", "")) for number in found.groups()]


@pytest.mark.full
@pytest.mark.parametrize("base", ["file", "http"], indirect=True)
def test_the_cpu_engine_beats_a_slow_card_and_the_browser_remembers_it(base: str, visit) -> None:
    visit.cores(2)
    visit.page.set_viewport_size({"width": 360, "height": 900})
    visit.page.add_init_script(SHIFTS)
    opened(visit, base)
    visit.evaluate("shifts.splice(0)")
    compared(visit)
    cpu, card = numbers(
        r"^CPU engine, 2 Workers: ([\d.,]+) iterations a second here; "
        r"the graphics card google swiftshader ran ([\d.,]+)\. ",
        visit.text(".ps-facts"),
    )
    assert cpu >= 1.2 * card > 0
    assert visit.text(".ps-facts").endswith("use the graphics card")
    assert workers_left(visit, 2), "the card's Worker has ended"
    assert visit.evaluate("shifts") == [], "the words have room where they appear"
    kept = kept_in(visit.evaluate(STORED))
    assert list(kept["cards"].values()) == [visit.session("session.measured")]
    visit.press("Start")
    visit.wait("session.iteration > 40")
    assert visit.session("session.engine.kind") == "cpu"
    losses = "session.history.train.slice(0, 40)"
    compared_before = visit.session(losses)
    visit.session("(session.prefer('cpu'), session.start(), null)")
    visit.wait("session.iteration > 40")
    assert visit.session(losses) == compared_before, "the comparison has not changed the run"

    opened(visit, base)
    visit.wait("session.engine")
    assert visit.session("[session.engine.kind, session.measured]") == ["cpu", *kept["cards"].values()]
    visit.wait("session.time_left_ms")
    assert kept_in(visit.evaluate(STORED)) == kept
    visit.page.wait_for_timeout(600)
    visit.press("use the graphics card")
    visit.wait("session.engine?.kind === 'webgpu'")
    compared(visit)
    facts = visit.text(".ps-facts")
    assert numbers(r"It ran ([\d.,]+) iterations a second here, the CPU engine ([\d.,]+)\. ", facts) == [card, cpu]
    assert facts.endswith("use the CPU engine")
    assert visit.complaints == []


@pytest.mark.full
@pytest.mark.parametrize("base", ["http", pytest.param("file", marks=pytest.mark.full)], indirect=True)
def test_a_card_beats_a_slow_cpu_engine(base: str, visit) -> None:
    visit.cores(2)
    visit.in_workers(SLOW_CPU)
    opened(visit, base)
    compared(visit)
    facts = visit.text(".ps-facts")
    card, cpu = numbers(
        r"^WebGPU engine, .*It ran ([\d.,]+) iterations a second here, the CPU engine ([\d.,]+)\. ", facts
    )
    assert cpu < 1.2 * card
    assert facts.endswith("use the CPU engine")
    assert workers_left(visit, 1), "the CPU engine's Workers have ended"
    visit.press("Start")
    visit.wait("session.iteration > 5")
    assert visit.session("session.engine.kind") == "webgpu"
    assert visit.complaints == []


@pytest.mark.full
@pytest.mark.parametrize("base", ["http"], indirect=True)
def test_without_storage_the_choice_holds_for_the_page(base: str, visit) -> None:
    visit.cores(2)
    visit.page.add_init_script(NO_STORE)
    opened(visit, base)
    visit.wait("session.measured")
    assert visit.session("session.engine.kind") == "cpu"
    visit.press("Start")
    visit.wait("session.iteration > 5")
    assert visit.session("session.engine.kind") == "cpu"


@pytest.mark.full
@pytest.mark.parametrize("base", ["http", pytest.param("file", marks=pytest.mark.full)], indirect=True)
def test_a_reader_need_not_wait_for_a_card_that_answers_slowly(base: str, visit) -> None:
    visit.cores(2)
    visit.in_workers(SLOW_CARD)
    opened(visit, base)
    visit.wait("session.waits_for_gpu && session.engine")
    to_cpu = visit.page.get_by_role("button", name="use the CPU engine")
    assert to_cpu.is_visible()
    visit.press("Start")
    assert (visit.session("session.status"), visit.badge) == ("loading", "waiting for the graphics card to answer")
    to_cpu.click()
    visit.wait("session.iteration > 0", 3)
    assert visit.session("[session.engine.kind, session.iterations]") == ["cpu", 3000]
    assert workers_left(visit, 2), "the Worker that waited for the card has ended"
    assert visit.complaints == []


@pytest.mark.full
@pytest.mark.parametrize("arguments", [[], [WITHOUT_FMA]], ids=["rounds once", "rounds twice"])
def test_eight_workers_train_the_same_weights(served: str, visit_with, recorded: dict, arguments: list[str]) -> None:
    """In a browser that remembers that eight are faster, which this machine's own cores need not find."""
    first, second = visit_with(*arguments), visit_with(*arguments)
    for visit in (first, second):
        visit.cores(8)
    first.page.goto(f"{served}/{LESSON}")
    first.wait_until(ALIVE)
    first.wait_until(f"{STORED} !== null")
    assert first.session("session.status") == "idle"
    stored = first.evaluate(STORED)
    kept = kept_in(stored)
    assert kept["workers"] in (4, 8) and kept["cards"] == {}
    assert workers_left(first, kept["workers"]), "those that are not needed have ended"

    second.page.add_init_script(storing_eight_workers(stored))
    second.page.goto(f"{served}/{LESSON}")
    second.wait_until(ALIVE)
    second.pause_at_sample(50)
    second.press("Start")
    second.wait("session.status === 'paused'")
    assert second.session("session.iteration") == 50
    assert second.session("session.engine.description").startswith("CPU engine, 8 Workers")
    module = "base" if arguments else recorded["module"]
    assert second.session("session.engine.module") == module
    assert second.session("session.fingerprint()") == by_module(recorded, module)["fingerprint"]
