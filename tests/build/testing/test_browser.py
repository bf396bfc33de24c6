"""Catches: a browser chosen without a trial start, a wrong search order, an error that does not say what to install."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from testing import browser

NOT_A_BROWSER = Path(sys.executable)


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without a browser, on which none can be installed."""
    monkeypatch.delenv(browser.VARIABLE, raising=False)
    monkeypatch.setattr(browser, "playwright_path", lambda: tmp_path / "playwright" / "chrome")
    monkeypatch.setattr(browser, "system_browsers", list)
    for name in ("install_from_playwright", "install_from_debian"):
        monkeypatch.setattr(browser, name, lambda *_: subprocess.CompletedProcess([], 1, "Error: no network"))


def why_not(path: Path) -> str | None:
    """Calls browser.py in a new thread: Playwright allows one driver per thread, and this one may already have it."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(browser.why_not, path).result()


def test_the_browser_of_these_tests_starts(chromium_path: Path) -> None:
    assert why_not(chromium_path) is None


def test_what_does_not_start_is_named_with_the_reason(tmp_path: Path) -> None:
    assert why_not(tmp_path / "nothing") == "there is no such file"
    assert why_not(NOT_A_BROWSER)


def test_no_browser_at_all_says_what_to_install(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(browser.NoBrowserError) as problem:
        browser.chromium(tmp_path)
    for word in ("apt install chromium", "Google Chrome", browser.VARIABLE):
        assert word in str(problem.value)
    assert "no network" in capsys.readouterr().out


def test_the_variable_goes_first_and_must_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(browser.VARIABLE, str(tmp_path / "mine"))
    with pytest.raises(browser.NoBrowserError, match="no such file"):
        browser.chromium(tmp_path)
    monkeypatch.setattr(browser, "why_not", lambda _path: None)
    assert browser.chromium(tmp_path) == tmp_path / "mine"


def test_order_of_places_and_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own, system, debian = tmp_path / "playwright" / "chrome", tmp_path / "chromium", tmp_path / "from-debian"
    tried: list[Path] = []
    working = {debian}

    def why_not(path: Path) -> str | None:
        tried.append(path)
        return None if path in working else "does not start"

    def install_from_playwright() -> subprocess.CompletedProcess:
        own.parent.mkdir()
        own.touch()
        return subprocess.CompletedProcess([], 0, "")

    def install_from_debian(*packages: str) -> subprocess.CompletedProcess:
        assert packages == ("chromium",)
        monkeypatch.setattr(browser, "system_browsers", lambda: [debian])
        return subprocess.CompletedProcess([], 0, "")

    monkeypatch.setattr(browser, "why_not", why_not)
    monkeypatch.setattr(browser, "system_browsers", lambda: [system])
    monkeypatch.setattr(browser, "install_from_playwright", install_from_playwright)
    monkeypatch.setattr(browser, "install_from_debian", install_from_debian)
    monkeypatch.setattr(browser, "is_root_on_debian", lambda: True)
    assert browser.chromium(tmp_path) == debian
    assert tried == [own, system, debian]
    tried.clear()
    assert browser.chromium(tmp_path) == debian  # remembered, and tried again
    assert tried == [debian]
    working.clear()
    working.add(own)  # the remembered one is gone; the search starts anew
    assert browser.chromium(tmp_path) == own


def test_sandbox_is_given_up_for_root_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0, raising=False)
    assert browser.arguments() == ["--no-sandbox"]
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
    assert browser.arguments() == []
