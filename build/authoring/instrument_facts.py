"""What the templates of blocks that show the inside of a run receive besides the island."""

from __future__ import annotations

from typing import Any

from authoring.block import Block
from recorded import surprise_cells
from recorded.recorded_seen import Seen
from texts import rungs
from texts.corpus import Corpus

DECIMALS = 4  # of surprises in a page, in nats


def surprise(block: Block, corpus: Corpus, seen: Seen | None) -> dict[str, Any]:
    """The island with what models that count say of the line; and the line at the end of the recorded run."""
    island, line = block.island, block.island["text"]
    recorded = _recorded(line, seen)
    models = [
        {
            "name": name,
            "title": rungs.NAMES[name],
            "looks_back": order,
            "surprise": [round(nats, DECIMALS) for nats in corpus.surprises(line)[name]],
        }
        for order, name in enumerate([*rungs.NAMES][1:])
    ]
    top = surprise_cells.top(len(corpus.vocab))
    numbers = {"margin_nats": surprise_cells.BETTER, "top_nats": top}
    island = island | {"models": models, "recorded": recorded} | numbers
    counting = next(one for one in models if one["name"] == island["compare"])
    end = recorded[-1] if recorded else None
    model = end["surprise"] if end else None
    return {
        "island": island,
        "end": end,
        "counting": counting,
        "cells": surprise_cells.drawn(line, model, counting["surprise"], top),
        "worked_out": surprise_cells.worked_out,
        "visible": surprise_cells.visible,
    }


def _recorded(line: str, seen: Seen | None) -> list[dict[str, Any]]:
    """For each milestone of the recorded run, its iteration and the surprises on this line."""
    if seen is None or seen.facts["text"] != line:
        return []
    milestones = seen.facts["milestones"]
    return [{"iteration": one["iteration"], "surprise": one["line"]["surprise"]} for one in milestones if one["line"]]
