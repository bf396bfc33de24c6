"""Catches: an environment that is trusted although pyproject.toml has changed or an install broke off, a bare machine's
lack that ends in a traceback, an old Python that gets a syntax error instead of a sentence, versions that drift."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import environment
import pytest

ON_WINDOWS_ALONE = {"cffi", "colorama", "pycparser"}
PINNED = re.compile(r"[A-Za-z0-9._-]+==[0-9][0-9A-Za-z.]*")


def make_looks(venv: Path) -> None:
    """An environment's outside: an interpreter where one is looked for."""
    environment.venv_python(venv).parent.mkdir(parents=True)
    environment.venv_python(venv).touch()


def test_everything_is_pinned_and_what_must_be_named_is(root: Path) -> None:
    wanted, constraints = environment.requirements(("test", "c"), root)
    assert [line for line in wanted + constraints if not PINNED.fullmatch(line)] == []
    names = {line.split("==")[0] for line in wanted}
    assert names >= {"mkdocs", "mkdocs-material", "markdown", "jinja2", "pytest", "playwright"}


def test_what_is_installed_here_is_what_is_pinned(root: Path) -> None:
    from importlib.metadata import version

    wanted, constraints = environment.requirements(("test",), root)
    for line in wanted + constraints:
        name, pinned = line.split("==")
        if name not in ON_WINDOWS_ALONE or os.name == "nt":
            assert version(name) == pinned


def test_ready_means_stamped_for_these_very_lines(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(root / "pyproject.toml", tmp_path)
    venv = tmp_path / ".venv"
    make_looks(venv)
    assert not environment.is_ready((), venv, tmp_path)  # the install broke off before its stamp

    commands = []

    def pip(command: list[str], **_options: object) -> subprocess.CompletedProcess:
        commands.append(command)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", pip)
    environment.install(("test",), venv, tmp_path)
    assert "playwright==1.65.2" in commands[0]
    assert environment.is_ready(("test",), venv, tmp_path)
    assert environment.is_ready((), venv, tmp_path)  # `serve` after `test` has nothing to do

    project = tmp_path / "pyproject.toml"
    project.write_text(project.read_text(encoding="utf-8").replace("playwright==1.65.2", "playwright==1.65.3"))
    assert not environment.is_ready(("test",), venv, tmp_path)
    assert environment.is_ready((), venv, tmp_path)


def test_a_failed_install_is_not_stamped(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    venv = tmp_path / ".venv"
    make_looks(venv)
    monkeypatch.setattr(subprocess, "run", lambda command, **_options: subprocess.CompletedProcess(command, 1))
    with pytest.raises(environment.EnvironmentProblem, match=r"check the network.*PIP_INDEX_URL"):
        environment.install((), venv, root)
    assert not environment.is_ready((), venv, root)


@pytest.mark.parametrize("missing", ["venv", "ensurepip"])
def test_a_python_without_venv_gets_one_plain_sentence(
    tmp_path: Path, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == missing else find(name))
    with pytest.raises(environment.EnvironmentProblem) as problem:
        environment.make_venv(tmp_path / ".venv")
    package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    assert f"lacks its module {missing}" in str(problem.value)
    assert f"sudo apt install {package}" in str(problem.value)
    assert not (tmp_path / ".venv").exists()


def test_a_broken_environment_is_made_anew(tmp_path: Path) -> None:
    venv = tmp_path / ".venv"
    make_looks(venv)  # a file that is no interpreter, as a half-copied folder leaves
    (venv / "leftover").touch()
    environment.make_venv(venv)
    assert not (venv / "leftover").exists()
    command = [str(environment.venv_python(venv)), "-c", "import sys, pip; print(sys.prefix)"]
    prefix = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    assert Path(prefix).resolve() == venv.resolve()


def test_an_old_python_is_told_so() -> None:
    with pytest.raises(environment.EnvironmentProblem, match=r"needs Python 3\.11 or newer, and this is 3\.10"):
        environment.check_python((3, 10, 13))
    environment.check_python((3, 11, 0))
    environment.check_python((3, 14, 0))


@pytest.mark.parametrize("file", ["__main__.py", "environment.py", "interrupts.py", "disk.py"])
def test_an_old_python_can_read_as_far_as_that_sentence(root: Path, file: str) -> None:
    import ast

    ast.parse((root / "build" / file).read_text(encoding="utf-8"), feature_version=(3, 8))


def test_the_bare_part_imports_the_standard_library_alone() -> None:
    """-S hides site-packages: what the first seconds on a bare machine see."""
    code = "import sys; sys.path.insert(0, 'build'); import environment, runpy; runpy.run_path('build/__main__.py')"
    result = subprocess.run([sys.executable, "-S", "-c", code], cwd=environment.ROOT, capture_output=True, text=True)
    assert (result.returncode, result.stderr) == (0, "")


def test_a_missing_tool_names_the_way_out() -> None:
    assert environment.tool("deno").is_file()
    with pytest.raises(environment.EnvironmentProblem, match="python3 build serve"):
        environment.tool("no-such-tool")
