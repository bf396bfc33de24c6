"""Which texts a page loads at once, and which only when their runner comes near the view.

The first runner's text comes with the page, so that its reader can start immediately. A page with more runners may
train on more texts; most readers leave before they reach those runners, and so save a download.
"""

from __future__ import annotations

from collections.abc import Iterable

from authoring.block import Block
from texts import corpus_script
from texts.corpus import Corpus


def texts_of(blocks: Iterable[Block]) -> tuple[list[str], list[str]]:
    """The names of a page's texts: those that it loads at once, and those that it loads late."""
    islands = [block.island for block in blocks if block.island and "corpus" in block.island]
    runners = [island["corpus"] for island in islands if island["kind"] == "runner"]
    first = {*runners[:1], *(island["corpus"] for island in islands if island["kind"] == "speed")}
    return sorted(first), sorted({island["corpus"] for island in islands} - first)


def mark(blocks: Iterable[Block], texts: dict[str, Corpus]) -> None:
    """Gives each runner whose text comes late what the page must know about that text before then."""
    blocks = list(blocks)
    _, late = texts_of(blocks)
    for block in blocks:
        if block.kind == "runner" and block.island and block.island["corpus"] in late:
            block.island["text"] = corpus_script.about(texts[block.island["corpus"]])
