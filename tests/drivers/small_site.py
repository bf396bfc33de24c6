"""A site of small texts for tests of blocks, without files of its own, and a way to read a page on it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from authoring import blocks, presets, shapes
from model.model_json import read_description
from recorded.recorded_runs import Recording


@dataclass
class SmallText:
    name: str
    text: str
    vocab: str
    phases: tuple[str, ...] = ("one", "two", "three", "four")
    own_run: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


TEXTS = {
    "shakespeare": SmallText("shakespeare", "x" * 10_000, "x" * 65),
    "play-machine": SmallText("play-machine", "y" * 10_000, "x" * 65),
    "tiny": SmallText("tiny", "x" * 60, "x" * 12),
}


# A run on a text that is not available, so that a replay of it needs none of the texts above.
RECORDED = {
    "corpus": {"name": "elsewhere", "sha256": "", "vocab_size": 9},
    "config": {
        "training": {"iterations": 1},
        "model": {"n_layer": 1, "n_head": 1, "n_embd": 8, "block_size": 8, "mlp_ratio": 4, "vocab_size": 9},
    },
    "engine": "cpu",
    "seed": "x",
    "whole_val": None,
    "curve": [{"iteration": 0, "train": 2.0, "val": None}],
    "samples": [],
}


def site(root: Path) -> blocks.Site:
    given = {
        "shapes": shapes.read(root),
        "presets": presets.read(root),
        "recordings": [Recording("docs/recorded/run-elsewhere.json", RECORDED)],
    }
    return blocks.Site(read_description(root), "shakespeare", list(TEXTS), TEXTS.__getitem__, **given)


def read(site: blocks.Site, markdown: str) -> blocks.Page:
    return blocks.read_page(markdown, "docs/x.md", range(1, markdown.count("\n") + 2), site)


def runner(fields: str) -> str:
    return f"```runner\n{fields}\n```"
