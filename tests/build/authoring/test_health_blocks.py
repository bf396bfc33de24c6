"""The block `instruments`, and the strip below each preset: what is observed for them, and mistakes in their fields.

Catches: a strip without numbers, because no block asks for them or the recording is of another run; a preset that does
not exist; a mistake without its line.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

import small_site
from authoring import block_facts, blocks
from model.preset import OBSERVED
from recorded.recorded_seen import Seen
from small_site import TEXTS, read

RUNNER = "```runner\n{}\n```\n\n"
NORMS = {"gradient": [1.0, 0.5, 0.01, 0.01, 0.01, 0.1], "update": [0.1] * 6, "weight": [2.0, *[10.0] * 4, 8.0]}


@pytest.fixture(scope="module")
def site(root: Path) -> blocks.Site:
    """The site with norms of one preset on one text."""
    milestones = [{"iteration": 0, "norms": None}, {"iteration": 1, "norms": NORMS}]
    facts = {
        "corpus": {"name": "shakespeare", "sha256": TEXTS["shakespeare"].sha256},
        "milestones": milestones,
        "presets": {"dead": {"milestones": milestones, "fingerprint": ""}},
    }
    return replace(small_site.site(root), seen=[Seen("docs/recorded/seen-shakespeare.json", facts)])


def facts_of(site: blocks.Site, text: str) -> dict:
    page = read(site, text)
    assert page.errors == []
    known = SimpleNamespace(site=site, texts=TEXTS, beside=lambda _block: page.blocks)
    return block_facts.facts(page.blocks[-1], known)


def test_its_run_is_observed(site: blocks.Site) -> None:
    page = read(site, RUNNER.format("") + "```instruments\n```")
    assert page.errors == []
    assert page.blocks[0].island["observe"]["norms"] and page.blocks[0].island["observe"]["lines"]


def test_runs_of_presets_and_experiments_are_observed_from_the_first_update(site: blocks.Site) -> None:
    assert read(site, RUNNER.format("") + "```presets\n```").blocks[1].island["observe"] == OBSERVED
    assert OBSERVED["early_norms"][0] == 1


def test_a_preset_has_its_recorded_norms(site: blocks.Site) -> None:
    facts = facts_of(site, RUNNER.format("corpus: shakespeare") + "```instruments\npreset: dead\n```")
    island = facts["island"]
    assert island["recorded"] == [{"iteration": 1, "norms": NORMS}]
    assert island["iterations"] == site.presets.by_name["dead"].training["iterations"]
    assert "“dead”" in island["label"]
    assert facts["says"].startswith("At iteration 1 the norm of the gradient is 1.1")
    assert len(facts["rows"]) == 2


@pytest.mark.parametrize("runner", ["corpus: play-machine", "corpus: shakespeare\nmodel: {n_layer: 2}"])
def test_another_text_or_model_has_none(site: blocks.Site, runner: str) -> None:
    facts = facts_of(site, RUNNER.format(runner) + "```instruments\npreset: dead\n```")
    assert facts["island"]["recorded"] == [] and {cell["value"] for cell in facts["rows"][0]["cells"]} == {"–"}
    assert facts["says"].startswith("Nothing is measured yet")


def test_a_run_that_is_not_recorded_has_none(site: blocks.Site) -> None:
    facts = facts_of(site, RUNNER.format("corpus: shakespeare\niterations: 777") + "```instruments\n```")
    assert facts["island"]["recorded"] == [] and facts["island"]["iterations"] == 777


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (RUNNER.format("") + "```instruments\npreset: deed\n```", 6, "there is no preset “deed” in docs/presets.yml"),
        ("```instruments\n```", 1, "no runner on this page"),
    ],
)
def test_a_mistake_has_its_line(site: blocks.Site, text: str, line: int, said: str) -> None:
    (error,) = read(site, text).errors
    assert said in error.message and error.line == line
