"""Every name that prose may use, and where its value comes from: model.json, the texts, recorded runs and speeds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

from markupsafe import Markup

from model import seeds
from model.model_facts import count_parameters, flops_per_iteration
from model.preset import Experiment, Preset, Presets
from prose.echo_values import echo_values
from prose.health_values import health_values
from prose.line_values import line_values
from prose.named_values import Later, Names, UnavailableError, named
from prose.play_machine_values import play_machine_values
from prose.seen_values import seen_values
from prose.value_formats import Nats, Verbatim, escaped
from reading.error_messages import Follows
from recorded import recorded_seen
from recorded.recorded_runs import EVERY_PRESET, Recording, command
from recorded.recorded_seen import Seen
from recorded.recorded_speed import Recorded
from recorded.recorded_states import States, of_text
from texts.corpus import Corpus, CorpusError, has_own_run
from texts.text_about import About

BYTES_PER_PARAMETER = 4  # f32
CLIMB = 0.01  # nats: a run overfits if its last val loss is further than this above its best
NO_PRESETS = Follows("docs/presets.yml has errors; fix those first")
NO_EXPERIMENTS = "docs/presets.yml has no experiments"
Quote = Callable[[Recording, Mapping[str, Any]], Markup]  # the HTML of one sample of a recording


@dataclass(frozen=True)
class Sources:
    """Where the values come from."""

    description: Mapping[str, Any]  # engine/model.json
    main: Corpus
    corpus_names: Iterable[str]
    corpus: Callable[[str], Corpus]  # may raise CorpusError
    corpus_choice: str  # how --corpus would name the main text
    recordings: list[Recording]
    presets: Presets
    speed: Recorded
    quote: Quote
    single_file_bytes: int  # the largest file that a lesson may become
    abouts: Sequence[About] = ()  # of the author's own texts
    states: Sequence[States] = ()  # of the lesson's run, on some texts
    seen: Sequence[Seen] = ()  # likewise, of the inside of runs


def known_values(sources: Sources) -> dict[str, Any]:
    """The top-level names for a page's prose, with their values."""
    description, main = sources.description, sources.main
    sections = {name: named(name, description[name]) for name in ("training", "evaluation", "sampling")}
    names = {name: _corpus_later(f"corpora.{name}", name, sources) for name in sources.corpus_names}
    return {
        "seed": Verbatim(seeds.shown(description["seed"])),
        "phases": main.phases,
        "usual_phases": list(description["phases"]),
        "limits": named("limits", description["limits"] | {"single_file_bytes": sources.single_file_bytes}),
        "model": named("model", _model(description, len(main.vocab))),
        **sections,
        "corpus": _corpus("corpus", main),
        "corpora": Names("corpora", names),
        "texts": [named("texts", {"title": text.title, "credits": text.credits}) for text in sources.abouts],
        "play_machine": play_machine_values(sources.corpus),
        "echo": echo_values(sources.corpus),
        "presets": Names("presets", _presets(sources.presets), why_empty=NO_PRESETS),
        "recorded": _recorded(sources),
        "speed": _speed(sources.speed),
    }


def _model(description: Mapping[str, Any], vocab_size: int) -> dict[str, Any]:
    model = {**description["model"], "vocab_size": vocab_size}
    n_params = count_parameters(model)
    flops = flops_per_iteration(model, description["training"]["batch_size"])
    return model | {
        "head_size": model["n_embd"] // model["n_head"],
        "n_params": n_params,
        "bytes": BYTES_PER_PARAMETER * n_params,
        "gflop_per_iteration": {name: value / 1e9 for name, value in flops.items()},
    }


def _corpus_later(path: str, name: str, sources: Sources) -> Later:
    def load() -> Names:
        try:
            return _corpus(path, sources.corpus(name))
        except CorpusError as problem:
            raise UnavailableError(str(problem)) from problem

    return Later(load)


