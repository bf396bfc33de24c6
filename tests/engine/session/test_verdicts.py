"""Every preset shows the symptom that its button promises, and its curve gets the right verdict.

Catches: a preset with another symptom, on the tests' text and with three seeds; a wrong final verdict; a clean run
with a bad verdict at any point; a recording whose verdict no longer matches its curve.

The symptoms are those of the presets below on the project's two texts. A preset or text that an author adds may behave
differently; for those, only the recorded verdict is checked.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

from authoring import presets
from system import deno_program
from system.project import ROOT
from texts import corpus as corpora

RECORDED = sorted((ROOT / "docs/recorded").glob("preset-*.json"))
VERDICTS = {
    "clean": "clean",
    "diverge-fast": "exploded",
    "diverge-slow": "unwound",
    "dead": "flat",
    "overfit": "memorising",
    "noisy": "noisy",
}
OF_THE_PROJECT = (corpora.SHAKESPEARE, corpora.PLAY_MACHINE)
KNOWN = [name for name in presets.read(ROOT).names if name in VERDICTS]


def judged(file: Path) -> dict:
    """The recording's verdict by today's rules, and its verdicts along the way."""
    arguments = [
        "--frozen",
        "--cached-only",
        "--no-check",
        "--allow-read",
        "tests/engine/session/verdict_trail.ts",
        str(file),
    ]
    result = deno_program.run("run", *arguments, capture_output=True, text=True, encoding="utf-8")
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def check(run: dict, file: Path) -> None:
    name, found = run["preset"], judged(file)
    assert found["verdict"] == run["verdict"], "recorded with another verdict.ts: record it again"
    if name not in KNOWN or run["corpus"]["name"] not in OF_THE_PROJECT:
        return
    assert found["verdict"]["name"] == VERDICTS[name], found
    (_, first), *later = found["trail"]
    looks = ["clean"] if name == "diverge-slow" else []  # for a hundred iterations it is; then it is hard to say
    undecided = ["too short to tell"] * len(looks)
    assert first == "too short to tell" and [verdict for _, verdict in later] in (
        [*looks, VERDICTS[name]],
        [*looks, *undecided, VERDICTS[name]],
    ), found["trail"]
    SYMPTOMS[name](
        [row["train"] for row in run["curve"][:-1]],
        [row["val"] for row in run["curve"] if row["val"] is not None],
        math.log(run["corpus"]["vocab_size"]),
    )


def clean(train: list[float], val: list[float], ln_v: float) -> None:
    assert all(now < min(val[: i + 1]) + 0.1 for i, now in enumerate(val)), "val trembles, and never turns round"
    assert val[-1] < 0.6 * ln_v and abs(val[-1] - sum(train[-20:]) / 20) < 0.15


def exploded(train: list[float], val: list[float], ln_v: float) -> None:
    assert max(train[:30]) > 100 and max(train) > 1000
    assert None not in train, "sound arithmetic stays finite"


def unwound(train: list[float], val: list[float], ln_v: float) -> None:
    """test_slow_divergence.py compares this run with clean."""
    assert max(train[:100]) < 1.1 * ln_v and train[99] < 0.7 * ln_v, "it learns for a while"
    assert max(train) > 100
    assert min(train[200:]) > ln_v, "it stays up"


def flat(train: list[float], val: list[float], ln_v: float) -> None:
    assert all(abs(loss - ln_v) < 0.05 for loss in train + val)


def memorising(train: list[float], val: list[float], ln_v: float) -> None:
    assert sum(train[140:160]) / 20 < 0.35 and train[-1] < 0.15
    assert val[-1] > ln_v + 0.5 > min(val) + 1.2, "val turns round below ln V and climbs past it"


def noisy(train: list[float], val: list[float], ln_v: float) -> None:
    assert max(train[80:]) - min(train[80:]) > 0.9, "it swings"
    assert val[-1] < 0.7 * ln_v, "and learns all the same"


SYMPTOMS = {
    "clean": clean,
    "diverge-fast": exploded,
    "diverge-slow": unwound,
    "dead": flat,
    "overfit": memorising,
    "noisy": noisy,
}


@pytest.mark.parametrize("file", RECORDED, ids=lambda file: file.stem)
def test_a_recorded_preset_shows_its_symptom_and_gets_its_verdict(file: Path) -> None:
    check(json.loads(file.read_text(encoding="utf-8")), file)


def test_each_preset_of_the_project_is_recorded_wherever_the_lesson_is() -> None:
    texts = [name for name in OF_THE_PROJECT if (ROOT / f"docs/recorded/run-{name}.json").exists()]
    names = {f"preset-{corpus}-{name}" for corpus in texts for name in KNOWN}
    assert names and names - {file.stem for file in RECORDED} == set()


@pytest.mark.full
@pytest.mark.parametrize("seed", ["hamlet", "ophelia", "yorick"])
@pytest.mark.parametrize("name", KNOWN)
def test_a_preset_shows_its_symptom_and_gets_its_verdict(
    name: str, seed: str, corpus_file: Path, tmp_path: Path
) -> None:
    out = tmp_path / f"{name}.json"
    options = ["--preset", name, "--seed", seed, "--corpus", str(corpus_file), "--out", str(out)]
    command = [sys.executable, str(ROOT / "build"), "record", *options]
    result = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=600)
    assert result.returncode == 0, result.stderr
    run = json.loads(out.read_text(encoding="utf-8"))
    assert run["seed"] == presets.read(ROOT).by_name[name].seed(seed)
    check(run, out)
