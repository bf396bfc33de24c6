"""What a block's template, overrides/widgets/<kind>.html, receives besides the island."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from authoring import head_facts, instrument_facts
from authoring.block import Block, Site
from authoring.shape_drawing import thumbnail
from model import seeds
from model.model_facts import count_parameters
from recorded import health, health_drawing, recorded_curve, recorded_runs, recorded_seen, recorded_states, way_curves
from recorded.recorded_speed import Recorded
from recorded.report_cards import ReportCard
from texts import rungs
from texts.corpus import Corpus

Facts = dict[str, Any]


PICTURES = "assets/press-start"  # where the site has the recorded pictures


class Known(Protocol):
    """What else the build knows, apart from the block."""

    site: Site | None
    texts: Mapping[str, Corpus]
    speed: Recorded | None
    cards: Iterable[ReportCard]

    def beside(self, block: Block) -> Iterable[Block]:
        """All blocks on the page that contains this one."""

    def up(self, block: Block) -> str:
        """What leads from the block's page to the site's first folder: "../" for each folder."""


def facts(block: Block, known: Known) -> Facts:
    """Every kind gets its island, its key and model.json; its corpus, if it has one; and what MORE adds."""
    common: Facts = {"island": block.island, "key": block.key, "description": known.site.description}
    if "corpus" in block.island:
        common["corpus"] = known.texts[block.island["corpus"]]
    more = MORE.get(block.kind)
    return common | (more(block, known) if more else {})


def _runner(block: Block, known: Known) -> Facts:
    corpus = known.texts[block.island["corpus"]]
    facts = {
        "n_params": count_parameters({**block.island["model"], "vocab_size": len(corpus.vocab)}),
        "rung_names": rungs.NAMES,
    }
    recording = recorded_runs.of_island(known.site.recordings, block.island, known.site.description, corpus)
    if recording is None:
        return facts
    lines = recorded_curve.levels(corpus.rungs(), corpus.floor, len(corpus.vocab))
    title = f"Recorded loss curve, {corpus.title}, seed {seeds.shown(recording.run['seed'])}"
    return facts | {
        "recording": recording.run,
        "curve": recorded_curve.drawn(recording.run["curve"], lines, f"{block.key}-curve", title),
    }


def _samples(block: Block, known: Known) -> Facts:
    """Samples from the recording of this panel's runner, at the iterations that the panel shows."""
    runner = _runner_of(block, known)
    if runner is None:
        return {}
    corpus = known.texts[block.island["corpus"]]
    recording = recorded_runs.of_island(known.site.recordings, runner.island, known.site.description, corpus)
    if recording is None:
        return {}
    sampling = known.site.description["sampling"]
    left_out = {*sampling["early"]} - {*block.island["early"]}
    shown = [sample for sample in recording.run["samples"] if sample["iteration"] not in left_out]
    return {"recording": recording.run, "samples": shown}


def _runner_of(block: Block, known: Known) -> Block | None:
    """The runner of the block's session."""
    runners = [other for other in known.beside(block) if other.kind == "runner" and other.island]
    return next((other for other in runners if other.island["session"] == block.island["session"]), None)


def _speed(block: Block, known: Known) -> Facts:
    cards = [one.card | {"weights": one.verdict(known.site.recordings)} for one in known.cards]
    return {"recorded": known.speed, "cards": cards}


def _shapes(block: Block, known: Known) -> Facts:
    chosen = [known.site.shapes[name] for name in block.island["names"]]
    return {"shapes": [{"shape": shape, "thumbnail": thumbnail(shape.train, shape.val)} for shape in chosen]}


def _replay(block: Block, known: Known) -> Facts:
    """The curve of the first run shown, for readers without JavaScript."""
    run = block.island["runs"][0]
    curve = run["curve"]
    rows = [dict(zip(curve, row, strict=True)) for row in zip(*curve.values(), strict=True)]
    lines = recorded_curve.levels(run["rungs"], run["floor"], run["vocab_size"])
    title = f"Recorded loss curve, {run['title']}, seed {seeds.shown(run['seed'])}"
    return {"run": run, "curve": recorded_curve.drawn(rows, lines, f"{block.key}-curve", title)}


