"""Catches: an environment that is trusted although pyproject.toml has changed, an install was interrupted, a package
lacks a file, or the system's Python has changed; a missing tool on a bare machine that ends in a traceback; an old
Python that gets a syntax error instead of a sentence; versions that drift."""

from __future__ import annotations

import errno
import functools
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import environment
from system import packages

ON_WINDOWS_ALONE = {"cffi", "colorama", "pycparser"}
PINNED = re.compile(r"[A-Za-z0-9._-]+==[0-9][0-9A-Za-z.]*")


def make_looks(venv: Path) -> None:
    """Makes a folder look like an environment, with a file in place of the interpreter."""
    environment.venv_python(venv).parent.mkdir(parents=True)
    environment.venv_python(venv).touch()


def test_everything_is_pinned_and_what_must_be_named_is(root: Path) -> None:
    wanted, constraints = packages.requirements(("test", "c"), root)
    assert [line for line in wanted + constraints if not PINNED.fullmatch(line)] == []
    names = {line.split("==")[0] for line in wanted}
    assert names >= {"mkdocs", "mkdocs-material", "markdown", "jinja2", "pytest", "playwright"}


def test_what_is_installed_here_is_what_is_pinned(root: Path) -> None:
    from importlib.metadata import version

    wanted, constraints = packages.requirements(("test",), root)
    for line in wanted + constraints:
        name, pinned = line.split("==")
        if name not in ON_WINDOWS_ALONE or os.name == "nt":
            assert version(name) == pinned


