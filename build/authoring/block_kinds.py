"""Turns each kind of widget block into its island, the JSON that the widget in the page reads.

.github/CONTRIBUTING.md says, step by step, what a new kind needs.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from authoring import head_blocks, instrument_blocks, quizzes, state_blocks
from authoring.block import Block, Context, Fields, LineOf, Site
from authoring.block_fit import Text, misfits
from authoring.shapes import doctor_markdown
from authoring.watching import LINES, NORMS, WRITINGS
from model import seeds
from model.model_json import with_own
from model.preset import OBSERVED
from reading.error_messages import one_of
from recorded import recorded_curve, replay
from recorded.recorded_runs import MODULES, command, of_lesson
from texts.corpus import CorpusError, at_hand
from texts.text_names import name_of


@dataclass(frozen=True)
class Kind:
    # Sets block.island, or reports with context.error why it cannot.
    resolve: Callable[[Context, Block, Fields, LineOf], None]
    # Whether its island's `session` must be that of a runner on the same page.
    needs_runner: bool = False
    # Whether it is more than HTML, so that its page must load the script.
    needs_script: bool = True
    # What it shows of its run's inside, in the words of watching.py.
    watches: frozenset[str] = frozenset()


def _runner(context: Context, block: Block, fields: Fields, line_of: LineOf) -> None:
    description = context.site.description
    name = text_named(fields.get("corpus", context.site.main_corpus), context.site)
    if name not in context.site.corpus_names:
        message = f"there is no corpus “{name}”; {one_of('texts', name, context.site.corpus_names)}"
        context.error(block, line_of("corpus"), message)
        return
    try:
        corpus = context.site.corpus(name)
    except CorpusError as problem:
        context.error(block, line_of("corpus"), str(problem))
        return
    if "corpus" in block.given:  # the site's main text trains by the lesson's settings, whichever text it is
        description = with_own(description, corpus.own_run)
        fields |= {key: value for key, value in description["training"].items() if key in {*fields} - block.given}
    for key, message in misfits(fields, corpus, description):
        context.error(block, line_of(*key), message)
    if not seeds.normalised(fields["seed"]):
        context.error(block, line_of("seed"), seeds.EMPTY)
    if block.errors:
        return
    training = {key: fields.get(key, value) for key, value in description["training"].items()}
    block.island = {
        "kind": "runner",
        "session": fields["session"],
        "seed": seeds.normalised(fields["seed"]),
        "corpus": name,
        "model": description["model"] | fields["model"],
        "training": training,
        "sampling": copy.deepcopy(description["sampling"]),
        "evaluation": dict(description["evaluation"]),
        "phases": [phase.strip() for phase in fields.get("phases", corpus.phases)],
    }
    if "predict" in fields:
        block.island["predict"] = fields["predict"]


def text_named(given: str, site: Site) -> str:
    """The name that an author means by a file's name, which may contain spaces, and accents apart from letters."""
    return given if given in site.corpus_names else name_of(given.strip())


def _samples(context: Context, block: Block, fields: Fields, line_of: LineOf) -> None:
    early = context.site.description["sampling"]["early"] if fields["early"] else []
    island = {"kind": "samples", "session": fields["session"], "early": list(early)}
    block.island = island | {"corpus": context.site.main_corpus}


def prompt_of(runner: Fields, corpus: Text) -> str:
    """The characters from which each sample goes on, as engine/training/trainer.ts takes them."""
    validation = corpus.text[int(runner["evaluation"]["train_fraction"] * len(corpus.text)) :]
    long_enough = len(validation) > runner["model"]["block_size"]
    return (validation if long_enough else corpus.text)[: runner["sampling"]["prompt_characters"]]


