"""The packages that pyproject.toml pins, and the programs they install in .venv. Imports only the standard library."""

from __future__ import annotations

import sysconfig
from pathlib import Path

from system.project import ROOT


class SetupError(Exception):
    """Something is missing on this machine; the message says what, and what to do about it."""


def requirements(extras: tuple[str, ...] = (), root: Path = ROOT) -> tuple[list[str], list[str]]:
    """(what to install, the versions of its dependencies), as pyproject.toml pins them."""
    import tomllib  # not at the top: an older Python lacks it, but must reach the message of check_python

    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = list(project["project"]["dependencies"])
    for extra in extras:
        wanted += project["project"]["optional-dependencies"][extra]
    return wanted, project["tool"]["press-start"]["constraints"]


def tool(name: str) -> Path:
    """A program that pip installed in the environment that runs this code, such as `deno`.

    Raises SetupError if it is missing.
    """
    path = Path(sysconfig.get_path("scripts")) / (name + (sysconfig.get_config_var("EXE") or ""))
    if not path.is_file():
        raise SetupError(f"{name} is missing from {path.parent}: run `python3 build serve` once, which installs it.")
    return path
