"""Every source file, as its own tools see it: types, style and the tests that deno runs.

Catches a type error, a lint (Math.random among them), unformatted code, and every failure of a *_test.ts file.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from system import deno_program
from system.project import ROOT

DENO_TESTS = sorted(path.relative_to(ROOT) for path in (ROOT / "tests").rglob("*_test.ts"))
# Their tests mostly wait for a clock, so they run at the same time, several files at once.
WAITING = ["tests/engine/session", "tests/engine/workers"]
DENO_FOLDERS = [WAITING, *([folder] for folder in sorted({path.parent.as_posix() for path in DENO_TESTS} - {*WAITING}))]
DENO_JOBS = 2


def run_deno(*arguments: str) -> str:
    """deno's output. Fails the test with it where deno is not content."""
    result = deno_program.run(*arguments, capture_output=True, text=True, encoding="utf-8", errors="replace")
    output = result.stdout + result.stderr
    assert result.returncode == 0, output
    return output


# Apart: tests import node:assert, and with it come Node's types for what a browser calls setTimeout.
@pytest.mark.parametrize("folders", [("engine", "build"), ("tests",)])
def test_typescript_has_no_type_errors(folders: tuple[str, ...]) -> None:
    run_deno("check", "--frozen", "--cached-only", *folders)


def test_typescript_has_no_lints() -> None:
    run_deno("lint")


def test_typescript_is_formatted() -> None:
    run_deno("fmt", "--check")


def test_lint_forbids_math_random(tmp_path: Path) -> None:
    source = ROOT / "tests" / "lint_probe.ts"
    source.write_text("export const chance = Math.random();\n", encoding="utf-8")
    try:
        result = deno_program.run("lint", str(source), capture_output=True, text=True, encoding="utf-8")
    finally:
        source.unlink()
    assert result.returncode != 0
    assert "no-math-random" in result.stderr


@pytest.mark.parametrize("folders", DENO_FOLDERS, ids=" ".join)
def test_deno(folders: list[str], corpus_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESS_START_CORPUS", str(corpus_file))
    monkeypatch.setenv("DENO_JOBS", str(DENO_JOBS))
    flags = ["--frozen", "--cached-only", "--no-check", "--allow-read", "--allow-env", "--allow-sys"]
    flags += ["--parallel"] if folders == WAITING else []  # elsewhere some tests compare times
    files = [path.as_posix() for path in DENO_TESTS if path.parent.as_posix() in folders]
    assert "ok | " in run_deno("test", *flags, *files)


def test_no_test_file_is_left_out() -> None:
    """pytest skips folders by name (build is one) without a word."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-q"]
    output = subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout
    collected = {line.split(":")[0] for line in output.splitlines()}
    files = {path.relative_to(ROOT).as_posix() for path in (ROOT / "tests").rglob("test_*.py")}
    assert files - collected == set()
    # Some files call a function of their own that calls Deno.test.
    tests = re.compile(r"^(Deno\.)?test\(", re.MULTILINE)
    deno_files = {path for path in (ROOT / "tests").rglob("*.ts") if tests.search(path.read_text("utf-8"))}
    assert {path.relative_to(ROOT) for path in deno_files} - set(DENO_TESTS) == set()


@pytest.mark.parametrize("arguments", [["check"], ["format", "--check"]], ids=["lints", "format"])
def test_ruff_is_content(arguments: list[str]) -> None:
    command = [sys.executable, "-m", "ruff", *arguments]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