def _speed(context: Context, block: Block, fields: Fields, line_of: LineOf) -> None:
    description, corpus = context.site.description, context.site.corpus(context.site.main_corpus)
    model, training = description["model"], description["training"] | fields
    for key, message in misfits(training | {"model": model}, corpus, description):
        context.error(block, line_of(*key), message)
    if block.errors:
        return
    rest = {name: copy.deepcopy(description[name]) for name in ("seed", "sampling", "evaluation", "phases")}
    block.island = {"kind": "speed", "corpus": context.site.main_corpus, "model": dict(model), "training": training}
    # Report cards compare the lesson's own run with its recording, whatever the block's fields measure.
    recording = of_lesson(context.site.recordings, description, corpus)
    found = {module: recording.fingerprints(module) for module in MODULES} if recording else {}
    block.island |= rest | {"recorded": found}


def _shapes(context: Context, block: Block, fields: Fields, line_of: LineOf) -> None:
    shapes = context.site.shapes
    if not shapes:
        context.error(block, block.line, "it needs docs/shapes.yml, which has errors", follows=True)
        return
    names = fields.get("only", list(shapes))
    for index, message in _bad_choices(names, "shape", "docs/shapes.yml", list(shapes)):
        context.error(block, line_of("only", index), message)
    if block.errors:
        return
    block.island = {"kind": "shapes", "names": names}
    block.markdown = doctor_markdown([shapes[name] for name in names], context.page, context.site.pages)


def _replay(context: Context, block: Block, fields: Fields, line_of: LineOf) -> None:
    site, name = context.site, fields.get("run")
    name = None if name is None else text_named(name, site)
    names = [recording.corpus for recording in replay.runs(site.recordings)]
    if not replay.chosen(site.recordings, name, site.main_corpus):
        message = f"there is no recorded run to replay; make one: {command(site.main_corpus)}"
        context.error(block, block.line, message)
    elif name is not None and name not in names and name in site.corpus_names:
        context.error(block, line_of("run"), f"the text {name} has no recorded run; make one: {command(name)}")
    elif name is not None and name not in names:
        message = f"there is no recorded run “{name}”; {one_of('runs', name, names)}"
        context.error(block, line_of("run"), message)
    else:
        found = replay.chosen(site.recordings, name, site.main_corpus)
        here = at_hand(site.main_corpus, site.corpus_names)
        block.island = replay.island(found, site.corpus, here, site.seen)
        if fields.get("autoplay"):
            block.island["autoplay"] = True


# What the widget needs to know about a preset, apart from its shape.
OF_A_PRESET = ("name", "label", "about", "change", "training", "careless_switch", "seed_of")


def _presets(context: Context, block: Block, fields: Fields, line_of: LineOf) -> None:
    presets, shapes = context.site.presets.by_name, context.site.shapes
    if not presets or not shapes:
        message = "it needs docs/presets.yml and docs/shapes.yml, and one of them has errors"
        context.error(block, block.line, message, follows=True)
        return
    names = fields.get("presets", list(presets))
    for index, message in _bad_choices(names, "preset", "docs/presets.yml", list(presets)):
        context.error(block, line_of("presets", index), message)
    if fields["mystery"] and len(names) < 2:
        message = "a mystery run is one of several presets, and here is only one; name another, or remove mystery"
        context.error(block, line_of("mystery"), message)
    asks = fields["ask"] or fields["mystery"]
    doctor = _doctor(context, block, fields, line_of) if "doctor" in fields else ""
    if block.errors:
        return
    chosen = [presets[name] for name in names]
    block.island = {
        "kind": "presets",
        "session": fields["session"],
        "corpus": context.site.main_corpus,
        "evaluation": chosen[0].evaluation,
        "sampling": chosen[0].sampling,
        "presets": [
            {name: getattr(preset, name) for name in OF_A_PRESET}
            | {"shape": {name: getattr(shapes[preset.shape], name) for name in ("name", "train", "val")}}
            for preset in chosen
        ],
        "ask": fields["ask"],
        "mystery": fields["mystery"],
        "names": [{"name": shape.name, "title": shape.title} for shape in shapes.values()] if asks else [],
        "doctor": doctor,
        "observe": dict(OBSERVED),
    }