def test_ready_means_stamped_for_these_very_lines(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(root / "pyproject.toml", tmp_path)
    venv = tmp_path / ".venv"
    make_looks(venv)
    monkeypatch.setattr(environment, "python_version", lambda _venv: "3.11")
    assert not environment.is_ready((), venv, tmp_path)  # the install was interrupted before its stamp

    commands = []

    def pip(command: list[str], **_options: object) -> subprocess.CompletedProcess:
        commands.append(command)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", pip)
    environment.install(("test",), venv, tmp_path)
    assert "playwright==1.65.2" in commands[0]
    assert environment.is_ready(("test",), venv, tmp_path)
    assert environment.is_ready((), venv, tmp_path)  # `serve` after `test` installs nothing

    project = tmp_path / "pyproject.toml"
    project.write_text(project.read_text(encoding="utf-8").replace("playwright==1.65.2", "playwright==1.65.3"))
    assert not environment.is_ready(("test",), venv, tmp_path)
    assert environment.is_ready((), venv, tmp_path)

    for version in ("3.12", None):  # the system's Python was upgraded, or removed
        monkeypatch.setattr(environment, "python_version", lambda _venv, version=version: version)
        assert not environment.is_ready((), venv, tmp_path)


def installed(venv: Path, version: str = "3.11") -> Path:
    """An environment with one package, which has a program and a template; its files are listed as after an install."""
    packages = environment._packages(venv, version)
    names = ["one/__init__.py", "one/deep/er/module.py", "one/templates/main/base.html", "../../../bin/one"]
    names += ["one-1.0.dist-info/RECORD", "one/__pycache__/__init__.cpython-311.pyc"]
    for name in names:
        (packages / name).parent.mkdir(parents=True, exist_ok=True)
        (packages / name).touch()
    (packages / "one-1.0.dist-info/RECORD").write_text("".join(f"{name},,\n" for name in names), encoding="utf-8")
    environment._list_files(venv, version)
    return packages


@pytest.mark.parametrize(
    "gone",
    ["one", "one/deep/er/module.py", "one/templates", "../../../bin/one", "one-1.0.dist-info", "one/__init__.py"],
)
def test_a_package_that_was_deleted_is_installed_again(
    tmp_path: Path, root: Path, gone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    venv = tmp_path / ".venv"
    make_looks(venv)
    packages = installed(venv)
    assert environment.damaged(venv, "3.11") == set()
    shutil.rmtree(packages / gone) if (packages / gone).is_dir() else (packages / gone).unlink()
    assert environment.damaged(venv, "3.11") == {"one-1.0.dist-info"}
    monkeypatch.setattr(environment, "python_version", lambda _venv: "3.11")

    def pip(command: list[str], **_options: object) -> subprocess.CompletedProcess:
        assert not (packages / "one-1.0.dist-info").exists(), "pip takes the package for installed"
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", pip)
    environment.install((), venv, root)
    assert environment.damaged(venv, "3.11") == set() and environment.is_ready((), venv, root)


def test_what_python_writes_as_it_runs_is_not_missed(tmp_path: Path) -> None:
    packages = installed(tmp_path / ".venv")
    shutil.rmtree(packages / "one/__pycache__")
    assert environment.damaged(tmp_path / ".venv", "3.11") == set()


def link(source: Path, place: Path, *real: str) -> None:
    """A folder of links to the contents of `source`. The folders above the paths in `real` are real folders."""
    place.mkdir()
    for one in source.iterdir():
        inside = [path.partition("/")[2] for path in real if path.partition("/")[0] == one.name]
        if any(inside):
            link(one, place / one.name, *inside)
        else:
            (place / one.name).symlink_to(one)


def removed(gone: str) -> Callable[[Path], None]:
    def remove(venv: Path) -> None:
        place = venv / gone.format(packages=environment._packages(Path(), environment.python_version()))
        place.unlink()  # a link, to a file or to a folder

    return remove


def upgraded(venv: Path) -> None:
    """Like an upgrade on Debian: the link leads to another version, which ignores this version's folder."""
    for name in ("python", "python3"):
        (venv / "bin" / name).unlink()
        (venv / "bin" / name).write_text("#!/bin/sh\necho 3.99\n", encoding="utf-8")
        (venv / "bin" / name).chmod(0o755)


EXTRAS = ("test",)
NO_LINKS = pytest.mark.skipif(os.name == "nt", reason="not run here: on Windows only administrators may link files")


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The file list of the environment in which these tests run."""
    venv, version = tmp_path_factory.mktemp("listed") / ".venv", environment.python_version()
    link(environment.VENV, venv)
    (venv / environment.FILES).unlink(missing_ok=True)  # the link
    environment._list_files(venv, version)
    return (venv / environment.FILES).read_text(encoding="utf-8")


@pytest.fixture
def linked(tmp_path: Path, root: Path, listed: str) -> Path:
    """A copy of that environment made of links, which tests may remove; as if just installed."""
    venv, version = tmp_path / ".venv", environment.python_version()
    packages = environment._packages(Path(), version).as_posix()
    paths = ("mkdocs/structure/nav.py", "yaml/reader.py", "material/templates/partials")
    link(environment.VENV, venv, "bin/deno", *(f"{packages}/{path}" for path in paths))
    for file, text in [(venv / environment.FILES, listed), *environment._stamps(EXTRAS, venv, root, version)]:
        file.unlink(missing_ok=True)
        file.write_text(text, encoding="utf-8")
    return venv


@NO_LINKS
@pytest.mark.parametrize(
    ("change", "ready"),
    [
        (lambda _venv: None, True),
        (removed("{packages}/mkdocs/structure/nav.py"), False),
        (removed("{packages}/yaml/reader.py"), False),
        (removed("{packages}/jinja2"), False),
        (removed("{packages}/material/templates/partials"), False),
        (removed("bin/deno"), False),
        (removed("bin/python"), False),
        (upgraded, False),
        (removed("bin/activate"), True),  # not part of a package
    ],
    ids=["whole", "module", "part", "package", "templates", "deno", "python", "upgraded", "activate"],
)
def test_of_the_real_environment_what_is_missing_is_noticed(
    linked: Path, root: Path, change: Callable[[Path], None], ready: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is then installed again, but never without need."""
    change(linked)
    assert environment.is_ready(EXTRAS, linked, root) == environment.is_ready((), linked, root) == ready

    done: list[str] = []
    is_ready = functools.partial(environment.is_ready, venv=linked, root=root)
    monkeypatch.setattr(environment, "is_ready", is_ready)
    monkeypatch.setattr(environment, "make_venv", lambda: done.append("made"))
    monkeypatch.setattr(environment, "install", lambda extras: done.append(f"installed {extras}"))
    monkeypatch.setattr(environment, "run_again_inside", lambda: done.append("went on inside"))
    monkeypatch.setattr(environment, "inside_venv", lambda *_venv: False)
    environment.ensure(EXTRAS)
    assert done == [*([] if ready else ["made", f"installed {EXTRAS}"]), "went on inside"]


def test_the_environment_of_these_tests_is_looked_through_in_a_moment(tmp_path: Path, root: Path) -> None:
    """Within 100 ms; the fastest of five, because other programs run at the same time."""
    import time

    version = environment.python_version()
    for name in ("lib", "Lib"):
        if (environment.VENV / name).exists():
            (tmp_path / name).symlink_to((environment.VENV / name).resolve(), target_is_directory=True)
    (tmp_path / "bin").symlink_to((environment.VENV / "bin").resolve(), target_is_directory=True)
    environment._list_files(tmp_path, version)
    assert (tmp_path / environment.FILES).read_text(encoding="utf-8").count("/deno\n") == 1
    took = []
    for _ in range(5):
        start = time.perf_counter()
        assert environment.damaged(tmp_path, version) == set()
        took.append(time.perf_counter() - start)
    assert min(took) < 0.1


@pytest.mark.parametrize(
    ("stderr", "said"),
    [
        ("Error: [Errno 28] No space left on device: '/x/.venv'", "the disk is full"),
        ("Traceback\nPermissionError: [Errno 13] Permission denied: '/x'", "this user may not read or write there"),
        ("Error: [Errno 30] Read-only file system: '/x'", "the disk is read-only"),
        ("Error: something else\nwent wrong", "could not make {venv}: went wrong"),
    ],
)
def test_the_true_reason_is_given_where_python_makes_no_environment(
    tmp_path: Path, stderr: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    venv = tmp_path / ".venv"
    answer = subprocess.CompletedProcess([], 1, "", stderr)
    monkeypatch.setattr(subprocess, "run", lambda *_arguments, **_options: answer)
    monkeypatch.setattr(environment, "_free", lambda _folder: environment.LEAST_BYTES)
    with pytest.raises(environment.SetupError) as problem:
        environment.make_venv(venv)
    assert said.format(venv=venv) in str(problem.value)
    assert "ensurepip" not in str(problem.value) and "apt install" not in str(problem.value)


@pytest.mark.skipif(os.name == "nt", reason="no folder of Windows has the sign in its name")
def test_a_folder_in_which_python_makes_no_environment_is_reported(tmp_path: Path) -> None:
    with pytest.raises(environment.SetupError, match=r"because of the “:” in that path\. Rename the folder"):
        environment.make_venv(tmp_path / "week 1: start" / ".venv")


def test_a_file_or_a_link_in_its_place_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "_step", lambda _venv, _command: None)
    (tmp_path / "file").touch()
    (tmp_path / "damaged").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "damaged", target_is_directory=True)
    for name in ("file", "link"):
        environment.make_venv(tmp_path / name)
    assert not (tmp_path / "file").exists() and not (tmp_path / "damaged").exists()


def test_from_inside_a_damaged_environment_the_python_below_it_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    became: list[list[str]] = []

    def become(command: list[str]) -> None:
        became.append(command)
        raise SystemExit

    monkeypatch.setattr(environment, "_become", become)
    monkeypatch.setattr(environment, "_runs", lambda _venv: False)
    monkeypatch.setattr(environment, "inside_venv", lambda _venv: True)
    monkeypatch.setattr(sys, "orig_argv", ["python", "build", "site"])
    with pytest.raises(SystemExit):
        environment.make_venv(tmp_path / ".venv")
    assert became == [[sys._base_executable, "build", "site"]]


@pytest.mark.parametrize(("free", "said"), [(5_000_000, "5 MB are free"), (10**12, "check the network")])
def test_pip_is_not_blamed_on_the_network_when_the_disk_is_full(
    tmp_path: Path, free: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "_free", lambda _folder: free)
    assert said in environment._why(tmp_path)


def test_a_failed_install_is_not_stamped(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    venv = tmp_path / ".venv"
    make_looks(venv)
    monkeypatch.setattr(subprocess, "run", lambda command, **_options: subprocess.CompletedProcess(command, 1))
    with pytest.raises(environment.SetupError, match=r"check the network.*PIP_INDEX_URL"):
        environment.install((), venv, root)
    assert not environment.is_ready((), venv, root)


@pytest.mark.parametrize("missing", ["venv", "ensurepip"])
def test_a_python_without_venv_gets_one_plain_sentence(
    tmp_path: Path, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == missing else find(name))
    with pytest.raises(environment.SetupError) as problem:
        environment.make_venv(tmp_path / ".venv")
    package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    assert f"lacks the module {missing}" in str(problem.value)
    assert f"sudo apt install {package}" in str(problem.value)
    assert not (tmp_path / ".venv").exists()


@pytest.mark.full
def test_a_broken_environment_is_rebuilt(tmp_path: Path) -> None:
    venv = tmp_path / ".venv"
    make_looks(venv)  # a file that is not an interpreter, as in a half-copied folder
    (venv / "leftover").touch()
    environment.make_venv(venv)
    assert not (venv / "leftover").exists()
    command = [str(environment.venv_python(venv)), "-c", "import sys, pip; print(sys.prefix)"]
    prefix = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    assert Path(prefix).resolve() == venv.resolve()


def test_a_disk_that_is_full_before_the_command_begins_is_reported(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    spec = importlib.util.spec_from_file_location("build_program", root / "build" / "__main__.py")
    program = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(program)

    def full(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(environment, "ensure", full)
    monkeypatch.setattr(program.interrupts, "listen", lambda: None)
    monkeypatch.setattr(sys, "argv", ["build", "site"])
    assert program.main() == 1
    assert f"{environment.VENV} could not be written or read: the disk is full." in capsys.readouterr().err


def test_an_old_python_gets_a_sentence() -> None:
    with pytest.raises(environment.SetupError, match=r"needs Python 3\.11 or newer, and this is 3\.10"):
        environment.check_python((3, 10, 13))
    environment.check_python((3, 11, 0))
    environment.check_python((3, 14, 0))


@pytest.mark.parametrize(
    "file",
    [
        "__main__.py",
        "environment.py",
        "system/interrupts.py",
        "system/disk.py",
        "system/packages.py",
        "system/project.py",
    ],
)
def test_an_old_python_can_read_as_far_as_that_sentence(root: Path, file: str) -> None:
    import ast

    ast.parse((root / "build" / file).read_text(encoding="utf-8"), feature_version=(3, 8))


def test_the_bare_part_imports_the_standard_library_alone() -> None:
    """-S hides site-packages, as on a bare machine before the install."""
    code = "import sys; sys.path.insert(0, 'build'); import environment, runpy; runpy.run_path('build/__main__.py')"
    result = subprocess.run([sys.executable, "-S", "-c", code], cwd=environment.ROOT, capture_output=True, text=True)
    assert (result.returncode, result.stderr) == (0, "")


def test_a_missing_tool_names_the_way_out() -> None:
    assert packages.tool("deno").is_file()
    with pytest.raises(environment.SetupError, match="python3 build serve"):
        packages.tool("no-such-tool")