def _corpus(path: str, corpus: Corpus) -> Names:
    def rungs() -> Names:
        found = corpus.rungs()
        if found is None:
            raise UnavailableError(
                f"the text {corpus.name} is too short for rungs; leave them out, or choose a longer text"
            )
        return Names(f"{path}.rungs", {name: Nats(nats) for name, nats in found.items()})

    def bare() -> Names:
        letters, full = corpus.bare_letters(), corpus.rungs()
        if letters is None or full is None:
            raise UnavailableError(
                f"the text {corpus.name} is too short, or has too few letters, to count only letters"
            )
        here = f"{path}.bare_letters"
        by_rung = {"rungs": letters.rungs, "extra": letters.extra(full)}
        groups = {
            group: Names(f"{here}.{group}", {name: Nats(nats) for name, nats in values.items()})
            for group, values in by_rung.items()
        }
        counts = {name: getattr(letters, name) for name in ("characters", "symbols", "per_character")}
        return Names(here, counts | groups)

    return Names(
        path,
        {
            "name": corpus.name,
            "title": corpus.title,
            "credits": corpus.credits,
            "characters": len(corpus.text),
            "training_characters": len(corpus.train),
            "validation_characters": len(corpus.validation),
            "vocab_size": len(corpus.vocab),
            "bytes": corpus.bytes,
            "rungs": Later(rungs),
            # Without capitals, punctuation and line breaks: `rungs` are per character of that text, `extra` is what a
            # character of the full text costs beyond its share of that one.
            "bare_letters": Later(bare),
            "common": Later(lambda: _listed(_common(corpus.text))),
            "common_pairs": Later(lambda: _listed(_common_pairs(corpus.text))),
            # None if unknown: prose checks with {% if corpus.floor %}.
            "floor": Later(lambda: None if corpus.floor is None else Nats(corpus.floor)),
        },
    )


def _presets(presets: Presets) -> dict[str, Any]:
    return {preset.name: named(f"presets.{preset.name}", _preset(preset)) for preset in presets}


SPACES = {" ": "the space", "\n": "the line break", "\t": "the tab"}


@lru_cache(maxsize=8)  # `serve` needs it at every edit, and the text hardly ever changes
def _common(text: str, count: int = 5) -> list[str]:
    return [character for character, _ in Counter(text).most_common(count)]


@lru_cache(maxsize=8)
def _common_pairs(text: str, count: int = 3) -> list[str]:
    """The most frequent pairs of neighbouring letters, anywhere in a word."""
    pairs = Counter(before + after for before, after in pairwise(text))
    letters = ((pair, times) for pair, times in pairs.items() if pair.isalpha())
    return [pair for pair, _ in sorted(letters, key=lambda one: (-one[1], one[0]))[:count]]


def _listed(signs: list[str]) -> Markup:
    """The characters for a sentence: spaces by name, all others in italics."""
    return Markup(", ".join(SPACES.get(sign) or f"*{escaped(sign)}*" for sign in signs))


def _preset(preset: Preset) -> dict[str, Any]:
    """A preset's names, including its training settings: presets.dead.learning_rate, presets.dead.change.healthy."""
    about = {name: getattr(preset, name) for name in ("name", "label", "about", "shape", "change")}
    return about | preset.training


def _recorded(sources: Sources) -> Names:
    main = sources.main
    runs = [recording for recording in sources.recordings if recording.preset is None]
    # Only recordings of the text that the site is built with: numbers of another text would be untrue there.
    matching = [one for one in sources.recordings if one.sha256 == main.sha256 and not has_own_run(one.corpus)]

    def one(path: str, preset: str | None) -> Later:
        def find() -> Names:
            for recording in matching:
                if recording.preset == preset:
                    return run_names(path, recording, sources.quote)
            if preset and not any(recording.preset for recording in matching):
                said = f"the presets have not been recorded on this text, {main.name}; record them"
                raise UnavailableError(f"{said}: {command(sources.corpus_choice, EVERY_PRESET)}")
            what = f"the preset {preset}" if preset else "the lesson's run"
            said = f"{what} has not been recorded on this text, {main.name}; record it"
            raise UnavailableError(f"{said}: {command(sources.corpus_choice, preset)}")

        return Later(find)

    def checkpoint() -> Names | None:
        states = of_text(sources.states, main.sha256)
        return named("recorded.checkpoint", states.tree()) if states else None

    all_runs = {
        run.corpus: Later(lambda run=run: run_names(f"recorded.runs.{run.corpus}", run, sources.quote)) for run in runs
    }
    presets = {name: one(f"recorded.presets.{name}", name) for name in sources.presets.names}
    experiments = {name: _experiment(grid, one) for name, grid in sources.presets.experiments.items()}
    return Names(
        "recorded",
        {
            "run": one("recorded.run", None),
            "runs": Names("recorded.runs", all_runs),
            # None if there is none on this text: prose checks with {% if recorded.checkpoint %}.
            "checkpoint": Later(checkpoint),
            "seen": seen_values(sources.seen),
            # None if there is none on this text, likewise.
            "line": Later(lambda: line_values(recorded_seen.of_text(sources.seen, main.sha256), main)),
            # None likewise.
            "health": Later(lambda: health_values(recorded_seen.of_text(sources.seen, main.sha256))),
            "presets": Names("recorded.presets", presets, why_empty=NO_PRESETS),
            "experiments": Names(
                "recorded.experiments", experiments, why_empty=NO_EXPERIMENTS if sources.presets.names else NO_PRESETS
            ),
        },
    )


