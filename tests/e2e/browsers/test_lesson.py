"""The lesson in Firefox and WebKit, from a server and from disk; test_run.py and its siblings test Chromium.

Catches: an API, a style or a way of making Workers that one browser lacks, weights that depend on the browser.
"""

from __future__ import annotations

import time

import pytest

from by_module import by_module

LESSON = "lessons/watch-it-learn.html"
TINY = "trials/tiny.html"
HIDDEN = "paused (tab in background)"
# Browsers allow least on a disk, so these tests run on a server only with --full.
FROM_DISK = pytest.mark.parametrize("base", ["file", pytest.param("http", marks=pytest.mark.full)], indirect=True)


def test_the_lesson_opens_and_opens_again(base: str, driven) -> None:
    driven.open(f"{base}/{LESSON}")
    driven.wait_mounted()
    assert driven.session("[session.status, session.iteration]") == ["idle", 0]
    driven.reload()
    driven.wait_mounted()
    assert driven.session("[session.status, session.iteration]") == ["idle", 0]
    assert driven.complaints() == []


def test_a_run_starts_writes_pauses_and_starts_again(base: str, driven) -> None:
    driven.go(f"{base}/{TINY}")
    driven.press("Start")
    driven.wait("session.samples.length > 0")
    first = driven.session("session.samples[0]")
    assert first["iteration"] == 0 and len(first["text"]) == 80
    driven.wait("session.iteration > 5")
    driven.press("Pause")
    time.sleep(0.4)
    stopped = driven.session("session.iteration")
    assert driven.badge == f"paused at iteration {stopped}" and driven.counter == f"iter {stopped} / 3000"
    driven.press("Resume")
    driven.wait(f"session.iteration > {stopped}")
    driven.press("Reset")
    driven.press("Start")
    driven.wait("session.samples.length > 0")
    assert driven.session("session.samples[0]") == first
    assert driven.complaints() == []


@pytest.mark.full
@FROM_DISK
def test_a_run_waits_while_its_page_is_hidden(base: str, driven) -> None:
    driven.go(f"{base}/{TINY}")
    title = driven.evaluate("document.title")
    driven.press("Start")
    driven.wait("session.iteration > 5")
    driven.leave()
    assert driven.session("session.status") == "hidden" and driven.badge == HIDDEN
    assert driven.evaluate("document.title") == f"{HIDDEN} · {title}"
    time.sleep(0.5)  # lets the running iteration end
    iteration = driven.session("session.iteration")
    time.sleep(1)
    assert driven.session("session.iteration") == iteration
    driven.come_back()
    driven.wait("session.log.length > 0")
    note = f"tab in background: paused at iteration {iteration}, then continued"
    assert driven.session("session.log") == [{"iteration": iteration, "text": note}]
    driven.wait(f"session.iteration > {iteration}")
    assert driven.complaints() == []


@pytest.mark.full  # test_lesson_in_one_file.py always tests the same fifty iterations
def test_fifty_iterations_make_the_same_weights(base: str, driven, recorded: dict) -> None:
    driven.go(f"{base}/{LESSON}")
    driven.pause_at_sample(50)
    driven.press("Start")
    driven.wait("session.status === 'paused'", 150)
    assert driven.session("session.iteration") == 50
    module = driven.session("session.engine.module")
    assert driven.session("session.fingerprint()") == by_module(recorded, module)["fingerprint"]
    texts = [sample["text"] for sample in driven.session("session.samples")]
    assert len(texts) == 3
    # In the recorded run iteration 50 is the last, with a full sample; in the lesson it is early, with a short one.
    assert all(mine["text"].startswith(text) for mine, text in zip(recorded["samples"], texts, strict=True))
    assert driven.complaints() == []


@pytest.mark.full
@pytest.mark.parametrize("base", ["http"], indirect=True)
def test_a_page_outside_a_secure_context_trains_the_same(base: str, driven) -> None:
    """A teacher's server on a LAN address: the browser hides WebGPU and crypto.subtle there."""
    weights = []
    for address in (base, base.replace("127.0.0.1", driven.lan_name)):
        driven.go(f"{address}/trials/tiny-120.html")
        driven.press("Start")
        driven.wait("session.status === 'done'")
        weights.append(driven.session("session.fingerprint()"))
    assert driven.evaluate("[isSecureContext, typeof crypto.subtle]") == [False, "undefined"]
    assert weights[0] == weights[1]
    assert driven.complaints() == []
