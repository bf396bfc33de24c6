"""Firefox and WebKit keep runs, too; test_kept_runs.py tests Chromium.

Catches: a browser whose database refuses what Chromium's takes, a run that does not come back after a reload, and a
sentence on the page of stored runs about files on the disk that is not so.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from gate import Gate
from kept_runs import at, offered, wait_kept
from starting import start

pytestmark = pytest.mark.full
PAGE, STORED = "trials/tiny-120.html", "reference/stored-runs.html"


@pytest.mark.parametrize("base", ["file", "http"], indirect=True)
def test_a_run_goes_on_after_a_reload(base: str, driven) -> None:
    driven.go(f"{base}/{PAGE}")
    driven.pause_at_sample(50)
    driven.press("Start")
    driven.wait("session.status === 'paused'")
    wait_kept(driven, at(50))
    before = driven.session("session.fingerprint()")
    driven.reload()
    driven.wait_mounted()
    assert offered(driven) == "You stopped at iteration 50, seed “hamlet”, just now."
    driven.press_when_read("Go on")
    driven.wait("session.iteration >= 50 && session.status === 'running'")
    driven.wait("session.status === 'done'")
    assert driven.session("session.samples.length") == 5
    assert before != driven.session("session.fingerprint()")
    assert driven.complaints() == []


@pytest.mark.parametrize(("name", "seen"), [("firefox with its readers' policy for files", 0), ("webkit", 1)])
def test_the_list_sees_the_runs_of_other_files_or_not(watched_site: Path, gate: Gate, name: str, seen: int) -> None:
    base, running = watched_site.as_uri(), start(name, gate.port)
    try:
        tab = running.open_tab()
        tab.go(f"{base}/{PAGE}")
        tab.pause_at_sample(50)
        tab.press("Start")
        tab.wait("session.status === 'paused'")
        wait_kept(tab, at(50))
        tab.open(f"{base}/{STORED}")
        tab.wait_until("!document.querySelector('.ps-stored .ps-badge').textContent.startsWith('Looking')", 10)
        assert tab.evaluate("document.querySelectorAll('.ps-stored li').length") == seen
        tab.go(f"{base}/{PAGE}")
        assert offered(tab).startswith("You stopped at iteration 50")
    finally:
        running.close()
