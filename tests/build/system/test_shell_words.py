"""Catches: a command in a message that a shell reads as another one, or that the program itself would refuse."""

from __future__ import annotations

import argparse
import importlib.util
import shlex
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
