"""What a recorded run has for each of the CPU engine's modules."""

from __future__ import annotations

from typing import Any

# For a Chromium that stands for a processor without fused multiply-add.
WITHOUT_FMA = "--js-flags=--no-enable-fma3"


def by_module(recorded: dict[str, Any], module: str) -> dict[str, Any]:
    """`fingerprints` and `fingerprint` of a run that `python3 build record` wrote, on the module fma or base.

    A machine that rounds twice records on base alone.
    """
    return recorded if recorded["module"] == module else recorded["base"]