def _doctor(context: Context, block: Block, fields: Fields, line_of: LineOf) -> str:
    """A link to the page that describes the names from which readers choose."""
    page, line = fields["doctor"], line_of("doctor")
    if not (fields["ask"] or fields["mystery"]):
        context.error(block, line, "doctor is for readers who name a curve; add “ask: true” or “mystery: true”")
        return ""
    link = context.inline(block, line, f"[Loss Curve Doctor]({page})")
    if f'href="{page}"' in link:  # MkDocs leaves a link to no page as it is
        context.error(block, line, f"there is no page “{page}”; name it as a link from this page does")
    return link


def _bad_choices(names: Sequence[str], what: str, file: str, known: Sequence[str]) -> Iterator[tuple[int, str]]:
    """What is wrong in an author's list of names, which must be names from `file`: (index, message)."""
    for index, name in enumerate(names):
        if name not in known:
            yield index, f"there is no {what} “{name}” in {file}; {one_of(f'{what}s', name, known)}"
        elif name in names[:index]:
            yield index, f"the {what} “{name}” is named twice; keep one of the two"


# In the page and not in its script, so that the widget's room is kept before the script has come.
NOTHING_YET = (
    "You have not predicted, diagnosed or answered anything on this page yet. As soon as you do, it is listed here."
)


def _complete(context: Context, block: Block, fields: Fields, line_of: LineOf) -> None:
    block.island = {"kind": "complete", "session": fields["session"], "nothing": NOTHING_YET}


# What the widget needs to know about a run of an experiment, apart from its recording.
OF_A_RUN = ("name", "label", "training", "seed_of")


def _experiment(context: Context, block: Block, fields: Fields, line_of: LineOf) -> None:
    site, name = context.site, fields["name"]
    experiments = site.presets.experiments
    if not site.presets.by_name:
        context.error(block, block.line, "it needs docs/presets.yml, which has errors", follows=True)
        return
    if name not in experiments:
        known = list(experiments)
        choice = one_of("experiments", name, known) if known else "the file has no experiments"
        context.error(block, line_of("name"), f"there is no experiment “{name}” in docs/presets.yml; {choice}")
        return
    runs = list(experiments[name])
    block.island = {
        "kind": "experiment",
        "session": fields["session"],
        "corpus": site.main_corpus,
        "name": name,
        "label": experiments[name].label,
        "ask": fields["ask"],
        "evaluation": runs[0].evaluation,
        "sampling": runs[0].sampling,
        "observe": dict(OBSERVED),
        "runs": [{key: getattr(run, key) for key in OF_A_RUN} for run in runs],
    }
    line = line_of("name")
    block.finish = lambda runner: _with_recordings(context, block, runner, line)


def _with_recordings(context: Context, block: Block, runner: Block, line: int) -> None:
    """Gives an experiment what its recordings say, on the text of its runner.

    Recordings of another model or of other settings than the project has now are reported as a whole already.
    """
    island, text, usual = block.island, context.site.corpus(runner.island["corpus"]), context.site.description["model"]
    model = runner.island["model"]
    own = next((key for key, value in model.items() if value != usual[key]), None)
    if own:
        message = (
            f"the runner at line {runner.line} has {own} {model[own]}, but experiments are recorded with {usual[own]}; "
            "use the session of a runner with the usual model"
        )
        context.error(block, line, message)
        return
    by_name = {one.preset: one.run for one in context.site.recordings if one.sha256 == text.sha256}
    name, again = island["name"], command(runner.island["corpus"], island["name"])
    if any(run["name"] not in by_name for run in island["runs"]):
        on = f"on the text of its runner, {runner.island['corpus']}"
        context.error(block, line, f"the experiment {name} has not been recorded {on}; record it: {again}")
        return
    found = [by_name[run["name"]] for run in island["runs"]]
    model = model | {"vocab_size": len(text.vocab)}
    for run, one in zip(island["runs"], found, strict=True):
        if (one["config"]["model"], one["config"]["training"]) != (model, run["training"]):
            message = (
                f"the experiment {name} was recorded with another model or other settings; record it again: {again}"
            )
            context.error(block, line, message, follows=True)
            return
        run["end"] = recorded_curve.end(one["curve"], run["training"]["iterations"])
    island["span"] = recorded_curve.span([one["curve"] for one in found], len(text.vocab))


