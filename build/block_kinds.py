"""What each kind of widget block becomes: its island, the JSON that the widget in the page reads.

A new kind is a schema in block_fields.py, an entry of KINDS here, overrides/widgets/<kind>.html for readers without
JavaScript, and an entry of the tables in build/block_facts.py (where its page needs more) and engine/page.ts.
"""

from __future__ import annotations

import copy
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from block_errors import AuthorError, one_of
from block_fit import Text, misfits
from corpus import CorpusError


@dataclass(frozen=True)
class Site:
    """What the blocks of every page are checked against."""

    description: dict[str, Any]  # engine/model.json
    main_corpus: str
    corpus_names: Sequence[str]
    corpus: Callable[[str], Text]


@dataclass
class Block:
    kind: str
    key: str  # unique on its page; the id of its HTML element
    line: int
    island: dict[str, Any] | None = None  # None where the block has errors
    errors: list[AuthorError] = field(default_factory=list)


@dataclass(frozen=True)
class Context:
    """Where a block stands: its site, and its file for the errors."""

    site: Site
    path: str

    def error(self, block: Block, line: int, message: str) -> None:
        where = "a code fence" if block.kind == "fence" else f"a {block.kind} block"
        block.errors.append(AuthorError(self.path, line, f"in {where}: {message}"))


Fields = dict[str, Any]  # what the schema lets pass, defaults filled in
LineOf = Callable[..., int]  # the line of a field, by its path: line_of("model", "n_head")


@dataclass(frozen=True)
class Kind:
    # Sets block.island, or says with context.error why there is none.
    resolve: Callable[[Context, Block, Fields, LineOf], None]
    # Whether its island's `session` must be that of a runner on the same page.
    needs_runner: bool = False


def _runner(context: Context, block: Block, fields: Fields, line_of: LineOf) -> None:
    description = context.site.description
    name = fields.get("corpus", context.site.main_corpus)
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
    if block.errors:
        return
    training = {key: fields.get(key, value) for key, value in description["training"].items()}
    block.island = {
        "kind": "runner",
        "session": fields["session"],
        "seed": unicodedata.normalize("NFC", fields["seed"]).strip(),
        "corpus": name,
        "model": description["model"] | fields["model"],
        "training": training,
        "sampling": copy.deepcopy(description["sampling"]),
        "evaluation": dict(description["evaluation"]),
        "phases": [phase.strip() for phase in fields["phases"]],
    }


def _samples(context: Context, block: Block, fields: Fields, line_of: LineOf) -> None:
    early = context.site.description["sampling"]["early"] if fields["early"] else []
    island = {"kind": "samples", "session": fields["session"], "early": list(early)}
    block.island = island | {"corpus": context.site.main_corpus}


def _speed(context: Context, block: Block, fields: Fields, line_of: LineOf) -> None:
    description, corpus = context.site.description, context.site.main_corpus
    model, training = description["model"], description["training"] | fields
    for key, message in misfits(training | {"model": model}, context.site.corpus(corpus), description):
        context.error(block, line_of(*key), message)
    if block.errors:
        return
    rest = {name: copy.deepcopy(description[name]) for name in ("seed", "sampling", "evaluation", "phases")}
    block.island = {"kind": "speed", "corpus": corpus, "model": dict(model), "training": training, **rest}


KINDS = {
    "runner": Kind(_runner),
    "samples": Kind(_samples, needs_runner=True),
    "speed": Kind(_speed),
}
