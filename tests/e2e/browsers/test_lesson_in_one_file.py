"""The lesson as one file in Firefox and WebKit; tests/site/test_double_click.py tests it in Chromium.

Catches: a policy that one browser applies more strictly than another; a font, style or Worker that works from one file
only in some browsers.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from by_module import by_module
from driven import RECORDER
from output import usb

LESSON = "watch-it-learn.html"


@pytest.fixture(scope="session")
def single(site: Path, corpus, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file, alone in a folder whose name breaks addresses that are not escaped."""
    folder = tmp_path_factory.mktemp("single")
    usb.make(site, corpus, folder / "dist")
    (folder / "a sité, 100% #2").mkdir()
    return Path(shutil.copy(folder / "dist" / LESSON, folder / "a sité, 100% #2" / LESSON))


@pytest.fixture(scope="session")
def watched(single: Path) -> Path:
    """The same with a script before its policy, which records errors."""
    html = single.read_text(encoding="utf-8")
    assert html.count("<head>") == 1
    copy = single.with_name("watched.html")
    copy.write_text(html.replace("<head>", f"<head><script>{RECORDER}</script>"), encoding="utf-8")
    return copy


@pytest.mark.full
def test_one_file_trains_the_same_weights(watched: Path, driven, recorded: dict) -> None:
    driven.go(watched.as_uri())
    driven.pause_at_sample(50)
    driven.press("Start")
    driven.wait("session.status === 'paused'", 150)
    assert driven.session("session.iteration") == 50
    module = driven.session("session.engine.module")
    assert driven.session("session.fingerprint()") == by_module(recorded, module)["fingerprint"]
    assert driven.complaints() == []


def test_one_file_looks_like_the_page(watched: Path, driven) -> None:
    driven.go(watched.as_uri())
    assert driven.evaluate("document.fonts.ready.then(() => document.fonts.check('1em Literata'))")
    assert driven.evaluate("getComputedStyle(document.querySelector('.ps-primary')).cursor") == "pointer"
    assert driven.evaluate("document.querySelectorAll('link[rel=stylesheet], script[src]').length") == 0
    assert driven.evaluate("document.querySelector('.ps-about-file summary').textContent").startswith("About this file")
