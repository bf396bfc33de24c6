"""The engine without a browser: deno runs the same TypeScript and WebAssembly as the page, for `record` and `bench`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from model import seeds
from model.model_json import read_description, with_own
from model.preset import Preset
from system import deno_program, disk, replaced_file
from system.project import ROOT
from texts import corpus as corpora


def record(
    corpus: corpora.Corpus,
    out: Path | None,
    engine: str | None = None,
    seed: str | None = None,
    iterations: int | None = None,
    workers: int | None = None,
    root: Path = ROOT,
    preset: Preset | None = None,
    until: int | None = None,
    module: str | None = None,
    save: Path | None = None,
    resume: Path | None = None,
) -> int:
    """Trains as the page would and writes the run to `out`, in the form of docs/recorded/. Returns the exit status.

    `seed` and `iterations` default to those of the text's own run or of engine/model.json; `workers` (default: every
    core) changes only the speed. A `preset` trains with its own settings, from a seed derived from `seed`. With `until`
    the run stops after that many iterations. `module` is the CPU engine's, fma or base; by default the one that suits
    this machine. A run on fma also gets the fingerprints of the same run on base. `save` is a file for the state at the
    end, a checkpoint; `resume` one to go on from, with its seed, model, training settings and, by default, its engine.
    Progress goes to stderr. Raises CorpusError if the text is too short for the model, and, before it trains, OSError
    if a file cannot be written or read.
    """
    described = with_own(read_description(root), corpus.own_run)
    corpora.check_length(corpus, described["model"]["block_size"])
    training = (preset.training if preset else described["training"]).copy()
    if iterations is not None:
        training["iterations"] = iterations
    for file in filter(None, (out, save)):
        replaced_file.try_out(file)
    if resume is not None:
        resume.open("rb").close()
    seed = described["seed"] if seed is None else seeds.normalised(seed)
    wanted = {
        "preset": preset.name if preset else None,
        "seed": preset.seed(seed) if preset else seed,
        "engine": engine if engine or resume else "cpu",
        "module": module,
        "workers": workers or cores(),
        "corpus_file": str(corpora.text_file(corpus)),
        "corpus_name": corpus.name,
        "rungs": corpus.rungs(),
        "phases": corpus.phases,
        "model": described["model"],
        "training": training,
        "evaluation": preset.evaluation if preset else described["evaluation"],
        "sampling": preset.sampling if preset else described["sampling"],
        "until": until,
        "resume": str(resume.resolve()) if resume is not None else None,
        "save": save is not None,
        "twice": out is not None and resume is None,
    }
    result = _run("record", wanted, root, stdout=subprocess.PIPE)
    run, _, state = result.stdout.partition(b"\0")  # JSON has no such byte
    if result.returncode != 0:
        return result.returncode
    kept = [_keep(run, out)] if out else []
    if save:
        kept.append(_keep(state, save) if state else 1)  # a state that cannot be saved has been reported
    return max(kept, default=0)


def states(
    corpus: corpora.Corpus, more: dict[str, Any], workers: int | None = None, root: Path = ROOT
) -> tuple[int, bytes]:
    """Trains the lesson's run on the module fma, for build/recorded/recorded_states.py. Returns exit status and output.

    `more` is what else engine/headless/record_checkpoint.ts is to know. Progress goes to stderr. Raises CorpusError if
    the text is too short for the model.
    """
    described = read_description(root)
    run = {name: described[name] for name in ("seed", "training", "evaluation", "sampling")}
    return _observing("record_checkpoint", corpus, run | more, workers, root)


def seen(
    corpus: corpora.Corpus, more: dict[str, Any], workers: int | None = None, root: Path = ROOT
) -> tuple[int, bytes]:
    """The same for build/recorded/recorded_seen.py and engine/headless/record_seen.ts."""
    return _observing("record_seen", corpus, {"rungs": corpus.rungs()} | more, workers, root)


def _observing(
    program: str, corpus: corpora.Corpus, more: dict[str, Any], workers: int | None, root: Path
) -> tuple[int, bytes]:
    described = with_own(read_description(root), corpus.own_run)
    corpora.check_length(corpus, described["model"]["block_size"])
    wanted = {
        "model": described["model"],
        "workers": workers or cores(),
        "corpus_file": str(corpora.text_file(corpus)),
        "corpus_name": corpus.name,
        "phases": corpus.phases,
    }
    result = _run(program, wanted | more, root, stdout=subprocess.PIPE)
    return result.returncode, result.stdout


def _keep(run: bytes, out: Path) -> int:
    """Writes the run; to a temporary file if `out` can no longer be written, because the run took minutes."""
    try:
        replaced_file.write_whole(out, run)
        return 0
    except OSError as problem:
        handle, name = tempfile.mkstemp(prefix=f"{out.stem}.", suffix=out.suffix)
        with os.fdopen(handle, "wb") as file:
            file.write(run)
        print(f"{disk.sentence(problem, out) or problem}\nThe run itself is not lost: {name}", file=sys.stderr)
        return 1


def bench(
    corpus: corpora.Corpus,
    engine: str | None = None,
    batch_sizes: list[int] | None = None,
    workers: list[int] | None = None,
    software_gpu: bool = False,
    root: Path = ROOT,
    module: str | None = None,
) -> int:
    """Prints one JSON line for each engine, batch size and number of Workers. Returns deno's exit status.

    Without a GPU, WebGPU is skipped with a sentence on stderr; if `engine` names it, that is an error.
    `software_gpu` accepts a software adapter too; `module` is as for record().
    """
    described = read_description(root)
    wanted = {
        "engine": engine,
        "batch_size": batch_sizes or [described["training"]["batch_size"]],
        "workers": workers or sorted({1, cores()}),
        "module": module,
        "corpus_file": str(corpora.text_file(corpus)),
        "software_gpu": software_gpu,
    }
    return _run("bench", wanted, root).returncode


def cores() -> int:
    """How many cores this process may use, if the system reports that; else how many there are."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def _run(program: str, wanted: dict, root: Path, **options: Any) -> subprocess.CompletedProcess:
    """Runs engine/headless/<program>.ts with one argument, a JSON object. It may read files, but not write any.

    Its permissions name no paths, because deno would split a path at a comma.
    """
    flags = ["--frozen", "--cached-only", "--no-check", "--allow-read", "--allow-sys"]
    return deno_program.run("run", *flags, f"engine/headless/{program}.ts", json.dumps(wanted), root=root, **options)
