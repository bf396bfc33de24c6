"""Catches: a first run that needs more than a bare Python, a file that was never committed, a slow second run, a server
that does not print its address or outlives the command, a build product that git would treat as source."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def clone(copy_tracked: Callable[[Path], None], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tracked files in their present state, in a new folder without build products."""
    folder = tmp_path_factory.mktemp("fresh") / "press start"  # with a space, as in users' folder names
    copy_tracked(folder)
    return folder


def bare_python() -> str:
    """The interpreter from which .venv was made, without further packages."""
    return getattr(sys, "_base_executable", sys.executable)


def build(folder: Path, *arguments: str, python: str | None = None) -> subprocess.CompletedProcess:
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("PRESS_START", "PYTHON"))}
    command = [python or bare_python(), "build", *arguments]
    return subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, encoding="utf-8")


@pytest.mark.full
def test_one_command_on_a_bare_python_and_the_second_time_at_once(clone: Path, root: Path) -> None:
    tracked = set(clone.iterdir())
    first = build(clone, "site", "--corpus", "play-machine")
    assert first.returncode == 0, first.stdout + first.stderr
    assert (clone / "site" / "lessons" / "watch-it-learn.html").is_file()
    assert "The play machine" in first.stderr
    start = time.monotonic()
    second = build(clone, "site", "--corpus", "play-machine")
    assert second.returncode == 0
    assert "Installing" not in second.stdout
    assert time.monotonic() - start < 10
    made = sorted(path.name for path in set(clone.iterdir()) - tracked)
    assert made == [".cache", ".venv", "node_modules", "site"]
    folders = [f"{name}/" for name in made]
    ignored = subprocess.run(["git", "check-ignore", *folders], cwd=root, capture_output=True, text=True).stdout.split()
    assert ignored == folders


@pytest.mark.full
def test_serve_says_where_serves_there_and_ends_with_the_command(root: Path) -> None:
    command = [sys.executable, str(root / "build"), "serve", "--corpus", "play-machine", "--port", "18431"]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8")
    limit = threading.Timer(120, running.kill)
    limit.start()
    try:
        address = None
        for line in running.stdout:
            found = re.search(r"Serving on (http://127\.0\.0\.1:\d+/)", line)
            if found:
                address = found[1]
                break
        assert address is not None
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(address, timeout=10) as response:
            assert b"Press Start" in response.read()
        running.send_signal(signal.SIGTERM)
        rest, _ = running.communicate(timeout=20)  # until the end of the output: no child process holds the pipe open
        assert "Traceback" not in rest
    finally:
        limit.cancel()
        running.kill()
        running.wait()


@pytest.mark.skipif(os.name == "nt", reason="Windows' Python always comes with ensurepip")
def test_a_python_without_ensurepip_ends_in_one_sentence(clone: Path, tmp_path: Path) -> None:
    """Debian's python3 without python3-venv, as near as it can be had: the module cannot be found."""
    hide = """
import importlib.util
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name == "ensurepip" else find(name, *rest)
"""
    (tmp_path / "sitecustomize.py").write_text(hide, encoding="utf-8")
    variables = os.environ | {"PYTHONPATH": str(tmp_path)}
    shutil.rmtree(clone / ".venv", ignore_errors=True)
    result = subprocess.run([bare_python(), "build", "site"], cwd=clone, env=variables, capture_output=True, text=True)
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert "-venv" in result.stderr
