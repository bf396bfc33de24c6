"""What the HTML of a block, overrides/widgets/<kind>.html, is told besides its island."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from block_kinds import Block, Site
from corpus import Corpus
from model_facts import count_parameters
from recorded_speed import Recorded

Facts = dict[str, Any]


class Known(Protocol):
    """What the build knows beyond the blocks."""

    corpora: Mapping[str, Corpus]
    site: Site | None
    recorded: Recorded | None


def facts(block: Block, known: Known) -> Facts:
    """Every kind gets its island, its key and model.json; the corpus where it has one; and what MORE adds."""
    common: Facts = {"island": block.island, "key": block.key, "description": known.site.description}
    if "corpus" in block.island:
        common["corpus"] = known.corpora[block.island["corpus"]]
    more = MORE.get(block.kind)
    return common | (more(block, known) if more else {})


def _runner(block: Block, known: Known) -> Facts:
    corpus = known.corpora[block.island["corpus"]]
    return {"n_params": count_parameters({**block.island["model"], "vocab_size": len(corpus.vocab)})}


def _speed(block: Block, known: Known) -> Facts:
    return {"recorded": known.recorded}


MORE: dict[str, Callable[[Block, Known], Facts]] = {"runner": _runner, "speed": _speed}
