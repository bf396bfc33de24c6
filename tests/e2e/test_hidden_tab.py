"""The reader really switches to another tab, so the browser itself hides the page.

Catches: training that continues unseen, a clock that keeps running, a manual pause that ends by itself, an iteration
lost or repeated, a page that does not say what happened.
"""

from __future__ import annotations

import time

import pytest

from by_module import by_module

LESSON = "lessons/watch-it-learn.html"
STATE = "[session.iteration, session.elapsed_ms, session.history.iteration.length, session.samples.length]"
# Counts three kinds of ticks: timers of the page and of a Worker, fifty a second, and animation frames.
COUNT = """(() => {
  const program = "let ticks = 0; setInterval(() => ticks++, 20); onmessage = () => postMessage(ticks);";
  const worker = new Worker(URL.createObjectURL(new Blob([program])));
  let ticks = 0, frames = 0;
  setInterval(() => ticks++, 20);
  const draw = () => {
    frames++;
    requestAnimationFrame(draw);
  };
  draw();
  globalThis.counts = () => new Promise((tell) => {
    worker.onmessage = ({ data }) => tell([data, ticks, frames]);
    worker.postMessage(null);
  });
})()"""
HIDDEN = "paused (tab in background)"


def seen_to_rest(tab) -> list:
    """The state once the running iteration has ended. Asserts that nothing changes any more."""
    time.sleep(0.5)
    state = tab.session(STATE)
    time.sleep(1.5)
    assert tab.session(STATE) == state
    return state


def test_a_hidden_run_waits_and_continues_from_the_same_iteration(served: str, tab, recorded: dict) -> None:
    tab.go(f"{served}/{LESSON}")
    title = tab.evaluate("document.title")
    tab.pause_at_sample(50)
    tab.press("Start")
    tab.wait("session.iteration > 5")
    tab.leave()
    assert tab.session("session.status") == "hidden"
    assert tab.badge == HIDDEN
    assert tab.evaluate("document.title") == f"{HIDDEN} · {title}"
    iteration = seen_to_rest(tab)[0]
    assert tab.session("session.status") == "hidden" and tab.badge == HIDDEN
    assert tab.counter == f"iter {iteration} / 2000"

    tab.come_back()
    tab.wait("session.log.length > 0")
    said = f"was paused at iteration {iteration} while the tab was in the background, then continued"
    assert tab.badge == said and tab.evaluate("document.title") == title
    note = f"tab in background: paused at iteration {iteration}, then continued"
    assert tab.session("session.log") == [{"iteration": iteration, "text": note}]
    assert tab.text(".ps-notes") == note
    tab.wait(f"session.iteration > {iteration}")

    # Leaves again, while the model writes.
    tab.wait("session.speaking && session.iteration === 25")
    tab.leave()
    assert seen_to_rest(tab)[0] == 25
    tab.come_back()
    tab.wait("session.status === 'paused'")
    assert tab.session("session.iteration") == 50
    module = tab.session("session.engine.module")
    assert tab.session("session.fingerprint()") == by_module(recorded, module)["fingerprint"]
    assert note in tab.text(".ps-log")


@pytest.mark.full
def test_for_two_seconds_the_badge_reports_the_pause_whatever_happens(served: str, tab) -> None:
    tab.go(f"{served}/trials/tiny.html")
    tab.press("Start")
    tab.wait("session.iteration > 5")
    tab.leave()
    iteration = seen_to_rest(tab)[0]
    tab.session("(globalThis.badges = [], session.on('status', () => badges.push([session.detail, Date.now()])), null)")
    tab.come_back()
    tab.wait("session.log.length > 0 && !session.detail.startsWith('was paused')")
    said = f"was paused at iteration {iteration} while the tab was in the background, then continued"
    badges = tab.evaluate("badges")
    first = next(i for i, (detail, _) in enumerate(badges) if detail == said)
    (_, begin), (_, end) = badges[first : first + 2]
    assert 1900 < end - begin < 3000
    assert tab.session("session.samples.length") > 1, "a tiny model measures and writes in that time"


@pytest.mark.full
def test_a_manual_pause_stays_a_pause(served: str, tab) -> None:
    tab.go(f"{served}/trials/tiny.html")
    title = tab.evaluate("document.title")
    tab.press("Start")
    tab.wait("session.iteration > 5")
    tab.press("Pause")
    state = seen_to_rest(tab)
    tab.leave()
    assert tab.session("session.status") == "paused" and tab.evaluate("document.title") == title
    tab.come_back()
    time.sleep(1)
    assert tab.session("session.status") == "paused" and tab.session(STATE) == state
    assert tab.session("session.log") == []


@pytest.mark.full
def test_a_pause_by_script_while_hidden_ends_the_wait(served: str, tab) -> None:
    tab.go(f"{served}/trials/tiny.html")
    tab.press("Start")
    tab.wait("session.iteration > 5")
    tab.leave()
    tab.session("session.pause()")
    tab.come_back()
    state = seen_to_rest(tab)
    assert tab.session("session.status") == "paused"
    tab.press("Resume")
    tab.wait(f"session.iteration > {state[0]}")
    assert not tab.badge.startswith("was paused"), "it was the script that paused it"


@pytest.mark.full
def test_a_run_started_in_a_hidden_tab_waits_until_it_is_visible(served: str, tab) -> None:
    tab.leave()
    tab.go(f"{served}/trials/tiny.html")
    tab.session("session.start()")
    assert tab.session("session.status") == "hidden"
    assert seen_to_rest(tab)[0] == 0
    tab.come_back()
    tab.wait("session.iteration > 5")


@pytest.mark.full
def test_leaving_and_coming_back_again_and_again_changes_nothing(served: str, tab) -> None:
    tab.go(f"{served}/trials/tiny-120.html")
    tab.session("session.start()")
    tab.wait("session.status === 'done'")
    history, weights = tab.session("session.history"), tab.session("session.fingerprint()")
    tab.session("(session.reset(), session.start())")
    for _ in range(8):
        tab.leave()
        tab.come_back()
    tab.wait("session.status === 'done'")
    assert tab.session("session.history") == history
    assert tab.session("session.fingerprint()") == weights


@pytest.mark.full
def test_a_hidden_tab_throttles_the_page_but_not_its_workers(served: str, as_people_start_it) -> None:
    """As docs/reference/departures.md says: 50 ticks a second in a Worker, one in the page, and no frames."""
    tab = as_people_start_it
    tab.go(f"{served}/trials/tiny.html")
    tab.evaluate(COUNT)
    tab.leave()
    time.sleep(1.5)
    before, begin = tab.evaluate("counts()"), time.monotonic()
    time.sleep(6)
    after, seconds = tab.evaluate("counts()"), time.monotonic() - begin
    worker, page, frames = ((b - a) / seconds for a, b in zip(before, after, strict=True))
    assert 40 < worker <= 51 and page < 1.5 and frames == 0, (worker, page, frames)
