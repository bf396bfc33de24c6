"""Blocks about the inside of a run are resolved to what their widgets read; every mistake in one has its line.

Catches: a block that shows another line than the one on which its run is observed, or a line that the text lacks.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import small_site
from authoring import blocks
from small_site import TEXTS, SmallText, read

SPEECH = "GREMIO:\nGood morrow, neighbour Baptista.\n"
PLAY = SmallText("play", "x" * 9_000 + "?\n\n" + SPEECH + "y" * 956, "x" * 20)


@pytest.fixture(scope="module")
def site(root: Path) -> blocks.Site:
    texts = TEXTS | {"play": PLAY}
    return replace(small_site.site(root), corpus_names=list(texts), corpus=texts.__getitem__)


def test_a_surprise_block_shows_the_line_on_which_its_run_is_observed(site: blocks.Site) -> None:
    page = read(site, "```surprise\ncompare: fivegram\n```\n\n```runner\ncorpus: play\n```")
    assert page.errors == []
    surprise, runner = (block.island for block in page.blocks)
    assert (surprise["text"], surprise["compare"], surprise["corpus"]) == (SPEECH, "fivegram", "play")
    start, length = runner["observe"]["lines"]["starts"][0], runner["observe"]["lines"]["length"]
    assert PLAY.text[start : start + length + 1] == SPEECH


def test_a_model_with_a_short_context_has_a_shorter_line(site: blocks.Site) -> None:
    page = read(site, "```runner\nmodel: {block_size: 16}\n```\n\n```surprise\n```")
    assert page.errors == [] and len(page.blocks[1].island["text"]) == 17


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("```surprise\n```", 1, "no runner on this page has the session “main”"),
        ("```runner\n```\n```surprise\nsession: other\n```", 3, "no runner on this page has the session “other”"),
        ("```runner\n```\n```surprise\ncompare: uniform\n```", 4, "uniform"),
        (
            "```runner\ncorpus: tiny\nmodel: {block_size: 8}\nbatch_size: 4\n```\n```surprise\n```",
            6,
            "the validation part of the text tiny is too short for a line",
        ),
    ],
)
def test_each_mistake_has_its_line(site: blocks.Site, text: str, line: int, said: str) -> None:
    (error,) = read(site, text).errors
    assert error.line == line and said in error.message
