"""Catches: a missing browser that is not reported, or is reported as a failure to a user who never wanted it; an
installation on a machine that we must not change."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

import starting
from testing import browser, other_browsers


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """A Linux machine without these browsers; yields the list of what is installed."""
    monkeypatch.delenv(other_browsers.FIREFOX_VARIABLE, raising=False)
    monkeypatch.setattr(other_browsers.shutil, "which", lambda _name: None)
    monkeypatch.setattr(other_browsers, "FIREFOX_PLACES", ())
    monkeypatch.setattr(other_browsers, "webkit_can_be", lambda: True)
    installed: list[str] = []

    def install_from_debian(*packages: str) -> subprocess.CompletedProcess:
        installed.extend(packages)
        return subprocess.CompletedProcess([], 0, "")

    monkeypatch.setattr(browser, "install_from_debian", install_from_debian)
    return installed


def test_what_is_missing_is_named_with_its_package(bare: list[str]) -> None:
    with pytest.raises(other_browsers.NotInstalledError, match="apt install firefox-esr"):
        other_browsers.firefox()
    with pytest.raises(other_browsers.NotInstalledError, match="apt install webkit2gtk-driver xvfb"):
        other_browsers.webkit()


def test_the_variable_goes_first_and_must_name_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(other_browsers.FIREFOX_VARIABLE, str(tmp_path / "mine"))
    with pytest.raises(other_browsers.NotInstalledError, match="which does not exist"):
        other_browsers.firefox()
    (tmp_path / "mine").touch()
    assert other_browsers.firefox() == tmp_path / "mine"


@pytest.mark.parametrize(("root", "packages"), [(True, ["firefox-esr", "webkit2gtk-driver", "xvfb"]), (False, [])])
def test_only_root_on_debian_gets_them_installed(
    bare: list[str], monkeypatch: pytest.MonkeyPatch, root: bool, packages: list[str]
) -> None:
    monkeypatch.setattr(browser, "is_root_on_debian", lambda: root)
    other_browsers.get()
    assert bare == packages


@pytest.mark.parametrize("name", starting.STARTS)
def test_a_missing_browser_is_not_run_here_and_a_failure_in_ci(
    bare: list[str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match=r"not run here: .* not installed"):
        starting.start(name, gate_port=9)
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match=r"must be there: .* not installed"):
        starting.start(name, gate_port=9)


def test_where_webkit_cannot_be_ci_goes_on_without_it(bare: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(other_browsers, "webkit_can_be", lambda: False)
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.skip.Exception, match="not run here: WebKitGTK and its driver are Linux programs"):
        starting.start("webkit", gate_port=9)
