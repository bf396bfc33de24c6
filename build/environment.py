"""The virtual environment `.venv`: made once, quickly checked, and left alone until pyproject.toml changes.

Runs on a bare Python with nothing installed, so it imports only the standard library.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from system import disk
from system.packages import SetupError, requirements
from system.project import ROOT

VENV = ROOT / ".venv"
OLDEST_PYTHON = (3, 11)
FILES = "press-start-files.txt"  # in the environment: what was installed; each line has a package and one of its files
LEAST_BYTES = 300_000_000  # disk space that the packages and pip's own copies of them may need


def venv_python(venv: Path = VENV) -> Path:
    """The interpreter inside a virtual environment, on this operating system."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def stamp(extras: tuple[str, ...] = (), root: Path = ROOT) -> str:
    """A hash that changes when what should be installed changes."""
    wanted, constraints = requirements(extras, root)
    return hashlib.sha256("\n".join([*wanted, "--", *constraints]).encode()).hexdigest()


def inside_venv(venv: Path = VENV) -> bool:
    return Path(sys.prefix).resolve() == venv.resolve()


def is_ready(extras: tuple[str, ...] = (), venv: Path = VENV, root: Path = ROOT) -> bool:
    """Whether `.venv` contains everything that pyproject.toml pins. Looks for the files; installs nothing."""
    if not venv_python(venv).exists():
        return False
    version = python_version(venv)
    return (
        version is not None
        and all(
            stamp_file.exists() and stamp_file.read_text(encoding="utf-8") == wanted
            for stamp_file, wanted in _stamps(extras, venv, root, version)
        )
        and damaged(venv, version) == set()
    )


