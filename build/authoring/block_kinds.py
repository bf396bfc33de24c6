"""Turns each kind of widget block into its island, the JSON that the widget in the page reads.

.github/CONTRIBUTING.md says, step by step, what a new kind needs.
"""

from __future__ import annotations

import copy
import hashlib
import html
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from authoring.block_fit import Text, misfits
from authoring.shapes import Shape, doctor_markdown
from model import seeds
from model.preset import Presets
from reading.error_messages import AuthorError, one_of
from recorded import replay
from recorded.recorded_runs import MODULES, Recording, command, of_lesson
from texts.corpus import CorpusError, at_hand
from texts.text_names import name_of


@dataclass(frozen=True)
class Site:
    """What the blocks of every page are checked against."""

    description: dict[str, Any]  # engine/model.json
    main_corpus: str
    corpus_names: Sequence[str]
    corpus: Callable[[str], Text]
    shapes: Mapping[str, Shape] = field(default_factory=dict)  # docs/shapes.yml
    presets: Presets = field(default_factory=Presets)  # docs/presets.yml
    recordings: Sequence[Recording] = ()  # docs/recorded


@dataclass
class Block:
    kind: str
    key: str  # unique on its page; the id of its HTML element
    line: int
    island: dict[str, Any] | None = None  # None if the block has errors
    markdown: str = ""  # added after it on the page, such as headings, so that the table of contents lists them
    errors: list[AuthorError] = field(default_factory=list)

    @property
    def called(self) -> str:
        """What messages call it."""
        return "a code fence" if self.kind == "fence" else f"a {self.kind} block"


# A function from the Markdown of a block's field, and its line, to HTML and the errors found.
Prose = Callable[[str, int], tuple[str, list[AuthorError]]]


def no_markdown(text: str, line: int) -> tuple[str, list[AuthorError]]:
    """A `Prose` that knows no Markdown: the text as it is, escaped."""
    return f"<p>{html.escape(text, quote=False)}</p>", []


@dataclass(frozen=True)
class Context:
    """What surrounds a block: its site, its file (for errors), and how its page renders Markdown."""

    site: Site
    path: str
    prose: Prose = no_markdown

    def error(self, block: Block, line: int, message: str) -> None:
        block.errors.append(AuthorError(self.path, line, f"in {block.called}: {message}"))

    def inline(self, block: Block, line: int, text: str) -> str:
        """A field's Markdown as inline HTML, with the page's values filled in; errors are added to the block."""
        written, errors = self.prose(text, line)
        block.errors += errors
        paragraph = re.fullmatch(r"<p>((?:(?!<p>).)*)</p>", written.strip(), re.DOTALL)
        if paragraph is None:
            self.error(block, line, "this must be one paragraph: no blank lines, headings, lists or code blocks")
            return ""
        return paragraph[1]


Fields = dict[str, Any]  # as checked by the schema, with defaults filled in
LineOf = Callable[..., int]  # the line of a field, by its path: line_of("model", "n_head")


@dataclass(frozen=True)
class Kind:
    # Sets block.island, or reports with context.error why it cannot.
    resolve: Callable[[Context, Block, Fields, LineOf], None]
    # Whether its island's `session` must be that of a runner on the same page.
    needs_runner: bool = False
    # Whether it is more than HTML, so that its page must load the script.
    needs_script: bool = True


def _runner(context: Context, block: Block, fields: Fields, line_of: LineOf) -> None:
    description = context.site.description
    name = text_named(fields.get("corpus", context.site.main_corpus), context.site)
    if name not in context.site.corpus_names:
        message = f"there is no corpus “{name}”; {one_of('corpus', name, context.site.corpus_names)}"
        context.error(block, line_of("corpus"), message)
        return
    try:
        corpus = context.site.corpus(name)
    except CorpusError as problem:
        context.error(block, line_of("corpus"), str(problem))
        return
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


def text_named(given: str, site: Site) -> str:
    """The name that an author means by a file's name, which may contain spaces, and accents apart from letters."""
    return given if given in site.corpus_names else name_of(given.strip())


def _samples(context: Context, block: Block, fields: Fields, line_of: LineOf) -> None:
    early = context.site.description["sampling"]["early"] if fields["early"] else []
    island = {"kind": "samples", "session": fields["session"], "early": list(early)}
    block.island = island | {"corpus": context.site.main_corpus}


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


