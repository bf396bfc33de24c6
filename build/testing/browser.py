"""A Chromium for the tests: found or downloaded once, tried out, and remembered."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from system import replaced_file
from system.project import ROOT

VARIABLE = "PRESS_START_CHROMIUM"
DOWNLOAD_LIMIT_S = 600
NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "microsoft-edge")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
)


class NoBrowserError(Exception):
    """No Chromium starts on this machine; says what to install."""


def chromium(root: Path = ROOT, get: bool = True) -> Path:
    """A Chromium that starts on this machine. Raises NoBrowserError.

    Looks for, in this order: the one that PRESS_START_CHROMIUM names, which must start; the remembered one;
    Playwright's own; the system's; for root on Debian, that of Debian's package. Without `get` nothing is downloaded
    or installed.
    """
    given = os.environ.get(VARIABLE, "").strip()
    if given:
        problem = why_not(Path(given))
        if problem:
            raise NoBrowserError(f"{VARIABLE} is {given}, which does not start: {problem}")
        return Path(given)
    memory = root / ".cache" / "chromium-path.txt"
    remembered = memory.read_text(encoding="utf-8") if memory.exists() else ""
    if remembered and why_not(Path(remembered)) is None:
        return Path(remembered)
    problems = []
    for path in _candidates(get):
        problem = why_not(path)
        if problem is None:
            print(f"Tests drive {path}.", flush=True)
            replaced_file.write_whole(memory, str(path).encode())
            return path
        problems.append(f"{path}: {problem}")
    raise NoBrowserError(no_browser_sentence(problems))


def arguments() -> list[str]:
    """The options Chromium needs on this machine: as root it starts only without its sandbox."""
    return ["--no-sandbox"] if getattr(os, "geteuid", lambda: 1)() == 0 else []


def why_not(path: Path) -> str | None:
    """Why this browser does not start without a window, in one line; None if it does."""
    if not path.is_file():
        return "there is no such file"
    from playwright.sync_api import Error, sync_playwright

    try:
        with sync_playwright() as playwright:
            playwright.chromium.launch(executable_path=path, args=arguments(), timeout=30_000).close()
    except Error as problem:
        return problem.message.strip().splitlines()[0]
    return None


def _candidates(get: bool) -> Iterator[Path]:
    """Places to look, best first. Downloads and installs only after every earlier place has failed."""
    own = playwright_path()
    if own.is_file() or (get and obtain("Playwright's Chromium", install_from_playwright) and own.is_file()):
        yield own
    yield from system_browsers()
    if get and is_root_on_debian() and obtain("Debian's package chromium", lambda: install_from_debian("chromium")):
        yield from system_browsers()


def playwright_path() -> Path:
    """Where Playwright keeps, or would keep, its own Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return Path(playwright.chromium.executable_path)


def system_browsers() -> list[Path]:
    on_path = (shutil.which(name) for name in NAMES)
    return [Path(path) for path in [*on_path, *PLACES] if path and Path(path).is_file()]


def obtain(what: str, install: Callable[[], subprocess.CompletedProcess]) -> bool:
    """Installs something. Prints what, and why if that fails. Returns whether it worked."""
    print(f"Getting {what} for the tests (once) ...", flush=True)
    try:
        result = install()
    except (OSError, subprocess.TimeoutExpired) as problem:
        print(f"... that did not work: {problem}", flush=True)
        return False
    if result.returncode != 0:
        lines = result.stdout.strip().splitlines() or ["no reason given"]
        reason = next((line for line in lines if line.startswith(("Error", "E:"))), lines[-1])
        print(f"... that did not work: {reason}", flush=True)
    return result.returncode == 0


def install_from_playwright() -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "playwright", "install", "--no-shell", "chromium"]
    return _quietly(command, {"PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT": "10000"})


def install_from_debian(*packages: str) -> subprocess.CompletedProcess:
    noninteractive = {"DEBIAN_FRONTEND": "noninteractive"}
    _quietly(["apt-get", "update"], noninteractive)
    return _quietly(["apt-get", "install", "--yes", "--no-install-recommends", *packages], noninteractive)


def _quietly(command: list[str], variables: dict[str, str]) -> subprocess.CompletedProcess:
    return subprocess.run(
        command,
        env=os.environ | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        errors="replace",
        timeout=DOWNLOAD_LIMIT_S,
    )


def is_root_on_debian() -> bool:
    return getattr(os, "geteuid", lambda: 1)() == 0 and shutil.which("apt-get") is not None


def no_browser_sentence(problems: list[str]) -> str:
    tried = "".join(f"\n  {problem}" for problem in problems)
    return (
        "The tests need Chromium, but none starts on this machine. Install one (Debian: `sudo apt install chromium`; "
        f"macOS and Windows: Google Chrome), or set {VARIABLE} to its program, then run the same command again."
        + (f" Tried:{tried}" if tried else "")
    )
