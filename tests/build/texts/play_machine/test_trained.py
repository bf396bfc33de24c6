"""As the lesson says, a model trained on a text with an exactly known floor comes close to it, but never below."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from system import deno_program
from texts import play_machine

# How far above the floor a whole run may end, in nats per character.
HIGHEST = {"play-machine": 0.15, "easy": 0.10}
FLAGS = ["--frozen", "--cached-only", "--no-check", "--allow-read", "--allow-sys"]


@pytest.mark.full
@pytest.mark.parametrize("grammar", HIGHEST)
def test_the_model_ends_just_above_the_floor(grammar: str, tmp_path: Path, root: Path) -> None:
    text = play_machine.generate(grammar=grammar)
    file = tmp_path / "text.txt"
    file.write_text(text, encoding="utf-8")
    wanted = {"corpus_file": str(file), "seed": "hamlet", "workers": os.cpu_count() or 1, "iterations": 2000}
    script = "tests/build/texts/play_machine/trained_score.ts"
    result = deno_program.run("run", *FLAGS, script, json.dumps(wanted), root=root, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    score = json.loads(result.stdout)
    judged = slice(score["first"], score["first"] + score["count"])
    # Nearly the whole last tenth, except about a window and a half at its ends.
    assert score["count"] > 0.099 * len(text)
    exact = play_machine.nll_per_character(text, grammar)[judged]
    above = score["nll"] - sum(exact) / len(exact)
    assert 0 < above < HIGHEST[grammar]
