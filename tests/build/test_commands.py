"""Catches: a command without help, a choice that does not reach child processes, a problem reported as a traceback."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import commands
from model.model_json import read_description
from recorded import headless
from system.project import ROOT
from texts import corpus as corpora

COMMANDS = ["serve", "site", "usb", "test", "record", "bench"]


def build(*arguments: str, **variables: str) -> subprocess.CompletedProcess:
    """Runs `python build ...` from another folder, as a user might."""
    return subprocess.run(
        [sys.executable, str(ROOT / "build"), *arguments],
        cwd=ROOT.parent,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself(command: str) -> None:
    result = build(command, "--help")
    assert result.returncode == 0
    assert f"build {command}" in result.stdout
    assert "--corpus" in result.stdout


def test_no_command_and_wrong_values_are_reported_in_words() -> None:
    for arguments, words in [((), "required"), (("bake",), "invalid choice"), (("serve", "--port", "99999"), "65535")]:
        result = build(*arguments)
        assert result.returncode == 2
        assert words in result.stderr
        assert "Traceback" not in result.stderr


@pytest.mark.parametrize("command", [("site",), ("usb",), ("record", "--out", "run.json"), ("bench",)])
def test_a_problem_with_the_corpus_is_one_sentence(command: tuple[str, ...]) -> None:
    result = build(*command, "--corpus", "no-such-text")
    assert result.returncode == 1
    assert "there is no corpus and no file called 'no-such-text'" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_chosen_path_holds_in_every_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine.txt").write_text("words", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(corpora.VARIABLE, "play-machine")
    commands.choose_corpus("mine.txt")
    assert os.environ[corpora.VARIABLE] == str((tmp_path / "mine.txt").resolve())
    commands.choose_corpus(None)
    assert os.environ[corpora.VARIABLE] == str((tmp_path / "mine.txt").resolve())
    commands.choose_corpus("play-machine")
    assert os.environ[corpora.VARIABLE] == "play-machine"
    commands.choose_corpus("project")
    assert os.environ[corpora.VARIABLE] == corpora.project_choice(), "by name, so that nothing can stand in for it"


def test_record_hands_the_engine_all_that_it_needs(
    corpus: corpora.Corpus, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def run(*arguments: str, **_options: object) -> subprocess.CompletedProcess:
        calls.append(arguments)
        return subprocess.CompletedProcess(arguments, 7, b"")

    monkeypatch.setattr(headless.deno_program, "run", run)
    out = tmp_path / "new folder" / "run.json"
    assert headless.record(corpus, out, seed="", iterations=3, workers=2) == 7
    assert out.parent.is_dir()
    *flags, program, wanted = calls[0]
    assert program == "engine/headless/record.ts"
    assert [flag for flag in flags if "=" in flag or "write" in flag] == []
    described = read_description(root)
    assert json.loads(wanted) == {
        "preset": None,
        "seed": "",  # an empty seed is a seed, not a missing one
        "engine": "cpu",
        "module": None,
        "workers": 2,
        "corpus_file": str(corpora.text_file(corpus)),
        "corpus_name": corpus.name,
        "rungs": corpus.rungs(),
        "phases": list(corpus.phases or described["phases"]),
        "model": described["model"],
        "training": described["training"] | {"iterations": 3},
        "evaluation": described["evaluation"],
        "sampling": described["sampling"],
        "until": None,
        "resume": None,
        "save": False,
        "twice": True,
    }


def test_a_text_too_short_to_train_on_is_refused_before_training(tmp_path: Path, root: Path) -> None:
    short = corpora.Corpus("short", "short", "a short text, indeed", "", root)
    with pytest.raises(corpora.CorpusError, match="too few for a block_size of 64"):
        headless.record(short, tmp_path / "run.json")
    assert not (tmp_path / "run.json").exists()


def test_ci_runs_what_the_readme_says(root: Path) -> None:
    ci = (root / ".ci" / "run").read_text(encoding="utf-8")
    assert ci.strip().endswith("exec python3 build test")
    assert "python3 build test" in (root / "README.md").read_text(encoding="utf-8")
    assert os.access(root / ".ci" / "run", os.X_OK) or os.name == "nt"


def test_parser_knows_every_command_that_runs() -> None:
    with pytest.raises(KeyError):
        commands.run(argparse.Namespace(command="bake", corpus=None))