def _experiment(experiment: Experiment, one: Callable[[str, str], Later]) -> Names:
    """Its runs, by the value in the row and then in the column: recorded.experiments.warm_up[1e-2][100]."""
    path = f"recorded.experiments.{experiment.name}"

    def row(down: float, cells: Mapping[float, Preset]) -> Names:
        runs = {across: one(f"{path}[{down:g}][{across:g}]", cell.name) for across, cell in cells.items()}
        return Names(f"{path}[{down:g}]", runs, f"as {experiment.columns.key},")

    rows = {down: row(down, cells) for down, cells in experiment.cells.items()}
    return Names(path, rows, f"as {experiment.rows.key},")


def run_names(path: str, recording: Recording, quote: Quote) -> Names:
    """The names of a recorded run's parts. Values measured at some iterations are named by the iteration's number."""
    run = recording.run
    samples = {sample["iteration"]: sample for sample in run["samples"]}
    vals = {row["iteration"]: Nats(row["val"]) for row in run["curve"] if row["val"] is not None}
    trains = {row["iteration"]: Nats(row["train"]) for row in run["curve"] if row["train"] is not None}
    best = min(vals, key=vals.__getitem__, default=None)

    def numbered(name: str, entries: Mapping[int, Any]) -> Names:
        return Names(f"{path}.{name}", entries, "of the iterations,")

    began: dict[str, int] = {}
    for iteration, sample in samples.items():
        began.setdefault(sample["phase"], iteration)
    order = {number: began[name] for number, name in enumerate(run["config"]["phases"]) if name in began}
    entries = {
        "seed": Verbatim(seeds.shown(run["seed"])),
        "engine": run["engine"],
        "corpus": run["corpus"]["name"],
        "iterations": run["curve"][-1]["iteration"],
        "training": named(f"{path}.training", run["config"]["training"]),
        "val_nll": numbered("val_nll", vals),
        "train_nll": numbered("train_nll", trains),
        "sample": numbered("sample", {iteration: Verbatim(sample["text"]) for iteration, sample in samples.items()}),
        "prompt": Verbatim(run["samples"][0]["prompt"]),
        "phase": numbered("phase", {iteration: sample["phase"] for iteration, sample in samples.items()}),
        "phase_began": Names(f"{path}.phase_began", order, "of the phases, counted from 0,"),
        "quote": numbered(
            "quote", {at: Later(lambda sample=sample: quote(recording, sample)) for at, sample in samples.items()}
        ),
        "fingerprint": Verbatim(run["fingerprint"]),
    }
    if trains:
        entries |= {"highest_train_nll": max(trains.values()), "lowest_train_nll": min(trains.values())}
        entries |= {"last_train_nll": trains[max(trains)]}
    if best is not None:
        entries |= {"best_val_nll": vals[best], "best_iteration": best}
        entries["overfits"] = vals[max(vals)] - vals[best] > CLIMB
    if "base" in run:
        entries["samples_alike"] = run["base"]["samples_alike"]
    if run["whole_val"] is not None:
        entries["whole_val"] = Nats(run["whole_val"])
    if run.get("verdict"):
        entries["verdict"] = named(f"{path}.verdict", run["verdict"])
    return Names(path, entries)


def _speed(speed: Recorded) -> Names:
    found = {name: part for name, part in (("peers", speed.peers),) if part}
    return named("speed", (speed.ours or {}) | found)
