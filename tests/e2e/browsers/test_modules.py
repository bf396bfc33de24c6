"""Which of the CPU engine's modules each browser runs, and that the module alone decides what is trained.

Catches: a start test that a browser answers wrongly; weights that depend on the browser or on the number of Workers.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from by_module import by_module
from gate import Gate
from kept_engines import STORED, storing_eight_workers
from starting import STARTS, start

LESSON = "lessons/watch-it-learn.html"
# WebKitGTK 2.50 does not accept the module fma; a Firefox without relaxed SIMD cannot.
ROUNDS_TWICE = ("firefox without relaxed SIMD", "webkit")
WORKERS = [2, *(pytest.param(workers, marks=pytest.mark.full) for workers in (1, 4, 8))]


@pytest.fixture(scope="module")
def counted(watched_site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, for a browser whose address says after `?` how many cores it has."""
    folder = Path(shutil.copytree(watched_site, tmp_path_factory.mktemp("counted") / "site"))
    with (folder / "recorder.js").open("a", encoding="utf-8") as file:
        cores = "{ get: () => Number(new URLSearchParams(location.search).get('cores')) }"
        file.write(f";Object.defineProperty(Navigator.prototype, 'hardwareConcurrency', {cores});")
    return folder


@pytest.mark.full  # test_lesson.py always compares fifty iterations of both browsers
@pytest.mark.parametrize("name", STARTS)
@pytest.mark.parametrize("workers", WORKERS)
def test_a_browser_trains_what_its_module_trains(
    name: str, workers: int, gate: Gate, counted: Path, serve_folder, recorded: dict
) -> None:
    running = start(name, gate.port)
    try:
        tab = running.open_tab()
        tab.go(f"{serve_folder(counted)}/{LESSON}?cores={workers}")
        if workers == 8:
            tab.wait(f"{STORED} !== null", 60)
            tab.evaluate(storing_eight_workers(tab.evaluate(STORED)))
            tab.reload()
            tab.wait_mounted()
        tab.pause_at_sample(50)
        tab.press("Start")
        tab.wait("session.status === 'paused'", 240)
        module = tab.session("session.engine.module")
        assert module == ("base" if name in ROUNDS_TWICE else recorded["module"])
        assert f"{workers} Worker" in tab.session("session.engine.description")
        assert tab.session("session.fingerprint()") == by_module(recorded, module)["fingerprint"]
        assert ("rounds twice" in tab.text(".ps-runner .ps-facts")) == (module == "base")
    finally:
        running.close()
