"""Blocks that show the inside of a run: what its model expects of a line, measured at each milestone."""

from __future__ import annotations

from authoring.block import Block, Context, LineOf
from authoring.block import Fields as Values
from authoring.watching import lines_of
from texts.observed_line import window


def surprise(context: Context, block: Block, fields: Values, line_of: LineOf) -> None:
    block.island = {"kind": "surprise", "corpus": context.site.main_corpus} | fields
    block.finish = lambda runner: _with_line(context, block, runner)


def _with_line(context: Context, block: Block, runner: Block) -> None:
    """Gives a block the line on which its runner's run is observed."""
    corpus = context.site.corpus(runner.island["corpus"])
    lines = lines_of(runner.island, corpus)
    if lines is None:
        message = f"the validation part of the text {corpus.name} is too short for a line; choose a longer text"
        context.error(block, block.line, f"{message}, or remove the block")
        return
    block.island |= {"text": window(corpus.text, lines), "start": lines["starts"][0]}