def _quiz(context: Context, block: Block, fields: Fields, line_of: LineOf) -> None:
    options = fields["options"]
    _check_options(context, block, options, line_of)
    question = context.inline(block, line_of("question"), fields["question"])
    written = [
        {
            "text": context.inline(block, line_of("options", index, "text"), option["text"]),
            "why": context.inline(block, line_of("options", index, "why"), option["why"]),
            "correct": option.get("correct", False),
        }
        for index, option in enumerate(options)
    ]
    if block.errors:
        return
    # The browser remembers an answer by this identity, so a changed question is asked again.
    source = json.dumps([fields["question"], options], sort_keys=True)
    identity = hashlib.sha256(source.encode()).hexdigest()[:12]
    block.island = {"kind": "quiz", "identity": identity, "question": question, "options": written}


def _check_options(context: Context, block: Block, options: list[Fields], line_of: LineOf) -> None:
    right = [index for index, option in enumerate(options) if option.get("correct")]
    if not right:
        context.error(block, line_of("options"), "no option is correct; add “correct: true” to the right one")
    for index in right[1:]:
        message = (
            f"options {right[0] + 1} and {index + 1} are both correct; a quiz has one right answer, "
            "so take “correct: true” away from one of them"
        )
        context.error(block, line_of("options", index, "correct"), message)
    first: dict[str, int] = {}
    for index, option in enumerate(options):
        text = " ".join(option["text"].split())
        if text in first:
            message = f"options {first[text] + 1} and {index + 1} say the same, “{text}”; change or remove one of them"
            context.error(block, line_of("options", index, "text"), message)
        first.setdefault(text, index)


def _shapes(context: Context, block: Block, fields: Fields, line_of: LineOf) -> None:
    shapes = context.site.shapes
    if not shapes:
        context.error(block, block.line, "it needs docs/shapes.yml, which has errors")
        return
    names = fields.get("only", list(shapes))
    for index, message in _bad_choices(names, "shape", "docs/shapes.yml", list(shapes)):
        context.error(block, line_of("only", index), message)
    if block.errors:
        return
    block.island = {"kind": "shapes", "names": names}
    block.markdown = doctor_markdown([shapes[name] for name in names])


def _replay(context: Context, block: Block, fields: Fields, line_of: LineOf) -> None:
    site, name = context.site, fields.get("run")
    name = None if name is None else text_named(name, site)
    names = [recording.corpus for recording in replay.runs(site.recordings)]
    if not names:
        message = f"there is no recorded run to replay; make one: {command(site.main_corpus)}"
        context.error(block, block.line, message)
    elif name is not None and name not in names:
        message = f"there is no recorded run “{name}”; {one_of('run', name, names)}"
        context.error(block, line_of("run"), message)
    else:
        found = replay.chosen(site.recordings, name, site.main_corpus)
        block.island = replay.island(found, site.corpus, at_hand(site.main_corpus, site.corpus_names))


# What the widget needs to know about a preset, apart from its shape.
OF_A_PRESET = ("name", "label", "about", "change", "training", "careless_switch")


def _presets(context: Context, block: Block, fields: Fields, line_of: LineOf) -> None:
    presets, shapes = context.site.presets.by_name, context.site.shapes
    if not presets or not shapes:
        context.error(block, block.line, "it needs docs/presets.yml and docs/shapes.yml, and one of them has errors")
        return
    names = fields.get("presets", list(presets))
    for index, message in _bad_choices(names, "preset", "docs/presets.yml", list(presets)):
        context.error(block, line_of("presets", index), message)
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
            | {"shape": {"train": shapes[preset.shape].train, "val": shapes[preset.shape].val}}
            for preset in chosen
        ],
    }


def _bad_choices(names: Sequence[str], what: str, file: str, known: Sequence[str]) -> Iterator[tuple[int, str]]:
    """What is wrong in an author's list of names, which must be names from `file`: (index, message)."""
    for index, name in enumerate(names):
        if name not in known:
            yield index, f"there is no {what} “{name}” in {file}; {one_of(f'{what}s', name, known)}"
        elif name in names[:index]:
            yield index, f"the {what} “{name}” is named twice; keep one of the two"


def _complete(context: Context, block: Block, fields: Fields, line_of: LineOf) -> None:
    block.island = {"kind": "complete", "session": fields["session"]}


KINDS = {
    "runner": Kind(_runner),
    "samples": Kind(_samples, needs_runner=True),
    "speed": Kind(_speed),
    "quiz": Kind(_quiz),
    "shapes": Kind(_shapes, needs_script=False),
    "complete": Kind(_complete, needs_runner=True),
    "replay": Kind(_replay),
    "presets": Kind(_presets, needs_runner=True),
}