def python_version(venv: Path = VENV) -> str | None:
    """The version of the environment's Python, such as 3.11, or None if that Python is gone.

    Asked afresh, because the system's Python, which the environment uses, may have been replaced.
    """
    if inside_venv(venv):
        return "{}.{}".format(*sys.version_info[:2])
    try:
        command = [str(venv_python(venv)), "-I", "-S", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
        asked = subprocess.run(command, capture_output=True, text=True)
    except OSError:
        return None
    return asked.stdout.strip() if asked.returncode == 0 else None


def damaged(venv: Path, version: str) -> set[str] | None:
    """The packages with missing files; None if the list of files cannot be read."""
    try:
        rows = (venv / FILES).read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    packages = os.fspath(_packages(venv, version)) + os.sep
    found, exists = set(), os.path.exists
    for row in rows:
        name, _, path = row.partition("\t")
        if not exists(packages + path):
            found.add(name)
    return found


def _packages(venv: Path, version: str) -> Path:
    return venv / "Lib/site-packages" if os.name == "nt" else venv / "lib" / ("python" + version) / "site-packages"


def _list_files(venv: Path, version: str) -> None:
    """Writes FILES: programs, modules and folders of data. Not each data file: there are thousands."""
    rows = []
    for record in sorted(_packages(venv, version).glob("*.dist-info/RECORD")):
        folders = set()
        for line in record.read_text(encoding="utf-8").splitlines():
            path = line.rsplit(",", 2)[0].strip('"')
            if path.endswith(".py") or path.startswith("..") or path.count("/") < 2:
                rows.append(record.parent.name + "\t" + path)
            elif not path.endswith(".pyc"):
                folders.add(path.rpartition("/")[0])
        rows += [record.parent.name + "\t" + folder for folder in sorted(folders)]
    (venv / FILES).write_text("".join(row + "\n" for row in rows), encoding="utf-8")


def _stamps(extras: tuple[str, ...], venv: Path, root: Path, version: str) -> list[tuple[Path, str]]:
    """One stamp for the base and one for each extra, so that `serve` after `test` installs nothing."""
    groups = [("press-start.stamp", ())] + [("press-start-" + extra + ".stamp", (extra,)) for extra in extras]
    return [(venv / name, stamp(group, root) + " python " + version) for name, group in groups]


def ensure(extras: tuple[str, ...] = ()) -> None:
    """Makes `.venv` ready. Returns if this Python runs inside it; else runs the same command line there and exits.

    Raises SetupError if this machine lacks something that only its owner can add.
    """
    check_python(sys.version_info)
    if not is_ready(extras):
        make_venv()
        install(extras)
    if not inside_venv():
        run_again_inside()


def check_python(version: tuple[int, ...]) -> None:
    """Raises SetupError if this Python is too old. Uses only syntax that an old one can parse."""
    if tuple(version[:2]) < OLDEST_PYTHON:
        raise SetupError(
            "Press Start needs Python {}.{} or newer, and this is {}.{} ({}). Install a newer one from "
            "https://www.python.org/downloads/ and use it for the same command.".format(
                *OLDEST_PYTHON, version[0], version[1], sys.executable
            )
        )


def make_venv(venv: Path = VENV) -> None:
    """Makes the virtual environment, or replaces one that does not run because it is incomplete or outdated."""
    if _runs(venv):
        return
    if inside_venv(venv):
        run_again_outside(venv)
    missing = [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]
    if missing:
        raise SetupError(missing_venv_sentence(missing[0]))
    if os.pathsep in str(venv):
        raise SetupError(
            f"Python cannot make an environment in {venv.parent} because of the “{os.pathsep}” in that path. Rename "
            f"the folder, {disk.AGAIN}"
        )
    print(f"Making {venv.name}, a private place for what the site is built with ...", flush=True)
    real = venv.resolve()
    try:
        if real.is_dir():
            shutil.rmtree(real)
        elif os.path.lexists(real):
            real.unlink()
    except OSError as problem:
        raise SetupError(disk.sentence(problem, venv) or f"{venv} cannot be removed: {problem}") from problem
    # In two steps, because `python -m venv` alone hides the messages of pip's installer.
    _step(venv, [sys.executable, "-m", "venv", "--without-pip", str(real)])
    _step(venv, [str(venv_python(real)), "-I", "-m", "ensurepip", "--upgrade", "--default-pip"])


def _step(venv: Path, command: list[str]) -> None:
    try:
        made = subprocess.run(command, capture_output=True, text=True, errors="replace")
        said = "" if made.returncode == 0 else (made.stderr.strip() or made.stdout.strip() or "no reason given")
    except OSError as problem:
        said = str(problem)
    if not said:
        return
    number = re.findall(r"\[Errno (\d+)\]", said)
    words = disk.BY_NUMBER.get(int(number[-1])) if number else None
    if words is None and _free(venv) < LEAST_BYTES:
        words = disk.REASONS["ENOSPC"]
    raise SetupError(
        f"Python could not make {venv}: {words or said.splitlines()[-1]}" + (f"\nIt said: {said}" if words else "")
    )


def _free(folder: Path) -> int:
    try:
        return shutil.disk_usage(next(path for path in (folder, *folder.parents) if path.exists())).free
    except OSError:
        return LEAST_BYTES


def missing_venv_sentence(module: str) -> str:
    package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    return (
        f"This Python ({sys.executable}) lacks the module {module}, which makes virtual environments: on Debian and "
        f"Ubuntu run `sudo apt install {package}`, elsewhere install Python from https://www.python.org/downloads/; "
        "then run the same command again."
    )


def _runs(venv: Path) -> bool:
    """Whether the environment's Python starts, is new enough and has pip. After an interruption any may be missing."""
    if not venv_python(venv).exists():
        return False
    version = python_version(venv)
    if version is None or any(name.startswith("pip-") for name in damaged(venv, version) or ()):
        return False
    check = f"import sys, pip; sys.exit(sys.version_info[:2] < {OLDEST_PYTHON!r})"
    try:
        return subprocess.run([str(venv_python(venv)), "-c", check], capture_output=True).returncode == 0
    except OSError:
        return False


def install(extras: tuple[str, ...] = (), venv: Path = VENV, root: Path = ROOT) -> None:
    """Installs what pyproject.toml pins, showing pip's progress. Stamps the environment once everything is there."""
    version = python_version(venv) or "none"
    for name in damaged(venv, version) or ():  # with that folder there, pip believes the package complete
        shutil.rmtree(_packages(venv, version) / name, ignore_errors=True)
    wanted, constraints = requirements(extras, root)
    print(f"Installing {len(wanted)} packages and what they need into {venv.name} (once) ...", flush=True)
    constraints_file = venv / "press-start-constraints.txt"
    constraints_file.write_text("\n".join(constraints) + "\n", encoding="utf-8")
    command = [str(venv_python(venv)), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    result = subprocess.run([*command, "--constraint", str(constraints_file), *wanted])
    if result.returncode != 0:
        raise SetupError(f"pip could not install what Press Start needs (its message is above). {_why(venv)}")
    _list_files(venv, version)
    for stamp_file, text in _stamps(extras, venv, root, version):
        stamp_file.write_text(text, encoding="utf-8")


def _why(venv: Path) -> str:
    """The most likely reason why pip could not install, and what to do."""
    if not os.access(venv, os.W_OK):
        return f"{venv} cannot be written: {disk.REASONS['EACCES']}"
    if _free(venv) < LEAST_BYTES:
        return (
            f"{_free(venv) / 1e6:,.0f} MB are free there, but the packages need about {LEAST_BYTES / 1e6:.0f}: "
            + (disk.REASONS["ENOSPC"])
        )
    return (
        "The packages come from the Python package index: check the network, or point pip at a mirror (PIP_INDEX_URL), "
        f"{disk.AGAIN}"
    )


def run_again_outside(venv: Path = VENV) -> None:
    """Runs this same command line with the Python that the environment was made from, which can replace it."""
    base = getattr(sys, "_base_executable", sys.executable)
    if not Path(base).exists() or venv.resolve() in Path(base).parents:
        raise SetupError(f"The environment {venv} is damaged. Delete that folder, {disk.AGAIN}")
    _become([base, *sys.orig_argv[1:]])


def run_again_inside(venv: Path = VENV) -> None:
    """Runs this same command line with the environment's Python and exits with its status."""
    # On Windows a console's default encoding cannot write every character of the site.
    os.environ["PYTHONUTF8"] = "1"
    _become([str(venv_python(venv)), *sys.orig_argv[1:]])


def _become(command: list[str]) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name != "nt":
        os.execv(command[0], command)
    # Windows' exec returns to the prompt at once, while the new process still writes there.
    running = subprocess.Popen(command)
    while True:
        try:
            sys.exit(running.wait())
        except KeyboardInterrupt:  # the child receives Ctrl-C too, and decides how it ends
            continue
