"""Blocks of talk and of twins are resolved to what their widgets read; every mistake in one has its line.

Catches: a prompt that the runner's text cannot contain, or that is taken from another text; seeds or limits lost.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import small_site
from authoring import blocks
from small_site import TEXTS, read

RUNNER = "```runner\nseed: macbeth\n```"


@pytest.fixture(scope="module")
def site(root: Path) -> blocks.Site:
    return small_site.site(root)


def test_a_talk_block_begins_with_the_prompt_of_its_runners_samples(site: blocks.Site) -> None:
    page = read(site, f"{RUNNER}\n\n```talk\n```\n\n```samples\n```")
    assert page.errors == []
    _, talk, samples = (block.island for block in page.blocks)
    assert talk["prompt"] == samples["prompt"] != ""
    assert (talk["temperature"], talk["top_k"], talk["characters"], talk["dice"]) == (0.8, None, 200, "macbeth")


def test_an_authors_own_prompt_consists_of_characters_of_the_text(site: blocks.Site) -> None:
    good = "".join(TEXTS["shakespeare"].vocab[:3])
    page = read(site, f'{RUNNER}\n```talk\nprompt: "{good.strip()}"\ntop_k: 5\ntemperature: 0\n```')
    assert page.errors == [] and page.blocks[1].island["top_k"] == 5 and page.blocks[1].island["temperature"] == 0
    (error,) = read(site, f"{RUNNER}\n```talk\ncharacters: 9\nprompt: xΩxЖΩ\n```").errors
    assert error.line == 6 and "has no “Ω”, “Ж”" in error.message
    (error,) = read(site, f"{RUNNER}\n```talk\ntemperature: 9\n```").errors
    assert error.line == 5 and "at most 5" in error.message


def test_twins_have_two_seeds_and_a_runner(site: blocks.Site) -> None:
    page = read(site, f"{RUNNER}\n```twin-seeds\n```")
    assert page.errors == []
    assert page.blocks[1].island["seeds"] == ["hamlet", "hamlet"] and page.blocks[1].island["iterations"] == 40
    page = read(site, f'{RUNNER}\n```twin-seeds\nseeds: [" Lear", Cordelia]\niterations: 7\n```')
    assert page.errors == []
    assert page.blocks[1].island["seeds"] == ["Lear", "Cordelia"] and page.blocks[1].island["iterations"] == 7
    for wrong, line in (("seeds: [one]", 5), ('seeds: [a, "\\u200b"]', 5), ("iterations: 0", 5)):
        (error,) = read(site, f"{RUNNER}\n```twin-seeds\n{wrong}\n```").errors
        assert error.line == line
    (error,) = read(site, "```twin-seeds\n```").errors
    assert "no runner on this page has the session “main”" in error.message
