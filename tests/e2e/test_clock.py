"""The page's process is stopped in the middle of a run.

Catches: counted time during which nothing was trained, and estimates that recover slowly.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser

AWAY_S = 6
LESSON = "lessons/watch-it-learn.html"
CLOCK = "[session.elapsed_ms + session.measuring_ms, session.time_left_ms, session.iteration]"


def started(visit, url: str) -> tuple[float, float, int]:
    """Starts a run and waits for the middle of a stretch of training, because samples are not timed."""
    visit.go(url)
    visit.press("Start")
    visit.wait("session.iteration > 27 && session.detail.startsWith('training')")
    return visit.session(CLOCK)


def nothing_counted(visit, before: tuple[float, float, int], away_at: float) -> None:
    visit.wait(f"session.iteration > {before[2] + 8}")
    spent, left, _ = visit.session(CLOCK)
    awake_s = time.monotonic() - away_at - AWAY_S
    assert spent - before[0] < awake_s * 1000 + 1000, (before, spent, awake_s)
    assert left < 3 * before[1] + 5000, (before, left)


@pytest.mark.full
@pytest.mark.skipif(os.name == "nt", reason="Windows stops no process by a signal")
def test_time_does_not_count_while_the_process_is_stopped(served: str, visit, launch: Callable[..., Browser]) -> None:
    browser = launch()
    visit = type(visit)(browser.new_page())
    before, away_at = started(visit, f"{served}/{LESSON}"), time.monotonic()
    processes = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    renderers = [process["id"] for process in processes if process["type"] == "renderer"]
    assert renderers
    for process in renderers:
        os.kill(process, signal.SIGSTOP)
    time.sleep(AWAY_S)
    for process in renderers:
        os.kill(process, signal.SIGCONT)
    nothing_counted(visit, before, away_at)

    # The browser's events about a frozen or cached page reach every clock of the page.
    visit.session("(globalThis.doubts = 0, session.doubtClock = () => doubts++, null)")
    visit.evaluate("""(() => {
        for (const event of ['freeze', 'resume']) document.dispatchEvent(new Event(event));
        for (const persisted of [true, false]) dispatchEvent(new PageTransitionEvent('pageshow', { persisted }));
    })()""")
    assert visit.evaluate("doubts") == 3
