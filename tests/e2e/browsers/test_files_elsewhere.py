"""A run saved in one browser goes on in another, to the bytes that it would have had without a stop.

Catches: a file that one browser writes or reads in another way; a loaded run that goes on with another module than its
file's although the browser has it, or that promises equal bytes where it has not; a difference from `record --resume`.
"""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from by_module import WITHOUT_FMA
from driven import Driven
from file_hand import BRINGS, encoded
from gate import Gate
from recorded import headless
from starting import STARTS, start
from texts import corpus as corpora
from view import View

PAGE, LESSON = "trials/files.html", "lessons/watch-it-learn.html"
STOPPED, UNTIL = 50, 60
CHROMIUM = {"fma": (), "base": (WITHOUT_FMA,)}
SAVES = """(async () => {
  const bytes = new Uint8Array(await (await pressStart.sessions.main.save()).arrayBuffer());
  let text = "";
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
})()"""


def save(view: View) -> bytes:
    return base64.b64decode(view.evaluate(SAVES))


def stopped_file(view: View, url: str) -> bytes:
    view.go(url)
    view.pause_at_sample(STOPPED)
    view.session("session.start()")
    view.wait("session.status === 'paused'")
    return save(view)


def finished(view: View) -> str:
    view.session("session.start()")
    view.wait("session.status === 'done'")
    return view.session("session.fingerprint()")


def gone_on(view: View, url: str, file: bytes) -> tuple[str, str]:
    """Drops the file on a fresh page and goes on; returns the fingerprint at the end, and what the log says."""
    view.go(url)
    arguments = f'["drop", [["run.safetensors", "{encoded(file)}"]], 200, 200]'
    assert view.evaluate(f"({BRINGS})({arguments})")
    view.wait_until("document.querySelector('.ps-file-panel[role=dialog]:not([hidden])')", 30)
    view.press_when_read("Go on from this file")
    view.wait("session.status === 'done'")
    return view.session("session.fingerprint()"), view.session("session.log.map(({ text }) => text).join()")


@pytest.fixture(scope="module")
def made() -> dict[str, tuple[bytes, str]]:
    """Filled by the tests: by module, a file that Chromium saved at iteration 50, and the fingerprint at the end."""
    return {}


def of_chromium(module: str, visit_with, url: str, made: dict) -> tuple[bytes, str]:
    if module not in made:
        visit = visit_with(*CHROMIUM[module])
        made[module] = stopped_file(visit, url), finished(visit)
        assert visit.session("session.engine.module") == module
    return made[module]


@pytest.mark.full
@pytest.mark.parametrize("name", STARTS)
def test_a_file_of_chromium_goes_on_elsewhere_and_one_from_there_goes_on_in_chromium(
    name: str, gate: Gate, served: str, visit_with, made: dict
) -> None:
    url = f"{served}/{PAGE}"
    running = start(name, gate.port)
    try:
        has_fma = name not in ("firefox without relaxed SIMD", "webkit")
        for module in CHROMIUM:
            file, end = of_chromium(module, visit_with, url, made)
            there, log = in_a_tab(running.open_tab(), lambda tab, file=file: gone_on(tab, url, file))
            assert (there == end) == (module == "base" or has_fma)
            assert ("goes on with the same bytes" in log) == (there == end)
            assert ("so the last digits will differ" in log) == (there != end)
        module = "fma" if has_fma else "base"
        file, end = in_a_tab(running.open_tab(), lambda tab: (stopped_file(tab, url), finished(tab)))
        assert (file, end) == of_chromium(module, visit_with, url, made)
        again, log = gone_on(visit_with(*CHROMIUM["fma"]), url, file)
        assert again == end and "goes on with the same bytes" in log
    finally:
        running.close()


def in_a_tab(tab: Driven, act):
    try:
        return act(tab)
    finally:
        tab.close()


@pytest.mark.full
def test_a_file_of_a_browser_goes_on_without_one_to_the_same_file(
    served: str, visit, corpus: corpora.Corpus, tmp_path: Path
) -> None:
    visit.go(f"{served}/{LESSON}")
    visit.pause_at_sample(STOPPED)
    visit.session("session.start()")
    visit.wait("session.status === 'paused'", 120)
    stopped, whole = tmp_path / "stopped.safetensors", tmp_path / "whole.safetensors"
    stopped.write_bytes(save(visit))
    assert headless.record(corpus, None, save=whole, resume=stopped, until=UNTIL) == 0
    visit.session(f"session.on('metrics', () => session.iteration >= {UNTIL} && session.pause()) && null")
    visit.session("session.start()")
    visit.wait(f"session.status === 'paused' && session.iteration >= {UNTIL}", 120)
    reached = visit.session("session.iteration")
    if reached != UNTIL:
        assert headless.record(corpus, None, save=whole, resume=stopped, until=reached) == 0
    assert save(visit) == whole.read_bytes()
