"""The page stands still in the middle of a run: its process is stopped, or it is kept for the Back button.

Catches: time that counts although nothing was trained, and estimates that take long to recover.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser

AWAY_S = 6
CLOCK = "[session.elapsed_ms + session.measuring_ms, session.time_left_ms, session.iteration]"


def started(visit, served: str) -> tuple[float, float, int]:
    visit.go(f"{served}/trials/tiny.html")
    visit.press("Start")
    visit.wait("session.iteration > 60 && session.iterations_per_second")
    return visit.session(CLOCK)


def nothing_counted(visit, before: tuple[float, float, int], away_at: float) -> None:
    visit.wait(f"session.iteration > {before[2] + 60}")
    spent, left, _ = visit.session(CLOCK)
    awake_s = time.monotonic() - away_at - AWAY_S
    assert spent - before[0] < awake_s * 1000 + 1000, (before, spent, awake_s)
    assert left < 3 * before[1] + 5000, (before, left)


@pytest.mark.full
@pytest.mark.skipif(os.name == "nt", reason="Windows stops no process by a signal")
def test_a_process_that_was_stopped_has_trained_nothing_meanwhile(
    served: str, visit, launch: Callable[..., Browser]
) -> None:
    browser = launch()
    visit = type(visit)(browser.new_page())
    before, away_at = started(visit, served), time.monotonic()
    processes = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    renderers = [process["id"] for process in processes if process["type"] == "renderer"]
    assert renderers
    for process in renderers:
        os.kill(process, signal.SIGSTOP)
    time.sleep(AWAY_S)
    for process in renderers:
        os.kill(process, signal.SIGCONT)
    nothing_counted(visit, before, away_at)


@pytest.mark.full
def test_a_page_that_was_kept_for_the_back_button_has_trained_nothing_meanwhile(
    served: str, tab, launch: Callable[..., Browser]
) -> None:
    visit = type(tab)(launch(ignore_default_args=["--disable-back-forward-cache"]))
    before, away_at = started(visit, served), time.monotonic()
    visit.evaluate("(addEventListener('pageshow', ({ persisted }) => { globalThis.kept = persisted; }), null)")
    visit.evaluate(f"(location.assign('{served}/credits.html'), null)")
    time.sleep(AWAY_S)
    visit.evaluate("(history.back(), null)")
    visit.wait_until("globalThis.kept", 10)
    nothing_counted(visit, before, away_at)