def _presets(block: Block, known: Known) -> Facts:
    """The recording of each preset on this text and of its runner's model, for readers without JavaScript."""
    corpus, runner = known.texts[block.island["corpus"]], _runner_of(block, known)
    if runner is None:
        return {"island": block.island | {"recorded_norms": {}}}
    lines = recorded_curve.levels(None, None, len(corpus.vocab))
    model = runner.island["model"] | {"vocab_size": len(corpus.vocab)}
    recorded, norms = {}, {}
    for recording in known.site.recordings:
        same = recording.sha256 == corpus.sha256 and recording.run["config"]["model"] == model
        if recording.preset is not None and same:
            name, run = recording.preset, recording.run
            key = f"{block.key}-{name}-curve"
            curve = recorded_curve.drawn(run["curve"], lines, key, f"Recorded loss curve of the run {name}")
            recorded[name] = {"run": run, "curve": curve}
    for preset in block.island["presets"]:
        name, found = preset["name"], _norms(block, runner, known, preset["name"])
        if found and name in recorded:
            norms[name] = found
            groups = runner.island["model"]["n_layer"] + 2
            rows = health_drawing.rows(found, preset["training"]["iterations"], groups, stream=False)
            # The ratio alone, of three groups: all that is recorded of every preset would be a twentieth of the page.
            ratio = rows[1]
            few = {**ratio, "cells": [ratio["cells"][group] for group in (0, 1, -2)]}
            recorded[name] |= {"rows": [few], "says": health.saying(found[-1])}
    return {"island": block.island | {"recorded_norms": norms}, "recorded": recorded, "words": health.described()}


def _experiment(block: Block, known: Known) -> Facts:
    """The recorded curve of each run, all on the same scale."""
    island, corpus = block.island, known.texts[block.island["corpus"]]
    lines = recorded_curve.levels(None, None, len(corpus.vocab))
    found = {one.preset: one.run["curve"] for one in known.site.recordings if one.sha256 == corpus.sha256}
    curves = {}
    for number, run in enumerate(island["runs"]):
        key, title = f"{block.key}-{number}", f"Recorded loss curve: {run['label']}"
        curves[run["name"]] = recorded_curve.drawn(found[run["name"]], lines, key, title, island["span"])
    return {"curves": curves}


def picture_uri(states: recorded_states.States, iteration: int) -> str:
    return f"{PICTURES}/{recorded_states.picture_name(states.corpus, iteration)}"


def states_of(block: Block, known: Known) -> recorded_states.States | None:
    """The recorded states of the run of the block's runner; None if that is not the lesson's run, or not recorded."""
    runner = _runner_of(block, known)
    if runner is None:
        return None
    corpus = known.texts[block.island["corpus"]]
    if recorded_runs.of_island(known.site.recordings, runner.island, known.site.description, corpus) is None:
        return None
    return recorded_states.of_text(known.site.states, corpus.sha256)


def _weights(block: Block, known: Known) -> Facts:
    states = states_of(block, known)
    if states is None:
        return {"island": block.island | {"recorded": []}}
    found = states.facts["states"]
    numbers = ("rms", "smallest", "largest")
    recorded = [
        {
            "iteration": state["iteration"],
            "tensors": {name: [float(f"{one[key]:.3g}") for key in numbers] for name, one in state["tensors"].items()},
        }
        for state in found
    ]
    pictures = [known.up(block) + picture_uri(states, state["iteration"]) for state in found]
    island = block.island | {"recorded": recorded}
    return {"island": island, "picture": states.facts["picture"], "pictures": pictures, "states": found}


def _with_states(block: Block, known: Known) -> Facts:
    states = states_of(block, known)
    return {"states": states.facts if states else None}


def _one_bit(block: Block, known: Known) -> Facts:
    """Offers the weight that was recorded, or else the first row's."""
    states, vocab = states_of(block, known), known.texts[block.island["corpus"]].vocab
    character = states.facts["bits"]["character"] if states else vocab[0]
    more = {"character": character, "row": list(vocab).index(character)}
    return {"island": block.island | more, "states": states.facts if states else None}


def _resumes(block: Block, known: Known) -> Facts:
    states, ways = states_of(block, known), block.island["ways"]
    if states is None:
        return {"recorded": None, "curves": {}}
    found = way_curves.of(states.facts, ways)
    curves = {name: way_curves.drawn(found, name, f"{block.key}-{name}") for name in ways}
    return {"recorded": found, "curves": curves}


