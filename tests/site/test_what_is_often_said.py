"""What the lesson and docs/reference/departures.md say contrary to many texts, and no recorded run shows."""

from __future__ import annotations

import dataclasses
import json
import os
import re
from pathlib import Path

import pytest

from authoring.presets import read as read_presets
from recorded import headless
from system import deno_program
from texts import corpus as corpora

RATE = 1e-2
# Without warm-up, the run must end at least this many nats higher: measured 0.23 on tiny Shakespeare, 0.79 on the play
# machine.
BEHIND = 0.1
SAMPLES, LAYOUT_AT = 64, 400
NAME = re.compile(r"\n\n([A-Z][A-Za-z ']*):\n")
WORD = re.compile(r"(?<=\s)[A-Za-z]{4,}(?=[\s.,;:!?])")
FLAGS = ["--frozen", "--cached-only", "--no-check", "--allow-read", "--allow-sys"]


@pytest.mark.full
def test_the_missing_warm_up_does_the_harm(corpus: corpora.Corpus, root: Path, tmp_path: Path) -> None:
    """A learning rate of 1e-2 trains well with a warm-up, but lags without one."""
    (clean,) = [preset for preset in read_presets(root) if preset.change is None]
    ends = {}
    for warmup in (clean.training["warmup_iterations"], 0):
        training = clean.training | {"learning_rate": RATE, "warmup_iterations": warmup}
        out = tmp_path / f"{warmup}.json"
        assert headless.record(corpus, out, preset=dataclasses.replace(clean, training=training)) == 0
        run = json.loads(out.read_text(encoding="utf-8"))
        ends[warmup] = [row["val"] for row in run["curve"] if row["val"] is not None][-1]
        assert run["curve"][-1]["iteration"] == clean.training["iterations"]
    with_warmup, without = ends.values()
    assert without > with_warmup + BEHIND, ends


@pytest.mark.full
@pytest.mark.parametrize("seed", ["hamlet", "ophelia"])
def test_the_layout_of_a_play_comes_before_its_words(seed: str, corpus: corpora.Corpus) -> None:
    """On tiny Shakespeare, at iteration 400: a name and a colon in at least one of five samples, but few words."""
    try:
        text = corpus if corpus.name == corpora.SHAKESPEARE else corpora.load(corpora.SHAKESPEARE)
    except corpora.CorpusError as problem:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"not run here: {problem}")
    wanted = {"corpus_file": str(corpora.text_file(text)), "seed": seed, "workers": headless.cores()}
    wanted |= {"iteration": LAYOUT_AT, "samples": SAMPLES}
    script = "tests/engine/written_at.ts"
    result = deno_program.run("run", *FLAGS, script, json.dumps(wanted), capture_output=True, encoding="utf-8")
    assert result.returncode == 0, result.stderr
    written = json.loads(result.stdout)
    assert len(written) == SAMPLES
    known = {word.lower() for word in re.findall("[A-Za-z]+", text.train)}
    words = [word.lower() for sample in written for word in WORD.findall(sample)]
    named = [sample for sample in written if NAME.search(sample)]
    names = [name for sample in written for name in NAME.findall(sample)]
    true_names = set(NAME.findall(text.train)) & set(names)
    true_words = sum(word in known for word in words) / len(words)
    assert len(words) > 200
    assert len(named) > SAMPLES / 5 and true_words < 1 / 4, (len(named), true_words)
    assert len(true_names) <= 1, names
