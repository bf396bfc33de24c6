"""Firefox and WebKit for the tests: those of this machine, or, for root on Debian, installed from packages.

Firefox is the one that readers use; the tests drive it by WebDriver BiDi, which is built into it. WebKit is
WebKitGTK's MiniBrowser with its driver, on a virtual screen; both are Linux programs.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from testing import browser

FIREFOX_VARIABLE = "PRESS_START_FIREFOX"
FIREFOX_NAMES = ("firefox-esr", "firefox")
FIREFOX_PLACES = (
    "/Applications/Firefox.app/Contents/MacOS/firefox",
    "C:/Program Files/Mozilla Firefox/firefox.exe",
)
FIREFOX_PACKAGES = ("firefox-esr",)
WEBKIT_PACKAGES = ("webkit2gtk-driver", "xvfb")
MINI_BROWSERS = "usr/lib/*/webkit*gtk-*/MiniBrowser"


class NotInstalledError(Exception):
    """A browser is missing; the message says what to install."""


@dataclass(frozen=True)
class WebKit:
    """WebKitGTK's browser, the program that drives it, and the screen it draws on."""

    browser: Path
    driver: Path
    screen: Path


def firefox() -> Path:
    """The Firefox of PRESS_START_FIREFOX, else the system's. Raises NotInstalledError."""
    given = os.environ.get(FIREFOX_VARIABLE, "").strip()
    if given:
        if Path(given).is_file():
            return Path(given)
        raise NotInstalledError(f"{FIREFOX_VARIABLE} is {given}, which does not exist")
    on_path = (shutil.which(name) for name in FIREFOX_NAMES)
    for place in [*on_path, *FIREFOX_PLACES]:
        if place and Path(place).is_file():
            return Path(place)
    raise NotInstalledError(
        "Firefox is not installed: install it (Debian: `sudo apt install firefox-esr`), or set "
        f"{FIREFOX_VARIABLE} to the program"
    )


def webkit() -> WebKit:
    """WebKitGTK with everything needed to drive it. Raises NotInstalledError."""
    if not webkit_can_be():
        raise NotInstalledError("WebKitGTK and its driver are Linux programs")
    found = sorted(Path("/").glob(MINI_BROWSERS))
    driver, screen = (shutil.which(name) for name in ("WebKitWebDriver", "Xvfb"))
    if not (found and driver and screen):
        raise NotInstalledError(
            f"WebKitGTK with its driver is not installed (Debian: `sudo apt install {' '.join(WEBKIT_PACKAGES)}`)"
        )
    return WebKit(found[-1], Path(driver), Path(screen))


def webkit_can_be() -> bool:
    return sys.platform.startswith("linux")


def get() -> None:
    """Installs missing browsers, for root on Debian. Elsewhere, or if that fails, the tests say what is missing."""
    packages = [*_lacks(firefox, FIREFOX_PACKAGES), *_lacks(webkit, WEBKIT_PACKAGES)]
    if packages and browser.is_root_on_debian():
        browser.obtain(f"Debian's packages {', '.join(packages)}", lambda: browser.install_from_debian(*packages))


def _lacks(find: Callable[[], object], packages: tuple[str, ...]) -> tuple[str, ...]:
    try:
        find()
    except NotInstalledError:
        return packages
    return ()
