"""Catches: a command in a message that the program itself would refuse, or that a shell reads differently: when pasted,
it would record another text, or run part of a file's name."""

from __future__ import annotations

import argparse
import importlib.util
import os
import shlex
import subprocess
from pathlib import Path

import pytest

from recorded import recorded_runs
from system import shell_words

NAMES = [
    "small",
    "a, b",
    "it's",
    'say "hi"',
    "$HOME",
    "a;b",
    "x#1",
    "100%",
    "[x]*?",
    "-dash",
    "--preset",
    "ü ber",
    "`a`",
    "~",
    "~/a",
    "*",
    "a|b",
    "a&b>c",
    "$(echo x)",
    "{a,b}",
    "!!",
    "\\",
    "-ö 'ß\" $x",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_command_can_be_pasted(root: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = importlib.util.spec_from_file_location("build_program", root / "build" / "__main__.py")
    program = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(program)
    monkeypatch.setattr(shell_words.os, "name", "posix")
    python, build, *words = shlex.split(recorded_runs.command(name, "dead"))
    asked: argparse.Namespace = program.parser().parse_args(words)
    assert (python, build, asked.command, asked.corpus, asked.preset) == ("python3", "build", "record", name, "dead")


@pytest.fixture(scope="module")
def shell_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with files that patterns match, and in its `bin` a python3 that prints its arguments."""
    folder = tmp_path_factory.mktemp("shell")
    for name in ("a", "b", "x"):
        (folder / name).touch()
    (folder / "bin").mkdir()
    (folder / "bin/python3").write_text("#!/bin/sh\nprintf '%s\\0' \"$@\"\n", encoding="utf-8")
    (folder / "bin/python3").chmod(0o755)
    return folder


def arguments_of(command: str, folder: Path) -> list[str]:
    """The arguments that python3 gets when a shell runs the command."""
    given = {"PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}", "HOME": str(folder)}
    ran = subprocess.run(["sh", "-c", command], cwd=folder, env=given, capture_output=True, timeout=20)
    assert (ran.returncode, ran.stderr) == (0, b""), command
    return ran.stdout.decode().split("\0")[:-1]


@pytest.mark.skipif(os.name == "nt", reason="not run here: Windows has no sh; its quotes are tested below")
@pytest.mark.parametrize("name", NAMES)
def test_a_shell_gives_the_program_that_very_name(name: str, shell_folder: Path) -> None:
    one, both = recorded_runs.told(
        [
            recorded_runs.Stale("docs/recorded/a.json", name, "dead", "another seed"),
            *(recorded_runs.Stale("docs/recorded/b.json", name, None, "another model") for _ in range(2)),
        ]
    )
    text = [f"--corpus={name}"] if name.startswith("-") else ["--corpus", name]
    assert arguments_of(one.split("Renew it: ")[1], shell_folder) == ["build", "record", "--preset", "dead", *text]
    assert arguments_of(both.splitlines()[-1], shell_folder) == ["build", "record", *text]
    assert sorted(path.name for path in shell_folder.iterdir()) == ["a", "b", "bin", "x"], "nothing else was run"


@pytest.mark.parametrize(
    ("name", "written"),
    [
        (r"C:\texts\mine.txt", r"C:\texts\mine.txt"),
        (r"C:\my texts\a & b.txt", r'"C:\my texts\a & b.txt"'),
        ("it's, $x (1);", '"it\'s, $x (1);"'),
    ],
)
def test_on_windows_it_stands_in_double_quotes(name: str, written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shell_words.os, "name", "nt")
    assert recorded_runs.command(name) == f"python3 build record --corpus {written}"
