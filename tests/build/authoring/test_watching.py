"""Catches: a run that is not observed although a block shows its inside, or that is observed for no block."""

from __future__ import annotations

from pathlib import Path

import pytest

import small_site
from authoring import block_kinds, blocks
from authoring.watching import observe_options
from small_site import TEXTS, read

RUNNER = "```runner\n```\n\n```runner\nsession: second\n```"
LINES = {"starts": [9000, 9000, 9137, 9274, 9411, 9548, 9685, 9822, 9959], "length": 40}


@pytest.fixture
def site(root: Path) -> blocks.Site:
    return small_site.site(root)


def test_a_run_is_observed_as_the_blocks_of_its_session_want(
    site: blocks.Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind, watches in (("complete", {"lines"}), ("checkpoint", {"norms"})):
        old = block_kinds.KINDS[kind]
        monkeypatch.setitem(block_kinds.KINDS, kind, block_kinds.Kind(old.resolve, True, watches=frozenset(watches)))
    page = read(site, f"{RUNNER}\n\n```complete\n```\n\n```checkpoint\nsession: second\n```")
    assert page.errors == []
    first, second = (block.island for block in page.blocks[:2])
    assert first["observe"] == {"lines": LINES, "norms": False, "writings": False}
    assert second["observe"] == {"lines": None, "norms": True, "writings": False}


def test_a_run_that_no_block_watches_is_not_observed(site: blocks.Site) -> None:
    page = read(site, f"{RUNNER}\n\n```samples\n```")
    assert page.errors == [] and not any("observe" in block.island for block in page.blocks)


def test_what_several_blocks_want_is_put_together(site: blocks.Site) -> None:
    runner = read(site, RUNNER).blocks[0].island
    options = observe_options(["lines", "norms", "writings", "norms"], runner, TEXTS["shakespeare"])
    assert options == {"lines": LINES, "norms": True, "writings": True}
    assert observe_options([], runner, TEXTS["shakespeare"]) is None
    assert observe_options(["lines"], runner, TEXTS["tiny"]) == {"lines": None, "norms": False, "writings": False}
