"""What a block's template receives: the recordings that it shows are of its runner's text and model.

Catches: a recorded run of another model or text that a page without JavaScript shows as if it were its runner's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from authoring import block_facts, blocks, presets, shapes
from model.model_json import read_description
from recorded.recorded_runs import Recording, run_config
from system.project import ROOT

TEXTS = {
    name: SimpleNamespace(
        name=name, text=name * 9000, sha256=name, vocab="x" * 65, phases=("a", "b", "c", "d"), own_run={}
    )
    for name in ("one", "two")
}


@dataclass
class Known:
    site: blocks.Site
    page: blocks.Page
    texts: dict[str, Any] = field(default_factory=lambda: TEXTS)
    speed: Any = None
    cards: Iterable[Any] = ()

    def beside(self, block: blocks.Block) -> list[blocks.Block]:
        return self.page.blocks


@pytest.fixture(scope="module")
def site() -> blocks.Site:
    description, known = read_description(ROOT), presets.read(ROOT)
    rows = [{"iteration": 0, "train": 4.0, "val": 4.1}, {"iteration": 1, "train": None, "val": 3.0}]
    found = [
        Recording(
            f"docs/recorded/preset-one-{preset.name}.json",
            {
                "config": run_config(description, 65, preset),
                "corpus": {"name": "one", "sha256": "one", "vocab_size": 65},
                "preset": preset.name,
                "curve": rows,
            },
        )
        for preset in known
    ]
    given = {"shapes": shapes.read(ROOT), "presets": known, "recordings": found}
    return blocks.Site(description, "one", [*TEXTS], TEXTS.__getitem__, **given)


@pytest.mark.parametrize(
    ("runner", "shown"),
    [
        ("", True),
        ("iterations: 300\nseed: x", True),
        ("model: {n_layer: 2}", False),
        ("model: {block_size: 32}", False),
        ("corpus: two", False),
        ("session: small\nmodel: {n_layer: 2}\n```\n\n```runner", True),  # another session's model
    ],
)
def test_presets_show_the_recordings_of_their_runners_model_and_text(
    site: blocks.Site, runner: str, shown: bool
) -> None:
    markdown = f"```runner\n{runner}\n```\n\n```presets\n```"
    page = blocks.read_page(markdown, "docs/x.md", range(1, 30), site)
    assert page.errors == []
    facts = block_facts.facts(page.blocks[-1], Known(site, page))
    assert [*facts["recorded"]] == (site.presets.names if shown else [])
