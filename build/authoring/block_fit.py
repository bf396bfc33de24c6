"""Checks that values, each of them allowed, fit together: heads and channels, warm-up and length, text and context.

The engines would refuse a misfit too, but here the author gets a message with the line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

Misfit = tuple[tuple[str, ...], str]  # the path of the field to change, and what to say


class Text(Protocol):
    """What the checks, and a run, need to know about a corpus."""

    name: str
    text: str
    sha256: str
    vocab: Sequence[str]
    phases: Sequence[str]
    own_run: Mapping[str, Mapping[str, Any]]


def misfits(fields: dict[str, Any], corpus: Text, description: dict[str, Any]) -> list[Misfit]:
    """Every misfit among a runner's fields; `description` is engine/model.json."""
    limits = description["limits"]
    return [
        *_heads(fields["model"], limits["head_size"], description["model"]["n_head"]),
        *_warmup(fields, description["training"]["iterations"]),
        *_vocabulary(corpus, limits["vocab_size"]),
        *_length(fields["model"]["block_size"], corpus, description),
    ]


def _heads(model: dict[str, int], limits: dict[str, int], default: int) -> list[Misfit]:
    n_embd, n_head = model["n_embd"], model["n_head"]
    fitting = [n for n in range(1, n_embd + 1) if n_embd % n == 0 and limits["min"] <= n_embd // n <= limits["max"]]
    if n_head in fitting:
        return []
    message = (
        f"n_embd: {n_embd} split over n_head: {n_head} gives heads of {n_embd / n_head:.4g} channels; the engines take "
        f"whole numbers from {limits['min']} to {limits['max']}, so n_head can be {_listed(fitting)} here"
    )
    return [(("model", "n_embd" if n_head == default else "n_head"), message)]


def _warmup(fields: dict[str, Any], default_iterations: int) -> list[Misfit]:
    warmup, iterations = fields["warmup_iterations"], fields["iterations"]
    if warmup <= iterations:
        return []
    message = (
        f"a warm-up of {warmup} iterations does not fit into {iterations}; "
        "set warmup_iterations lower, or iterations higher"
    )
    return [(("warmup_iterations" if iterations == default_iterations else "iterations",), message)]


def _vocabulary(corpus: Text, limits: dict[str, int]) -> list[Misfit]:
    size = len(corpus.vocab)
    if limits["min"] <= size <= limits["max"]:
        return []
    message = (
        f"the corpus “{corpus.name}” has {size} different characters, and the engines take "
        f"{limits['min']} to {limits['max']}; choose another text, or replace its rarest characters"
    )
    return [(("corpus",), message)]


def _length(block_size: int, corpus: Text, description: dict[str, Any]) -> list[Misfit]:
    """Training and validation text each need a window and the character after it."""
    length, smallest = len(corpus.text), description["limits"]["block_size"]["min"]
    if length >= 2 * (block_size + 1):
        return []
    largest = length // 2 - 1
    way_out = (
        f"the largest that fits is block_size: {largest}"
        if largest >= smallest
        else f"it needs at least {2 * (smallest + 1)}"
    )
    message = f"the corpus “{corpus.name}” has {length} characters, too few for block_size: {block_size}; {way_out}"
    chosen = block_size != description["model"]["block_size"]
    return [(("model", "block_size") if chosen else ("corpus",), message)]


def _listed(numbers: list[int]) -> str:
    words = [str(number) for number in numbers]
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " or " + words[-1]