def _stored(context: Context, block: Block, fields: Fields, line_of: LineOf) -> None:
    block.island = {"kind": "stored"}


def _checkpoint(context: Context, block: Block, fields: Fields, line_of: LineOf) -> None:
    block.island = {"kind": "checkpoint", "session": fields["session"]}


def _talk(context: Context, block: Block, fields: Fields, line_of: LineOf) -> None:
    block.island = {"kind": "talk", "corpus": context.site.main_corpus} | {
        key: fields.get(key) for key in ("session", "prompt", "temperature", "top_k", "characters")
    }
    line = line_of("prompt") if "prompt" in fields else block.line
    block.finish = lambda runner: _with_prompt(context, block, runner, line)


def _with_prompt(context: Context, block: Block, runner: Block, line: int) -> None:
    """Sets the prompt that readers see first; an author's own must consist of characters of the text."""
    island, corpus = block.island, context.site.corpus(runner.island["corpus"])
    if island["prompt"] is None:
        island["prompt"] = prompt_of(runner.island, corpus)
    unknown = dict.fromkeys(one for one in island["prompt"] if one not in corpus.vocab)
    if unknown:
        named = ", ".join(f"“{one}”" for one in unknown)
        context.error(block, line, f"the model’s text has no {named}, so the model cannot read this prompt")
    island["dice"] = runner.island["seed"]


def _twin_seeds(context: Context, block: Block, fields: Fields, line_of: LineOf) -> None:
    for index, seed in enumerate(fields["seeds"]):
        if not seeds.normalised(seed):
            context.error(block, line_of("seeds", index), seeds.EMPTY)
    if block.errors:
        return
    block.island = {
        "kind": "twin-seeds",
        "session": fields["session"],
        "corpus": context.site.main_corpus,
        "seeds": [seeds.normalised(seed) for seed in fields["seeds"]],
        "iterations": fields["iterations"],
    }


def _instruments(context: Context, block: Block, fields: Fields, line_of: LineOf) -> None:
    presets, name = context.site.presets.runs, fields.get("preset")
    if name is not None and not presets:
        context.error(block, block.line, "it needs docs/presets.yml, which has errors", follows=True)
        return
    if name is not None and name not in presets:
        message = f"there is no preset “{name}” in docs/presets.yml; {one_of('presets', name, list(presets))}"
        context.error(block, line_of("preset"), message)
        return
    whose = "of the run" if name is None else f"of the preset “{presets[name].label}”"
    block.island = {
        "kind": "instruments",
        "session": fields["session"],
        "corpus": context.site.main_corpus,
        "preset": name,
        "label": f"Health {whose}: gradients, updates and weights",
    }


KINDS = {
    "runner": Kind(_runner),
    "samples": Kind(_samples, needs_runner=True),
    "speed": Kind(_speed),
    "quiz": Kind(quizzes.resolve),
    "instruments": Kind(_instruments, needs_runner=True, watches=frozenset({NORMS, LINES})),
    "shapes": Kind(_shapes, needs_script=False),
    "complete": Kind(_complete, needs_runner=True),
    "replay": Kind(_replay),
    "presets": Kind(_presets, needs_runner=True),
    "experiment": Kind(_experiment, needs_runner=True),
    "stored": Kind(_stored),
    "checkpoint": Kind(_checkpoint, needs_runner=True),
    **{kind: Kind(resolve, needs_runner=True) for kind, resolve in state_blocks.RESOLVE.items()},
    "attention": Kind(head_blocks.attention, needs_runner=True, watches=frozenset({LINES})),
    "copies": Kind(head_blocks.copies, needs_runner=True, watches=frozenset({LINES, WRITINGS})),
    "surprise": Kind(instrument_blocks.surprise, needs_runner=True, watches=frozenset({LINES})),
    "talk": Kind(_talk, needs_runner=True),
    "twin-seeds": Kind(_twin_seeds, needs_runner=True),
}
