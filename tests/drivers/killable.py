"""A Chromium with a profile on disk, whose processes can be killed at any moment, as a crash or an empty battery would.

Finds its processes in /proc, so it works on Linux only.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import BrowserContext, Error, Page

Launch = Callable[[Path], BrowserContext]


class Killable:
    """Starts and kills one browser after the other on the same profile."""

    def __init__(self, profile: Path, launch: Launch) -> None:
        self._profile, self._launch = profile, launch
        self._context: BrowserContext | None = None

    def page(self) -> Page:
        """A page in a new browser."""
        self._context = self._launch(self._profile)
        return self._context.pages[0]

    def kill(self) -> None:
        """Ends all processes of the browser at once, without a chance to write anything."""
        first = next(pid for pid, command in _commands() if _is_browser(command, self._profile))
        for pid in [first, *_below(first)]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.close()
        for lock in self._profile.glob("Singleton*"):  # names the process that is gone
            lock.unlink()

    def close(self) -> None:
        if self._context is not None:
            with suppress(Error):
                self._context.close()
            self._context = None


def _commands() -> list[tuple[int, list[str]]]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                found.append((int(entry.name), (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")))
    return found


def _is_browser(command: list[str], profile: Path) -> bool:
    mine = f"--user-data-dir={profile}" in command
    return mine and not any(part.startswith("--type=") for part in command)


def _below(parent: int) -> list[int]:
    """All processes that a process has started, and those that they have."""
    children: dict[int, list[int]] = {}
    for pid, _ in _commands():
        with suppress(OSError):
            status = Path(f"/proc/{pid}/stat").read_text()
            children.setdefault(int(status.rsplit(")", 1)[1].split()[1]), []).append(pid)
    found = [*children.get(parent, [])]
    for pid in found:
        found += children.get(pid, [])
    return found
