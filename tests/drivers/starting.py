"""Starts a browser. If this machine lacks it, the test fails if CI is set, and is skipped otherwise."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from driven import Running
from firefox_driver import Firefox
from testing import other_browsers
from webkit_driver import WebKitGTK

STARTS: dict[str, Callable[[int], Running]] = {
    "firefox": lambda gate_port: Firefox(other_browsers.firefox(), gate_port),
    # Like an older Firefox, which lacks the instructions that round once.
    "firefox without relaxed SIMD": lambda gate_port: Firefox(
        other_browsers.firefox(), gate_port, {"javascript.options.wasm_relaxed_simd": False}
    ),
    # Its driver relaxes the policy for files on disk, unless a preference forbids it.
    "firefox with its readers' policy for files": lambda gate_port: Firefox(
        other_browsers.firefox(),
        gate_port,
        {"security.fileuri.strict_origin_policy": True, "remote.prefs.recommended": False},
    ),
    "webkit": lambda gate_port: WebKitGTK(other_browsers.webkit(), gate_port),
}

# For tests in general: each browser as it comes.
USUAL = ("firefox", "webkit")


def start(name: str, gate_port: int) -> Running:
    """Starts the browser of that name, a key of STARTS. Its requests to other machines go to a gate (gate.py)."""
    try:
        return STARTS[name](gate_port)
    except other_browsers.NotInstalledError as problem:
        if os.environ.get("CI") and (name != "webkit" or other_browsers.webkit_can_be()):
            pytest.fail(f"CI is set, so every browser must be there: {problem}.", pytrace=False)
        pytest.skip(f"not run here: {problem}")
