"""What a replay block shows: recorded runs, reduced so that they fit into the page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from model.model_facts import count_parameters
from recorded.recorded_runs import Recording
from recorded.recorded_seen import Seen, of_text
from recorded.thinning import thinned
from texts.corpus import Corpus, CorpusError, has_own_run, title

STRETCHES = 140
DECIMALS = 4
ENGINES = {"cpu": "CPU engine", "webgpu": "WebGPU engine"}


@dataclass(frozen=True)
class Replay:
    """One recorded run; its fields are what engine/widgets/shared/island.ts calls ReplayedRun."""

    name: str
    title: str
    seed: str
    engine: str
    n_params: int
    vocab_size: int
    iterations: int
    rungs: dict[str, float] | None
    floor: float | None
    whole_val: float | None
    curve: dict[str, list[float | None]]
    samples: list[dict[str, Any]]
    seen: dict[str, Any] | None


def runs(recordings: Iterable[Recording]) -> list[Recording]:
    """The recordings that can be replayed: those of the lesson's run, not of presets."""
    return [recording for recording in recordings if recording.preset is None]


def chosen(recordings: Iterable[Recording], name: str | None, main: str) -> list[Recording]:
    """The recordings that can be replayed. The named one comes first, or else that of the site's own text.

    A run that is a text's own belongs to another lesson, and is there only if it is named.
    """
    shown = [one for one in runs(recordings) if one.corpus == name or not has_own_run(one.corpus)]
    return sorted(shown, key=lambda recording: recording.corpus != (name or main))


def island(
    found: Iterable[Recording], corpus: Callable[[str], Corpus], at_hand: Iterable[str], seen: Sequence[Seen] = ()
) -> dict[str, Any]:
    """The block's island.

    Only texts that are at hand give lines to compare with, and a vocabulary: others may need a network. Only the first
    run can be asked about its samples, because the numbers for that are three quarters of a run's bytes.
    """
    runs = [_replay(one, corpus, {*at_hand}, () if i else seen) for i, one in enumerate(found)]
    return {"kind": "replay", "runs": [asdict(run) for run in runs]}


def _replay(
    recording: Recording, corpus: Callable[[str], Corpus], at_hand: set[str], all_seen: Sequence[Seen]
) -> Replay:
    run, name = recording.run, recording.corpus
    text = _same_text(recording, corpus) if name in at_hand else None
    return Replay(
        name=name,
        title=text.title if text else title(name),
        seed=run["seed"],
        engine=ENGINES.get(run["engine"], run["engine"]),
        n_params=count_parameters(run["config"]["model"]),
        vocab_size=run["corpus"]["vocab_size"],
        iterations=run["config"]["training"]["iterations"],
        rungs=text.rungs() if text else None,
        floor=text.floor if text else None,
        whole_val=run["whole_val"],
        curve=_columns(for_a_screen(run["curve"])),
        samples=run["samples"],
        seen=_seen(of_text(all_seen, recording.sha256), text),
    )


def _seen(seen: Seen | None, text: Corpus | None) -> dict[str, Any] | None:
    """What readers need to ask about the samples."""
    if seen is None or text is None:
        return None
    config = seen.facts["config"]
    return {
        "samples": seen.facts["samples"],
        "characters": [*text.vocab],
        "temperature": config["sampling"]["temperature"],
        "n_layer": config["model"]["n_layer"],
    }


def _same_text(recording: Recording, corpus: Callable[[str], Corpus]) -> Corpus | None:
    try:
        text = corpus(recording.corpus)
    except CorpusError:
        return None  # the curve is still true without these lines
    return text if text.sha256 == recording.sha256 else None


def for_a_screen(curve: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Thins a curve, which has a row for every iteration, to a few hundred rows. Every val loss stays."""
    return thinned(curve, STRETCHES, lambda row: row["train"], lambda row: row["val"] is not None)


def _columns(rows: list[Mapping[str, Any]]) -> dict[str, list[float | None]]:
    def rounded(value: float | None) -> float | None:
        return None if value is None else round(value, DECIMALS)

    return {
        "iteration": [row["iteration"] for row in rows],
        "train": [rounded(row["train"]) for row in rows],
        "val": [rounded(row["val"]) for row in rows],
    }
