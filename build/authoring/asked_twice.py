"""Questions that a page asks twice: a quiz with a name, and below it a quiz that asks it again."""

from __future__ import annotations

from collections.abc import Sequence

from authoring.block import Block, Context
from reading.error_messages import one_of


def relate(context: Context, blocks: Sequence[Block]) -> None:
    """Gives each quiz that asks again its question, or reports why there is none."""
    quizzes = [block for block in blocks if block.kind == "quiz"]
    sound = [block for block in quizzes if block.island is not None and not block.errors]
    broken = len(sound) < len(quizzes)
    first: dict[str, Block] = {}
    for block in sound:
        if "name" in block.island:
            first.setdefault(block.island["name"], block)
    again: dict[str, Block] = {}
    asked: dict[str, Block] = {}  # those above the current quiz
    lost = False  # whether a quiz asks again what no quiz above it asks
    for block in sound:
        if "again" in block.island:
            lost = not _ask_again(context, block, asked, again, first, broken) or lost
        elif "name" in block.island:
            _ask(context, block, asked)
    for name, block in asked.items():
        if name not in again and not lost and not broken:
            message = f"no quiz below asks “{name}” again; add one at the end with “again: {name}” alone"
            context.error(block, block.line, message)


def _ask(context: Context, block: Block, asked: dict[str, Block]) -> None:
    name = block.island["name"]
    if name in asked:
        message = f"the quiz at line {asked[name].line} already has the name “{name}”; give this one another name"
        context.error(block, block.line, message)
    asked.setdefault(name, block)


def _ask_again(
    context: Context,
    block: Block,
    asked: dict[str, Block],
    again: dict[str, Block],
    first: dict[str, Block],
    broken: bool,
) -> bool:
    """Whether a quiz above it asks the question first."""
    name = block.island["again"]
    if name in again:
        message = f"the quiz at line {again[name].line} already asks “{name}” again; remove one of the two"
        context.error(block, block.line, message)
    elif name in asked:
        again[name] = block
        block.island = asked[name].island | {"twice": "end"}
    elif name in first:
        message = f"the quiz with the name “{name}” is below it, at line {first[name].line}; swap the two"
        context.error(block, block.line, message)
    elif broken:
        message = f"it asks “{name}” again; fix the errors in this page’s other quizzes first"
        context.error(block, block.line, message, follows=True)
    else:
        way_out = one_of("names", name, first) if first else f"write “name: {name}” in the quiz that asks it first"
        context.error(block, block.line, f"no quiz on this page has the name “{name}”; {way_out}")
    return name in asked
