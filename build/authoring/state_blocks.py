"""Blocks that show a run's state: pictures of its weights, its file's bytes, and what happens without parts of it."""

from __future__ import annotations

from collections.abc import Callable

from authoring import quizzes
from authoring.block import Block, Context, LineOf
from authoring.block import Fields as Values
from authoring.state_fields import SHOWN, WAYS
from recorded.recorded_states import command, of_text


def _of_a_run(kind: str) -> Callable[[Context, Block, Values, LineOf], None]:
    """A block that shows a run's state, and, where there is a recording of it, the recorded run's."""

    def resolve(context: Context, block: Block, fields: Values, line_of: LineOf) -> None:
        block.island = {"kind": kind, "corpus": context.site.main_corpus} | fields

    return resolve


def _resolve_resumes(context: Context, block: Block, fields: Values, line_of: LineOf) -> None:
    if ("question" in fields) != ("parts" in fields):
        given, other = ("question", "parts") if "question" in fields else ("parts", "question")
        context.error(block, line_of(given), f"{given} needs {other}; add {other}, or remove {given}")
        return
    parts = [
        {
            "text": context.inline(block, line_of("parts", index, "text"), part["text"]),
            "needed": part.get("needed", False),
            "why": context.inline(block, line_of("parts", index, "why"), part["why"]),
        }
        for index, part in enumerate(fields.get("parts", []))
    ]
    block.island = {
        "kind": "resumes",
        "session": fields["session"],
        "corpus": context.site.main_corpus,
        "ways": fields.get("ways", list(WAYS)),
        "live": fields["live"],
        "identity": quizzes.identity_of([fields.get("question"), fields.get("parts")]),
        "question": context.inline(block, line_of("question"), fields["question"]) if parts else "",
        "parts": parts,
    }
    block.finish = lambda runner: _need_recording(context, block, runner)


def _need_recording(context: Context, block: Block, runner: Block) -> None:
    """Reports a block whose runner has another run than the lesson's, or whose text has no recorded states."""
    site, island = context.site, runner.island
    usual = {
        "seed": site.description["seed"],
        "model": site.description["model"],
        "training": site.description["training"],
    }
    other = next((name for name, value in usual.items() if island[name] != value), None)
    if other:
        message = f"it shows the lesson's run, and the runner at line {runner.line} has another {other}"
        context.error(block, block.line, f"{message}; use the session of a runner with the usual one")
    elif of_text(site.states, site.corpus(island["corpus"]).sha256) is None:
        again = command(island["corpus"])
        on = f"on the text of its runner, {island['corpus']}"
        context.error(
            block, block.line, f"the states of the lesson's run have not been recorded {on}; record them: {again}"
        )


# By kind, what sets a block's island, or reports an error.
RESOLVE = {kind: _of_a_run(kind) for kind in SHOWN} | {"resumes": _resolve_resumes}
