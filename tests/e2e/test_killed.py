"""A browser that is killed at any moment of training or of saving loses at most 200 iterations or five seconds.

Catches: a save that replaces the last good one before it is whole, a store that a crash leaves unreadable, saves too
rare, and a run that goes on from a wrong state.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from kept_runs import OFFER, kept, offered
from killable import Killable

pytestmark = [
    pytest.mark.full,
    pytest.mark.skipif(sys.platform != "linux", reason="not run here: it finds the browser's processes in /proc"),
]
KILLS = 20
LOSES_ITERATIONS, LOSES_S = 200, 5
PAGE = "trials/kept.html"
# Says when a save reaches the database, so that the browser can be killed while it is written.
TELLS = """{
    const put = IDBObjectStore.prototype.put;
    globalThis.puts = 0;
    IDBObjectStore.prototype.put = function (...values) {
        if (this.name === "files") puts++;
        return put.apply(this, values);
    };
    globalThis.at = [];
    addEventListener("DOMContentLoaded", () => setInterval(() => {
        const session = globalThis.pressStart?.sessions.main;
        if (session?.status === "running") at.push([performance.now(), session.iteration]);
    }, 50));
}"""
# The iteration now, and the one five seconds ago.
PROGRESS = f"""(() => {{
    const now = pressStart.sessions.main.iteration, since = performance.now() - {1000 * LOSES_S};
    return [now, at.findLast(([time]) => time <= since)?.[1] ?? at[0]?.[1] ?? now];
}})()"""


@pytest.fixture
def browser(
    playwright: Playwright, chromium_path: Path, chromium_arguments: list[str], tmp_path: Path
) -> Iterator[Killable]:
    def launch(profile: Path):
        options = {"executable_path": chromium_path, "args": chromium_arguments}
        return playwright.chromium.launch_persistent_context(profile, **options)

    one = Killable(tmp_path / "profile", launch)
    yield one
    one.close()


@pytest.mark.parametrize("where", ["http", "file"])
def test_a_killed_browser_comes_back(site: Path, serve_folder, visit, browser: Killable, where: str) -> None:
    url = f"{site.as_uri() if where == 'file' else serve_folder(site)}/{PAGE}"
    dice = random.Random(f"{where} 1")
    least, reached, lost = 0, 0, []
    for kill in range(KILLS):
        page = browser.page()
        page.add_init_script(TELLS)
        tab = type(visit)(page)
        tab.go(url)
        if kill == 0:
            tab.press("Start")
        else:
            said = offered(tab)
            (run,) = kept(tab)
            assert f"iteration {run['newest']['iteration']:,}," in said
            lost.append(reached - run["newest"]["iteration"])
            assert run["newest"]["iteration"] >= least, f"{kill}: {run['newest']['iteration']} of {reached}"
            tab.press_when_read("Go on")
            tab.wait("session.status === 'running'")
            assert tab.session("session.samples[0].iteration") == 0
        at_save = kill % 2 == 1
        if kill == 0:
            tab.wait("session.iteration > 0")
            tab.wait_until("puts > 0")
        time.sleep(dice.uniform(0.5, 6))
        if at_save:
            before = tab.evaluate("puts")
            tab.wait_until(f"puts > {before}", 60)
            time.sleep(dice.uniform(0, 0.03))
        reached, earlier = tab.evaluate(PROGRESS)
        least = min(reached - LOSES_ITERATIONS, earlier)
        browser.kill()
    page = browser.page()
    tab = type(visit)(page)
    tab.go(url)
    offered(tab)
    tab.press_when_read("Go on")
    tab.wait("session.status === 'running'")
    milestone = 200 * (tab.session("session.iteration") // 200 + 1)
    tab.pause_at_sample(milestone)
    tab.wait(f"session.status === 'paused' && session.iteration === {milestone}", 300)
    visit.go(url)
    visit.pause_at_sample(milestone)
    visit.press("Start")
    visit.wait(f"session.status === 'paused' && session.iteration === {milestone}", 600)
    assert tab.session("session.fingerprint()") == visit.session("session.fingerprint()")
    assert not tab.evaluate(f"document.querySelector('{OFFER}')")
    print(f"{where}: {KILLS} kills, iterations lost: {lost}; compared at iteration {milestone}")
