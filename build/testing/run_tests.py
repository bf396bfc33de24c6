"""`python3 build test`: a browser, the packages, then one pytest run over everything, in several processes.

What deno and ruff check (types, style, the TypeScript tests) is part of that run too, as tests/test_sources.py, so that
pytest's closing summary is the verdict on the whole project.
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
    """Runs the tests and gives pytest's exit status. `chosen` are arguments of pytest: files, or -k and a word.

    Raises NoBrowserError, PackagesError and CorpusError before any test runs.
    """
    # Tests train on a text that needs no network unless a person has chosen another.
    os.environ.setdefault(corpora.VARIABLE, corpora.PLAY_MACHINE)
    corpora.load(root=root)
    deno_program.fetch_packages(root)
    os.environ[browser.VARIABLE] = str(browser.chromium(root))
    other_browsers.get()
    command = [sys.executable, "-m", "pytest", "--durations=5"]
    if not full:
        command += ["-m", "not full"]
    if not chosen:  # a part is easier to follow in one process
        command += ["-n", str(min(os.cpu_count() or 1, MOST_PROCESSES)), "--dist", "worksteal"]
    return interrupts.run([*command, *(chosen or [])], cwd=root)
