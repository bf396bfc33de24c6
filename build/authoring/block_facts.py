"""What a block's template, overrides/widgets/<kind>.html, receives besides the island."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from authoring.block_kinds import Block, Site
from authoring.shape_drawing import thumbnail
from model import seeds
from model.model_facts import count_parameters
from recorded import recorded_curve, recorded_runs
from recorded.recorded_speed import Recorded
from recorded.report_cards import ReportCard
from texts import rungs
from texts.corpus import Corpus

Facts = dict[str, Any]


class Known(Protocol):
    """What else the build knows, apart from the block."""

    site: Site | None
    texts: Mapping[str, Corpus]
    speed: Recorded | None
    cards: Iterable[ReportCard]

    def beside(self, block: Block) -> Iterable[Block]:
        """All blocks on the page that contains this one."""


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
    runners = [other for other in known.beside(block) if other.kind == "runner" and other.island]
    runner = next((other for other in runners if other.island["session"] == block.island["session"]), None)
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
    """The recording of each preset on this text, for readers without JavaScript."""
    corpus = known.texts[block.island["corpus"]]
    lines = recorded_curve.levels(None, None, len(corpus.vocab))
    recorded = {}
    for recording in known.site.recordings:
        if recording.preset is not None and recording.sha256 == corpus.sha256:
            name, run = recording.preset, recording.run
            key = f"{block.key}-{name}-curve"
            curve = recorded_curve.drawn(run["curve"], lines, key, f"Recorded loss curve of the run {name}")
            recorded[name] = {"run": run, "curve": curve}
    return {"recorded": recorded}


MORE: dict[str, Callable[[Block, Known], Facts]] = {
    "runner": _runner,
    "samples": _samples,
    "speed": _speed,
    "shapes": _shapes,
    "replay": _replay,
    "presets": _presets,
}
