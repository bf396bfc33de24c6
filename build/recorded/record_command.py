"""`python3 build record`: which runs to record, and where pages look for them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from model import seeds
from model.preset import FILE, Preset, Presets
from reading.error_messages import one_of
from recorded import headless, recorded_runs
from system.project import ROOT
from texts import corpus as corpora


class RecordError(Exception):
    """The requested run cannot be recorded there; the message says what to do."""


def record(
    corpus: corpora.Corpus,
    presets: Callable[[], Presets],
    out: Path | None = None,
    preset: str | None = None,
    engine: str = "cpu",
    seed: str | None = None,
    iterations: int | None = None,
    workers: int | None = None,
    root: Path = ROOT,
    module: str | None = None,
) -> int:
    """Records the lesson's run, a preset's, or `all` presets'. Returns the exit status.

    Without `out` a run is written where pages quote it from; only a run with the project's own settings, on the CPU
    engine's module fma, may go there.
    `presets` reads docs/presets.yml, and is called only if a preset is wanted. Raises RecordError, CorpusError and
    whatever `presets` raises.
    """
    own = {"--seed": seed, "--iterations": iterations, "--engine": None if engine == "cpu" else engine}
    own["--module"] = None if module == recorded_runs.MODULE else module
    changed = [option for option, value in own.items() if value is not None]
    if changed and out is None:
        raise RecordError(f"With {' and '.join(changed)} it is not what the pages quote: add --out FILE.")
    if seed is not None and not seeds.normalised(seed):
        raise RecordError(f"--seed: {seeds.EMPTY}.")
    meant = _meant(preset, presets)
    if out is not None and len(meant) > 1:
        raise RecordError(f"{len(meant)} presets do not fit into one file: leave out --out.")
    for one in meant:
        name = recorded_runs.file_name(corpus.name, one.name if one else None)
        place = out or root / recorded_runs.FOLDER / name
        print(f"Recording {f'the preset {one.name}' if one else 'the run'}: {place}", file=sys.stderr, flush=True)
        used = recorded_runs.MODULE if out is None else module
        status = headless.record(corpus, place, engine, seed, iterations, workers, root, one, module=used)
        if status != 0:
            return status
    return 0


def _meant(name: str | None, presets: Callable[[], Presets]) -> list[Preset | None]:
    if name is None:
        return [None]
    known = presets()
    if name == recorded_runs.EVERY_PRESET:
        return list(known)
    if name not in known.names:
        names = [*known.names, recorded_runs.EVERY_PRESET]
        raise RecordError(f"{FILE} has no preset “{name}”; {one_of('presets', name, names)}")
    return [known.by_name[name]]
