"""The virtual environment `.venv`: made once, checked in a moment, and left alone until pyproject.toml changes.

Runs on a bare Python with nothing installed, so it imports the standard library alone.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
OLDEST_PYTHON = (3, 11)


class EnvironmentProblem(Exception):
    """What is missing on this machine, and what to do about it, in a sentence or two for the person at the keyboard."""


def venv_python(venv: Path = VENV) -> Path:
    """The interpreter inside a virtual environment, on this operating system."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def requirements(extras: tuple[str, ...] = (), root: Path = ROOT) -> tuple[list[str], list[str]]:
    """(what to install, the versions of what that brings along), as pyproject.toml pins them."""
    import tomllib

    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = list(project["project"]["dependencies"])
    for extra in extras:
        wanted += project["project"]["optional-dependencies"][extra]
    return wanted, project["tool"]["press-start"]["constraints"]


def stamp(extras: tuple[str, ...] = (), root: Path = ROOT) -> str:
    """A hash that changes when what should be installed changes."""
    wanted, constraints = requirements(extras, root)
    return hashlib.sha256("\n".join([*wanted, "--", *constraints]).encode()).hexdigest()


def inside_venv(venv: Path = VENV) -> bool:
    return Path(sys.prefix).resolve() == venv.resolve()


def is_ready(extras: tuple[str, ...] = (), venv: Path = VENV, root: Path = ROOT) -> bool:
    """Whether `.venv` holds all that pyproject.toml asks for. Reads a few small files; installs nothing."""
    return venv_python(venv).exists() and all(
        stamp_file.exists() and stamp_file.read_text(encoding="utf-8") == wanted
        for stamp_file, wanted in _stamps(extras, venv, root)
    )


def _stamps(extras: tuple[str, ...], venv: Path, root: Path) -> list[tuple[Path, str]]:
    """One stamp for the base and one for each extra, so that `serve` after `test` installs nothing."""
    pairs = [(venv / "press-start.stamp", stamp((), root))]
    return pairs + [(venv / f"press-start-{extra}.stamp", stamp((extra,), root)) for extra in extras]


def ensure(extras: tuple[str, ...] = ()) -> None:
    """Makes `.venv` ready and goes on inside it: returns there, or runs the same command line there and exits.

    Raises EnvironmentProblem where this machine lacks something that only its owner can add.
    """
    check_python(sys.version_info)
    if not is_ready(extras):
        make_venv()
        install(extras)
    if not inside_venv():
        run_again_inside()


def check_python(version: tuple[int, ...]) -> None:
    """Raises EnvironmentProblem where this Python is too old. Written so that an old one can read it."""
    if tuple(version[:2]) < OLDEST_PYTHON:
        raise EnvironmentProblem(
            "Press Start needs Python {}.{} or newer, and this is {}.{} ({}). Install a newer one from "
            "https://www.python.org/downloads/ and use it for the same command.".format(
                *OLDEST_PYTHON, version[0], version[1], sys.executable
            )
        )


def make_venv(venv: Path = VENV) -> None:
    """Makes the virtual environment, or makes it anew where an interrupted or outdated one does not run."""
    if _runs(venv):
        return
    if inside_venv(venv):
        raise EnvironmentProblem(f"The environment {venv} is damaged. Delete that folder, then run the command again.")
    missing = [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]
    if missing:
        raise EnvironmentProblem(missing_venv_sentence(missing[0]))
    print(f"Making {venv.name}, a private place for what the site is built with ...", flush=True)
    if venv.exists():
        shutil.rmtree(venv)
    made = subprocess.run([sys.executable, "-m", "venv", str(venv)], capture_output=True, text=True)
    if made.returncode != 0:
        reason = (made.stderr or made.stdout).strip()
        raise EnvironmentProblem(f"Python could not make {venv}: {reason}\n{missing_venv_sentence('ensurepip')}")


def missing_venv_sentence(module: str) -> str:
    package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    return (
        f"This Python ({sys.executable}) lacks its module {module}, which makes virtual environments: on Debian and "
        f"Ubuntu run `sudo apt install {package}`, elsewhere install Python from https://www.python.org/downloads/; "
        "then run the same command again."
    )


def _runs(venv: Path) -> bool:
    """Whether the environment's Python starts, is new enough and has pip: an interrupted build may lack any of them."""
    if not venv_python(venv).exists():
        return False
    check = f"import sys, pip; sys.exit(sys.version_info[:2] < {OLDEST_PYTHON!r})"
    try:
        return subprocess.run([str(venv_python(venv)), "-c", check], capture_output=True).returncode == 0
    except OSError:
        return False


def install(extras: tuple[str, ...] = (), venv: Path = VENV, root: Path = ROOT) -> None:
    """Installs what pyproject.toml pins, with pip's own progress, and stamps the environment when all of it is in."""
    wanted, constraints = requirements(extras, root)
    print(f"Installing {len(wanted)} packages and what they need into {venv.name} (once) ...", flush=True)
    constraints_file = venv / "press-start-constraints.txt"
    constraints_file.write_text("\n".join(constraints) + "\n", encoding="utf-8")
    command = [str(venv_python(venv)), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    result = subprocess.run([*command, "--constraint", str(constraints_file), *wanted])
    if result.returncode != 0:
        raise EnvironmentProblem(
            "pip could not install what Press Start needs (its own words stand above). The packages come from the "
            "Python package index: check the network, or point pip at a mirror (PIP_INDEX_URL), then run the same "
            "command again."
        )
    for stamp_file, text in _stamps(extras, venv, root):
        stamp_file.write_text(text, encoding="utf-8")


def run_again_inside(venv: Path = VENV) -> None:
    """Runs this very command line with the environment's Python, and ends as it ends."""
    # On Windows a console's default encoding cannot write every character of the site.
    os.environ["PYTHONUTF8"] = "1"
    command = [str(venv_python(venv)), *sys.orig_argv[1:]]
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name != "nt":
        os.execv(command[0], command)
    # Windows' exec gives the prompt back at once while the new process still writes to it.
    try:
        sys.exit(subprocess.call(command))
    except KeyboardInterrupt:
        sys.exit(130)


def tool(name: str) -> Path:
    """A program that pip put into the environment that runs this code, such as `deno`.

    Raises EnvironmentProblem where it is missing.
    """
    import sysconfig

    path = Path(sysconfig.get_path("scripts")) / (name + (sysconfig.get_config_var("EXE") or ""))
    if not path.is_file():
        raise EnvironmentProblem(
            f"{name} is missing from {path.parent}: run `python3 build serve` once, which installs it."
        )
    return path
