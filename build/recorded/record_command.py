"""`python3 build record`: which runs to record, and where pages look for them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from model import seeds
from model.preset import FILE, Preset, Presets
from reading.error_messages import one_of
from recorded import headless, recorded_file, recorded_runs, recorded_seen, recorded_states
from system.project import ROOT
from texts import corpus as corpora


class RecordError(Exception):
    """The requested run cannot be recorded there; the message says what to do."""


def record(
    corpus: corpora.Corpus,
    presets: Callable[[], Presets],
    out: Path | None = None,
    preset: str | None = None,
    engine: str | None = None,
    seed: str | None = None,
    iterations: int | None = None,
    workers: int | None = None,
    root: Path = ROOT,
    module: str | None = None,
    until: int | None = None,
    save: Path | None = None,
    resume: Path | None = None,
) -> int:
    """Records the lesson's run, a preset's, an experiment's runs, or `all` of them. Returns the exit status.

    Without `out` a run is written where pages quote it from; only a run with the project's own settings, on the CPU
    engine's module fma, may go there. `save` is a file for the state at the end; then `out` may be missing, and nothing
    is recorded. `resume` is such a file to go on from.
    `presets` reads docs/presets.yml, and is called only if a preset is wanted. Raises RecordError, CorpusError and
    whatever `presets` raises.
    """
    own = {"--seed": seed, "--iterations": iterations, "--engine": None if engine == "cpu" else engine}
    own |= {"--module": None if module == recorded_runs.MODULE else module, "--until": until}
    changed = [option for option, value in own.items() if value is not None]
    if resume is not None:
        settled = {"--seed": seed, "--iterations": iterations, "--preset": preset}
        for option in (option for option, value in settled.items() if value is not None):
            raise RecordError(f"--resume goes on with the file's own run: leave out {option}.")
        if out is None and save is None:
            raise RecordError(
                "With --resume add --out FILE for the whole run, or --save FILE for its state at the end."
            )
    recorded = out is None and save is None
    if changed and recorded:
        raise RecordError(f"With {' and '.join(changed)} it is not the run that the pages quote: add --out FILE.")
    if seed is not None and not seeds.normalised(seed):
        raise RecordError(f"--seed: {seeds.EMPTY}.")
    meant = _meant(preset, presets)
    if not recorded and len(meant) > 1:
        raise RecordError(f"{len(meant)} presets do not fit into one file: leave out {'--out' if out else '--save'}.")
    for one in meant:
        name = recorded_runs.file_name(corpus.name, one.name if one else None)
        place = root / recorded_file.FOLDER / name if recorded else out
        what = f"the preset {one.name}" if one else f"the rest of {resume}" if resume else "the run"
        print(f"Recording {what}: {place or save}", file=sys.stderr, flush=True)
        used = recorded_runs.MODULE if recorded else module
        more = {"module": used, "until": until, "save": save, "resume": resume}
        status = headless.record(corpus, place, engine, seed, iterations, workers, root, one, **more)
        if status != 0:
            return status
    return 0


def record_states(corpus: corpora.Corpus, workers: int | None, options: list[str], root: Path = ROOT) -> int:
    """Records the states of the lesson's run. Returns the exit status. `options` are others that were given.

    Raises RecordError, CorpusError.
    """
    if options:
        raise RecordError(f"--checkpoint records states of the run that the pages quote: leave out {options[0]}.")
    if not recorded_states.measures(corpus, root):
        raise RecordError(f"The text {corpus.name} is too short to measure a validation loss: choose a longer one.")
    place = root / recorded_file.FOLDER / recorded_states.file_name(corpus.name)
    print(f"Recording states of the run: {place}", file=sys.stderr, flush=True)
    return recorded_states.record(corpus, workers, root)


def record_seen(
    corpus: corpora.Corpus,
    presets: Callable[[], Presets],
    workers: int | None,
    options: list[str],
    root: Path = ROOT,
) -> int:
    """Records the inside of the lesson's run and of the presets. Returns the exit status.

    `options` are others that were given. Raises RecordError, CorpusError and whatever `presets` raises.
    """
    if options:
        raise RecordError(f"--observe observes the runs that the pages quote: leave out {options[0]}.")
    place = root / recorded_file.FOLDER / recorded_seen.file_name(corpus.name)
    print(f"Recording the inside of the runs: {place}", file=sys.stderr, flush=True)
    return recorded_seen.record(corpus, presets().runs, workers, root)


def _meant(name: str | None, presets: Callable[[], Presets]) -> list[Preset | None]:
    if name is None:
        return [None]
    known = presets()
    if name == recorded_runs.EVERY_PRESET:
        return list(known.runs.values())
    if name in known.experiments:
        return list(known.experiments[name])
    if name not in known.runs:
        names = [*known.names, *known.experiments, recorded_runs.EVERY_PRESET]
        raise RecordError(f"{FILE} has no preset “{name}”; {one_of('presets', name, names)}")
    return [known.runs[name]]
