"""Catches: a command that was interrupted, ended or failed, but reports success, leaves half a site or deletes what was
there; a child process that outlives the command."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

# Replaces MkDocs: writes half a site and its process id, then runs for the given time.
SLOW = """
import os, pathlib, sys, time
folder = pathlib.Path(sys.argv[sys.argv.index("--site-dir") + 1]) if "--site-dir" in sys.argv else pathlib.Path("site")
(folder / "lessons").mkdir(parents=True, exist_ok=True)
(folder / "index.html").write_text("half a site")
pathlib.Path("started").write_text(str(os.getpid()))
try:
    time.sleep(float(os.environ["WAIT_S"]))
except KeyboardInterrupt:
    sys.exit(0 if "serve" in sys.argv else 1)
sys.exit(int(os.environ["STATUS"]))
"""
BEFORE = {"site/index.html": "a good site", "dist/press-start-usb.zip": "a good stick", "dist/notes.txt": "the owner's"}


@dataclass
class Started:
    folder: Path
    process: subprocess.Popen
    below: int  # the process that replaces MkDocs

    def files(self) -> dict[str, str]:
        places = [path for name in ("site", "dist") for path in (self.folder / name).rglob("*") if path.is_file()]
        return {path.relative_to(self.folder).as_posix(): path.read_text() for path in places}

    def ended(self) -> tuple[int, str]:
        out, err = self.process.communicate(timeout=30)
        with pytest.raises(ProcessLookupError):
            os.kill(self.below, 0)
        return self.process.returncode, out + err


@pytest.fixture
def project(tmp_path: Path, root: Path) -> Path:
    """The commands, with a substitute for MkDocs, in a project with a site and a stick from an earlier run."""
    folder = tmp_path / "project"
    shutil.copytree(root / "build", folder / "build", ignore=shutil.ignore_patterns("__pycache__"))
    for path in [root / "pyproject.toml", root / "mkdocs.yml", *(root / "engine").rglob("*.json")]:
        (folder / path.relative_to(root)).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, folder / path.relative_to(root))
    (folder / ".venv").symlink_to(root / ".venv", target_is_directory=True)
    (tmp_path / "mkdocs").mkdir()
    (tmp_path / "mkdocs/__init__.py").touch()
    for program in (tmp_path / "mkdocs/__main__.py", folder / "build" / "hooks.py"):
        program.write_text(SLOW, encoding="utf-8")
    for name, text in BEFORE.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "text.txt").write_text("To be, or not to be. " * 20, encoding="utf-8")
    return folder


def _as_in_a_terminal() -> None:
    """Restores signals: a shell may have started the tests ignoring Ctrl-C, and nohup ignoring a closed terminal."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def start(project: Path, *arguments: str, wait_s: float = 60, status: int = 0) -> Started:
    running = subprocess.Popen(
        [sys.executable, "build", *arguments, "--corpus", "text.txt"],
        cwd=project,
        env=os.environ | {"PYTHONPATH": str(project.parent), "WAIT_S": str(wait_s), "STATUS": str(status)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        start_new_session=True,
        preexec_fn=_as_in_a_terminal,
    )
    end = time.monotonic() + 30
    while not (project / "started").exists() or not (project / "started").read_text():
        assert running.poll() is None and time.monotonic() < end, running.communicate()
        time.sleep(0.02)
    return Started(project, running, int((project / "started").read_text()))


@pytest.fixture(autouse=True)
def _on_posix() -> Iterator[None]:
    if os.name == "nt":
        pytest.skip("Windows sends Ctrl-C to all programs of a console, this test among them")
    yield


HOW = {
    "Ctrl-C": (lambda one: os.killpg(one.process.pid, signal.SIGINT), 130),
    "Ctrl-C for the command alone": (lambda one: one.process.send_signal(signal.SIGINT), 130),
    "ended": (lambda one: one.process.send_signal(signal.SIGTERM), 143),
    "terminal closed": (lambda one: one.process.send_signal(signal.SIGHUP), 129),
    "MkDocs killed": (lambda one: os.kill(one.below, signal.SIGKILL), 137),
}


@pytest.mark.parametrize(
    ("command", "how"),
    [
        ("site", "Ctrl-C"),
        ("usb", "Ctrl-C"),
        ("usb", "Ctrl-C for the command alone"),
        ("site", "ended"),
        ("usb", "terminal closed"),
        ("site", "MkDocs killed"),
    ],
)
def test_what_was_there_stays_and_the_status_says_so(project: Path, command: str, how: str) -> None:
    one = start(project, command)
    interrupt, wanted = HOW[how]
    interrupt(one)
    status, said = one.ended()
    assert status == wanted
    assert one.files() == BEFORE
    assert "ON THIS STICK" not in said and "open index.html" not in said and "Traceback" not in said
    assert how == "MkDocs killed" or "is as it was" in said
    assert not list(project.glob(".*.press-start"))


def test_what_a_killed_command_left_goes_with_the_next(project: Path) -> None:
    one = start(project, "site")
    one.process.kill()
    os.kill(one.below, signal.SIGKILL)
    one.process.communicate()
    assert one.files() == BEFORE and list(project.glob(".site.press-start"))
    (project / "started").unlink()
    failed = start(project, "site", wait_s=0, status=3)
    assert failed.process.wait(30) == 3 and failed.files() == BEFORE
    (project / "started").unlink()
    done = start(project, "site", wait_s=0)
    assert done.process.wait(30) == 0
    assert done.files() == {**BEFORE, "site/index.html": "half a site"}
    assert not list(project.glob(".*.press-start"))


def test_a_server_ends_well_by_ctrl_c(project: Path) -> None:
    one = start(project, "serve", "--port", "18433")
    os.killpg(one.process.pid, signal.SIGINT)
    assert one.ended()[0] == 0