# Of the weights that a page keeps; engine/session/kept_weights.ts has the same.
KEPT_MB = 16.5


def _talk(block: Block, known: Known) -> Facts:
    """The first regular sample of a recording of its runner, and the last."""
    facts = _recorded_of(block, known)
    if facts:
        run = facts["recording"]
        regular = [one for one in run["samples"] if one["iteration"] >= run["config"]["sampling"]["every"]]
        facts |= {"early": regular[0], "late": run["samples"][-1]} if regular else {}
    return facts | {"limits": {"kept_mb": KEPT_MB}}


def _twin_seeds(block: Block, known: Known) -> Facts:
    """The first fingerprints of a recording of its runner, by module."""
    facts = _recorded_of(block, known)
    if not facts:
        return {}
    found = {module: facts["found"].fingerprints(module) for module in recorded_runs.MODULES}
    found = {module: of for module, of in found.items() if of}
    iterations = [at for at in next(iter(found.values()), {}) if int(at) <= MOST_SHOWN]
    return facts | {"fingerprints": found, "iterations": iterations}


# Without JavaScript, fingerprints up to this iteration.
MOST_SHOWN = 100


def _recorded_of(block: Block, known: Known) -> Facts:
    runner = _runner_of(block, known)
    if runner is None:
        return {}
    corpus = known.texts[block.island["corpus"]]
    found = recorded_runs.of_island(known.site.recordings, runner.island, known.site.description, corpus)
    return {} if found is None else {"recording": found.run, "found": found}


def seen_of(block: Block, known: Known) -> recorded_seen.Seen | None:
    """The inside of the recorded run of the block's runner; None if that run is not recorded, or was not observed."""
    if not _recorded_of(block, known):
        return None
    return recorded_seen.of_text(known.site.seen, known.texts[block.island["corpus"]].sha256)


def _attention(block: Block, known: Known) -> Facts:
    shape = _runner_of(block, known).island["model"]
    return head_facts.attention(block, shape, seen_of(block, known), known.up(block))


def _copies(block: Block, known: Known) -> Facts:
    return head_facts.copies_of(block, seen_of(block, known))


def _surprise(block: Block, known: Known) -> Facts:
    return instrument_facts.surprise(block, known.texts[block.island["corpus"]], seen_of(block, known))


def _instruments(block: Block, known: Known) -> Facts:
    """The recorded norms of the run of the block's runner, or of a preset."""
    runner, preset = _runner_of(block, known), block.island["preset"]
    training = known.site.presets.runs[preset].training if preset else runner.island["training"] if runner else {}
    iterations = training.get("iterations", 1)
    found = _norms(block, runner, known, preset)
    says = health.saying(found[-1]) if found else health.described()["nothing_yet"]
    groups = (runner.island if runner else known.site.description)["model"]["n_layer"] + 2
    stream = preset is None
    more = {"recorded": found, "iterations": iterations, "stream": stream}
    rows = health_drawing.rows(found, iterations, groups, stream)
    return {"island": block.island | more, "rows": rows, "words": health.described(), "says": says}


def _norms(block: Block, runner: Block | None, known: Known, preset: str | None) -> list[dict[str, Any]]:
    """Recorded norms on the block's text: of the runner's run, or of a preset. Empty if that run is not recorded."""
    corpus = known.texts[block.island["corpus"]]
    seen = recorded_seen.of_text(known.site.seen, corpus.sha256)
    if seen is None or runner is None or runner.island["model"] != known.site.description["model"]:
        return []
    recordings, island = known.site.recordings, runner.island
    if preset is None and recorded_runs.of_island(recordings, island, known.site.description, corpus) is None:
        return []
    return health.of_milestones(seen.facts["milestones"] if preset is None else seen.norms(preset))


MORE: dict[str, Callable[[Block, Known], Facts]] = {
    "runner": _runner,
    "samples": _samples,
    "speed": _speed,
    "shapes": _shapes,
    "replay": _replay,
    "presets": _presets,
    "experiment": _experiment,
    "instruments": _instruments,
    "weights": _weights,
    "file-bytes": _with_states,
    "one-bit": _one_bit,
    "resumes": _resumes,
    "talk": _talk,
    "twin-seeds": _twin_seeds,
    "attention": _attention,
    "copies": _copies,
    "surprise": _surprise,
}
