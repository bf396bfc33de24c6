"""The packages that pyproject.toml pins, and the programs that they put into .venv. The standard library alone."""

from __future__ import annotations

import sysconfig
from pathlib import Path

from system.project import ROOT


class SetupError(Exception):
    """What is missing on this machine, and what to do about it, in a sentence or two for the person at the keyboard."""


def requirements(extras: tuple[str, ...] = (), root: Path = ROOT) -> tuple[list[str], list[str]]:
    """(what to install, the versions of its dependencies), as pyproject.toml pins them."""
    import tomllib  # an older Python reads this file as far as check_python's sentence

    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = list(project["project"]["dependencies"])
    for extra in extras:
        wanted += project["project"]["optional-dependencies"][extra]
    return wanted, project["tool"]["press-start"]["constraints"]


def tool(name: str) -> Path:
    """A program that pip put into the environment that runs this code, such as `deno`.

    Raises SetupError where it is missing.
    """
    path = Path(sysconfig.get_path("scripts")) / (name + (sysconfig.get_config_var("EXE") or ""))
    if not path.is_file():
        raise SetupError(f"{name} is missing from {path.parent}: run `python3 build serve` once, which installs it.")
    return path
