"""`python3 build test`: gets a browser and the packages, then runs all tests with pytest, in several processes.

tests/test_sources.py makes deno and ruff (types, style, the TypeScript tests) part of that run, so that pytest's
summary covers the whole project.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from system import deno_program, interrupts
from system.project import ROOT
from testing import browser, other_browsers
from texts import corpus as corpora

MOST_PROCESSES = 4  # each may drive a browser that trains with several Workers


def run(full: bool = False, chosen: list[str] | None = None, root: Path = ROOT) -> int:
    """Runs the tests and returns pytest's exit status. `chosen` are arguments for pytest: files, or -k and a word.

    Raises NoBrowserError, PackagesError and CorpusError before any test runs.
    """
    # Unless a person has chosen a text, tests train on one that needs no network.
    os.environ.setdefault(corpora.VARIABLE, corpora.PLAY_MACHINE)
    corpora.load(root=root)
    deno_program.fetch_packages(root)
    os.environ[browser.VARIABLE] = str(browser.chromium(root))
    other_browsers.get()
    command = [sys.executable, "-m", "pytest", "--durations=5"]
    if not full:
        command += ["-m", "not full"]
    if not chosen:  # the output of a few tests is easier to follow from one process
        command += ["-n", str(min(os.cpu_count() or 1, MOST_PROCESSES)), "--dist", "worksteal"]
    return interrupts.run([*command, *(chosen or [])], cwd=root)
