"""Blocks about attention heads: where they look, and how the loss of copies falls once one of them finds the run."""

from __future__ import annotations

from authoring.block import Block, Context, LineOf
from authoring.block import Fields as Values
from authoring.watching import lines_of
from texts import echo
from texts.observed_line import window
from texts.text_about import ECHO


def attention(context: Context, block: Block, fields: Values, line_of: LineOf) -> None:
    block.island = {"kind": "attention", "corpus": context.site.main_corpus} | fields
    block.finish = lambda runner: _with_line(context, block, runner)


def _with_line(context: Context, block: Block, runner: Block) -> None:
    """Gives a block the line on which its runner's run is observed."""
    corpus = context.site.corpus(runner.island["corpus"])
    lines = lines_of(runner.island, corpus)
    if lines is None:
        message = f"the validation part of the text {corpus.name} is too short for a line; choose a longer text"
        context.error(block, block.line, f"{message}, or remove the block")
        return
    line, places = window(corpus.text, lines), {one: place for place, one in enumerate(corpus.vocab)}
    block.island |= {"line": line, "tokens": [places[one] for one in line], "writings": corpus.name == ECHO}


def copies(context: Context, block: Block, fields: Values, line_of: LineOf) -> None:
    block.island = {"kind": "copies", "corpus": context.site.main_corpus} | fields
    block.finish = lambda runner: _with_floors(context, block, runner)


def _with_floors(context: Context, block: Block, runner: Block) -> None:
    corpus = context.site.corpus(runner.island["corpus"])
    if corpus.name != ECHO:
        message = f"the runner at line {runner.line} trains on the text {corpus.name}, which has no copies"
        context.error(block, block.line, f"{message}; use the session of a runner with “corpus: {ECHO}”")
        return
    floors = echo.validation_floors(corpus.text)
    block.island["floors"] = {"first": floors.first, "copies": floors.copies}
